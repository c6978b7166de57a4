import { SpanKind, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CostBaggagePropagator } from '../../src/attribution/baggage/cost-baggage-propagator.ts';
import { callerContext } from '../../src/attribution/caller-context.ts';
import { withCustomer } from '../../src/attribution/scope.ts';
import {
  ConfigError,
  estimateCost,
  meterFetch,
  priceResponse,
  type ProviderRegistration,
  registerProvider,
  userPrices,
} from '../../src/index.ts';
import { identifyHost } from '../../src/providers/host.ts';
import { HeardCalls } from '../support/heard-calls.ts';
import { findEndpoint } from '../../src/wire/wires.ts';
import { toyProvider, toyWire } from './toy/toy-provider.ts';

const prices = userPrices('test/wire/toy/prices.yaml');
const url = 'https://api.toy.example/v1/think';
const answer = { answer: 'a-1', brain: 'owl-1', spent: { in: 1000, out: 100 } };

describe('a provider from outside', () => {
  let leave: () => void;
  beforeEach(() => {
    leave = registerProvider({ provider: toyProvider, wire: toyWire });
  });
  afterEach(() => leave());

  test('is recognised by its host and by its other name', () => {
    expect(identifyHost(url)).toEqual({ provider: 'toy', includeUsage: false });
    expect(priceResponse(answer, { provider: 'toy-ai', prices }).amount).toBe('0.003');
  });

  // 1000 × 2/M + 100 × 10/M = 0.003
  test.each([
    ['by its address', answer, { url }],
    ['by its shape', answer, { provider: 'toy' }],
    ['by its shape, whoever sent it', answer, { provider: 'toy', url: 'https://proxy.example/x' }],
    ['streamed', [{ piece: 'Hel' }, { piece: 'lo' }, answer], { url: `${url}/aloud` }],
  ])('is read and priced %s', (_, body, options) => {
    expect(priceResponse(body, { ...options, prices })).toMatchObject({ status: 'priced', amount: '0.003' });
  });

  test('has a free call that stays free', () => {
    const cost = priceResponse(answer, { url: 'https://api.toy.example/v1/weigh', prices });
    expect(cost).toMatchObject({ status: 'free', amount: '0' });
  });

  test('says how its streams look', () => {
    expect(findEndpoint('toy', 'POST', `${url}/aloud`)).toMatchObject({
      alwaysStreams: true,
      streamFormat: 'ndjson',
    });
  });

  test('bounds a request by its own limit', () => {
    // At most 100 tokens out: 100 × 10/M = 0.001, and no more bytes in than the request has.
    const request = { brain: 'owl-1', say: 'Hi', most: 100 };
    const bytes = JSON.stringify(request).length;
    expect(estimateCost(request, { provider: 'toy', prices }).upperBound.amount).toBe(
      String((bytes * 2 + 1000) / 1e6),
    );
  });

  test('is never told who the customer is', () => {
    const headers: Record<string, string> = {};
    const span = Object.assign(
      trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 }),
      { kind: SpanKind.CLIENT, attributes: { 'url.full': url } },
    );
    const inject = (): void =>
      withCustomer('acme', () =>
        new CostBaggagePropagator({ outbound: { allow: ['*'] } }).inject(
          trace.setSpan(callerContext(), span),
          headers,
          {
            set: (carrier, name, value) => {
              carrier[name] = value;
            },
          },
        ),
      );
    inject();
    expect(headers.baggage).toBeUndefined();
    leave();
    inject();
    expect(headers.baggage).toContain('acme');
  });

  test('is metered by the net beneath the SDKs, streamed or not, and its free call is not', async () => {
    using heard = new HeardCalls();
    const lines = [{ piece: 'Hel' }, { piece: 'lo' }, answer].map((event) => `${JSON.stringify(event)}\n`);
    const metered = meterFetch((input) =>
      Promise.resolve(
        new Request(input).url.endsWith('/aloud')
          ? new Response(lines.join(''), { headers: { 'content-type': 'application/x-ndjson' } })
          : Response.json(answer),
      ),
    );
    const init = { method: 'POST', body: JSON.stringify({ brain: 'owl-1', say: 'Hi' }) };
    await withCustomer('acme', async () => {
      await (await metered('https://api.toy.example/v1/weigh', init)).json();
      await (await metered(url, init)).json();
      expect(await (await metered(`${url}/aloud`, init)).text()).toBe(lines.join(''));
    });
    await heard.count(2);
    for (const call of heard.calls) {
      expect(call).toMatchObject({
        provider: 'toy',
        operation: 'chat',
        attribution: { customer: 'acme' },
        request: { model: 'owl-1' },
        consumed: { kind: 'counted', usage: { inputTokens: 1000, outputTokens: 100 } },
      });
    }
  });

  test('is known to every copy of the package in the process, and forgotten by all', async () => {
    vi.resetModules();
    const copy = await import('../../src/index.ts');
    expect(copy.registerProvider).not.toBe(registerProvider);
    const cost = (): unknown => copy.priceResponse(answer, { url, prices }).amount;
    expect(cost()).toBe('0.003');
    leave();
    expect(cost()).toBeUndefined();
    leave = copy.registerProvider({ provider: toyProvider, wire: toyWire });
    expect(identifyHost(url).provider).toBe('toy');
    expect(priceResponse(answer, { url, prices }).amount).toBe('0.003');
  });

  test('is forgotten when it leaves', () => {
    leave();
    expect(identifyHost('https://api.toy.example').includeUsage).toBe(false);
    expect(findEndpoint('toy', 'POST', `${url}/aloud`)).toBeUndefined();
  });

  test('comes before a built-in provider of the same host', () => {
    const replace = registerProvider({
      provider: { name: 'proxy', hosts: ['api.openai.com'], wires: ['openai'] },
    });
    expect(identifyHost('https://api.openai.com/v1').provider).toBe('proxy');
    replace();
    expect(identifyHost('https://api.openai.com/v1').provider).toBe('openai');
  });
});

test.each<[string, unknown, string]>([
  ['no provider', {}, "expected 'provider' to be a record with a name"],
  ['no name', { provider: { hosts: [] } }, 'expected provider.name to be a text'],
  ['an unknown field', { provider: { name: 'x', host: [] } }, "Did you mean 'hosts'?"],
  ['a URL for a host', { provider: { name: 'x', hosts: ['https://x.example'] } }, 'Give the domain alone'],
  ['hosts that are no list', { provider: { name: 'x', hosts: 'x.example' } }, 'provider.hosts to be a list'],
  ['a wire nobody speaks', { provider: { name: 'x', wires: ['opanai'] } }, "Did you mean 'openai'?"],
  ['a wire that is none', { provider: { name: 'x' }, wire: {} }, "expected 'wire' to be { name, endpoints"],
  [
    'the name of another wire',
    { provider: { name: 'x' }, wire: { name: 'openai', endpoints: [] } },
    "a wire called 'openai' is there already",
  ],
  [
    'a call that nothing reads',
    {
      provider: { name: 'x' },
      wire: { name: 'x', endpoints: [{ method: 'POST', path: '/a', operation: 'chat' }] },
    },
    'readResponse } or { …, free: true }',
  ],
])('a registration with %s is refused', (_, registration, reason) => {
  const register = (): unknown => registerProvider(registration as ProviderRegistration);
  expect(register).toThrow(ConfigError);
  expect(register).toThrow(reason);
});
