import { createRequire } from 'node:module';
import Anthropic from '@anthropic-ai/sdk';
import { context, propagation } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CostBaggagePropagator } from '../../src/attribution/baggage/cost-baggage-propagator.ts';
import { configureAttributionNames } from '../../src/attribution/names.ts';
import { withCustomer } from '../../src/attribution/scope.ts';
import { AnthropicInstrumentation } from '../../src/instrumentations/anthropic/instrumentation.ts';
import { OpenAIInstrumentation } from '../../src/instrumentations/openai/instrumentation.ts';
import { HeardCalls } from '../support/heard-calls.ts';
import { json, ProviderServer, sse } from '../support/provider-server.ts';
import { chatChunksWithUsage, chatCompletion, message, messageEvents } from '../support/wire.ts';

const openai = new OpenAIInstrumentation();
const anthropic = new AnthropicInstrumentation();
const instrumentations = [openai, anthropic, new UndiciInstrumentation(), new HttpInstrumentation()];
const messages = [{ role: 'user' as const, content: 'Hello' }];

let server: ProviderServer;
let sdk: NodeSDK | undefined;
const constructed: CostBaggagePropagator[] = [];

beforeAll(async () => {
  openai.manuallyInstrument(OpenAI);
  anthropic.manuallyInstrument(Anthropic);
  server = await ProviderServer.start();
  createRequire(import.meta.url)('node:http');
});
afterAll(() => server.stop());
afterEach(async () => {
  await sdk?.shutdown();
  context.disable();
  propagation.disable();
  configureAttributionNames({});
  for (const propagator of constructed.splice(0)) propagator.shutdown();
});

/** Every call in every way, for a customer named in a scope and in the application's own baggage. */
async function callProviders(names: { readonly customer: string; readonly feature: string }): Promise<void> {
  const gpt = new OpenAI({ apiKey: 'sk', baseURL: `${server.url}/v1` });
  const claude = new Anthropic({ apiKey: 'sk', baseURL: server.url });
  const chat = { model: 'gpt-4o', messages };
  const ask = { model: 'claude-sonnet-4-6', max_tokens: 9, messages };
  const calls = async (): Promise<void> => {
    await gpt.chat.completions.create(chat);
    for await (const _ of await gpt.chat.completions.create({ ...chat, stream: true }));
    await gpt.models.list();
    await claude.messages.create(ask);
    for await (const _ of await claude.messages.create({ ...ask, stream: true }));
    await claude.models.list();
  };
  server.answer((request, response) => {
    const isChat = request.path.startsWith('/v1/chat');
    if (request.method === 'GET') return json({ data: [], has_more: false })(request, response);
    if (request.json().stream === true)
      return isChat ? sse(chatChunksWithUsage)(request, response) : sse(messageEvents)(request, response);
    return json(isChat ? chatCompletion : message)(request, response);
  });
  const baggage = propagation.createBaggage({
    plan: { value: 'pro' },
    [names.customer]: { value: 'acme-in-baggage' },
    [names.feature]: { value: 'feature-in-baggage' },
  });
  const inBaggage = propagation.setBaggage(context.active(), baggage);
  await context.with(inBaggage, calls);
  await withCustomer('acme-in-scope', { feature: 'feature-in-scope' }, calls);
  await context.with(inBaggage, () => withCustomer('acme-in-scope', calls));
}

describe.each([
  ['sampled', new AlwaysOnSampler()],
  ['sampled out', new AlwaysOffSampler()],
])('what a provider gets to see, %s', (_, sampler) => {
  it.each(['NodeSDK default', 'CostBaggagePropagator, allowing everybody'])(
    "is the application's own baggage and nothing of ours, with the propagators: %s",
    async (propagators) => {
      const cost = (): CostBaggagePropagator => {
        const propagator = new CostBaggagePropagator({ outbound: { allow: ['*'] } });
        constructed.push(propagator);
        return propagator;
      };
      const composite = (): CompositePropagator =>
        new CompositePropagator({
          propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator(), cost()],
        });
      sdk = new NodeSDK({
        sampler,
        instrumentations,
        ...(propagators === 'NodeSDK default' ? {} : { textMapPropagator: composite() }),
      });
      sdk.start();
      using heard = new HeardCalls();
      await callProviders({ customer: 'costspan.customer', feature: 'costspan.context.feature' });
      // 3 rounds × (2 of OpenAI + 2 of Anthropic) billable calls; with the 2 free ones 18 requests
      await heard.count(12);
      expect(heard.calls.map(({ attribution }) => attribution.customer)).toEqual([
        ...Array.from({ length: 4 }, () => 'acme-in-baggage'),
        ...Array.from({ length: 8 }, () => 'acme-in-scope'),
      ]);
      expect(server.requests).toHaveLength(18);
      for (const { headers } of server.requests) {
        expect(JSON.stringify(headers)).not.toMatch(/costspan|acme|feature-in/i);
      }
      expect(server.requests[0]?.headers['baggage']).toContain('plan=pro');
    },
  );

  it('leaves out the names of an organisation too, with stock propagators', async () => {
    configureAttributionNames({ customer: 'customer.id', contextPrefix: 'cost.' });
    sdk = new NodeSDK({ sampler, instrumentations });
    sdk.start();
    using heard = new HeardCalls();
    await callProviders({ customer: 'customer.id', feature: 'cost.feature' });
    await heard.count(12);
    for (const { headers } of server.requests)
      expect(JSON.stringify(headers)).not.toMatch(/customer|acme|feature-in/i);
  });
});

it('bills 1,000 interleaved calls of 500 customers on one client right, plain and streamed', async () => {
  using heard = new HeardCalls();
  const answer = (body: unknown): Response =>
    new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
  const events = `${chatChunksWithUsage.map((chunk) => `data: ${JSON.stringify(chunk)}`).join('\n\n')}\n\ndata: [DONE]\n\n`;
  const client = new OpenAI({
    apiKey: 'sk',
    fetch: async (_url, init) => {
      await new Promise((resolve) => void setTimeout(resolve, Math.random() * 20));
      const { stream } = JSON.parse(init?.body as string) as { stream?: boolean };
      return stream === true
        ? new Response(events, { headers: { 'content-type': 'text/event-stream' } })
        : answer(chatCompletion);
    },
  });
  const expected = new Map<string, number>();
  await Promise.all(
    Array.from({ length: 1000 }, (_, index) => {
      const customer = `customer-${index % 500}`;
      expected.set(`${customer}/${index}`, 1);
      return withCustomer(customer, { index }, async () => {
        const chat = { model: 'gpt-4o', messages };
        if (index % 2 === 0) await client.chat.completions.create(chat);
        else for await (const _ of await client.chat.completions.create({ ...chat, stream: true }));
      });
    }),
  );
  await heard.count(1000);
  const got = new Map<string, number>();
  for (const { attribution } of heard.calls) {
    const key = `${attribution.customer}/${attribution.context.index as number}`;
    got.set(key, (got.get(key) ?? 0) + 1);
  }
  expect(Object.fromEntries(got)).toEqual(Object.fromEntries(expected));
});
