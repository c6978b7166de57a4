import type { IncomingHttpHeaders } from 'node:http';
import {
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { CompositePropagator, suppressTracing, W3CBaggagePropagator } from '@opentelemetry/core';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Attribution } from '../../../src/attribution/attribution.ts';
import { attributionOf, withAttribution, withoutCostEntries } from '../../../src/attribution/who-pays.ts';
import { callerContext } from '../../../src/attribution/caller-context.ts';
import {
  CostBaggagePropagator,
  type CostBaggagePropagatorOptions,
} from '../../../src/attribution/baggage/cost-baggage-propagator.ts';
import { configureAttributionNames } from '../../../src/attribution/names.ts';
import { createRedactor, joinRedactor } from '../../../src/attribution/redact.ts';
import { snapshotAttribution, withCustomer } from '../../../src/attribution/scope.ts';
import { ConfigError } from '../../../src/base/errors.ts';

const NOW = Date.UTC(2026, 10, 20, 10);
const SECRETS = ['new key', 'old key'];
const tracer = new TracerProvider().getTracer('test');

type Headers = Record<string, string>;

/** What an HTTP client's instrumentation does: a client span that names the host, and an inject into the headers. */
function send(propagator: CostBaggagePropagator, from: Context, host = 'orders.internal'): Headers {
  const span = tracer.startSpan('GET', {
    kind: SpanKind.CLIENT,
    attributes: { 'server.address': host, 'server.port': 443 },
  });
  const headers: Headers = {};
  propagator.inject(trace.setSpan(from, span), headers, defaultTextMapSetter);
  return headers;
}

const receive = (propagator: CostBaggagePropagator, headers: object): Context =>
  propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);

const service = (options: CostBaggagePropagatorOptions = {}): CostBaggagePropagator =>
  new CostBaggagePropagator({
    inbound: 'signed',
    secrets: SECRETS,
    outbound: { allow: ['*.internal', 'localhost:8080'] },
    now: () => NOW,
    ...options,
  });

const acme = withCustomer('acme', { feature: 'chat', n: 3 }, callerContext);
const arrived = (customer: string | null, context: object): Attribution =>
  ({ customer, source: 'inbound', context, tracked: true, persist: true }) as Attribution;

describe('signed baggage between two of our services', () => {
  it('brings customer and context, typed', () => {
    const headers = send(service(), acme);
    expect(attributionOf(receive(service(), headers))).toEqual(arrived('acme', { feature: 'chat', n: 3 }));
  });

  it('brings any customer and any context within the limits back unchanged', () => {
    const anyText = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        anyText.filter((text) => text !== ''),
        fc.dictionary(
          anyText.filter((text) => text.isWellFormed()),
          fc.oneof(anyText, fc.jsonValue({ maxDepth: 2 })),
          { maxKeys: 3 },
        ),
        (customer, values) => {
          const said = withCustomer(customer, values as never, snapshotAttribution);
          const headers = send(service(), withAttribution(ROOT_CONTEXT, said));
          fc.pre(!headers.baggage?.includes('context_cut'));
          expect(attributionOf(receive(service(), headers))).toEqual({ ...said, source: 'inbound' });
        },
      ),
    );
  });

  it('brings "explicitly nobody"', () => {
    const headers = send(service(), withCustomer(null, callerContext));
    expect(attributionOf(receive(service(), headers))).toEqual(arrived(null, {}));
  });

  it('never beats what the application says itself', () => {
    const ctx = receive(service(), send(service(), acme));
    expect(attributionOf(withAttribution(ctx, withCustomer('own', snapshotAttribution))).customer).toBe(
      'own',
    );
    const baggage = propagation.createBaggage({ 'costspan.customer': { value: 'own' } });
    expect(attributionOf(propagation.setBaggage(ctx, baggage))).toMatchObject({
      customer: 'own',
      source: 'baggage',
    });
  });

  it('verifies with every key during a rotation, and with no other', () => {
    const fromOld = send(service({ secrets: ['old key'] }), acme);
    expect(attributionOf(receive(service(), fromOld)).customer).toBe('acme');
    expect(attributionOf(receive(service({ secrets: ['third key'] }), fromOld)).customer).toBeUndefined();
  });

  it('expires: one minute by default, counted both ways', () => {
    const headers = send(service(), acme);
    for (const [offset, customer] of [
      [60_000, 'acme'],
      [60_001, undefined],
      [-60_000, 'acme'],
      [-60_001, undefined],
    ] as const) {
      const later = service({ now: () => NOW + offset });
      expect(attributionOf(receive(later, headers)).customer).toBe(customer);
    }
  });

  it('is accepted once; the same request may be read twice', () => {
    const receiver = service();
    const headers = send(service(), acme);
    expect(attributionOf(receive(receiver, headers)).customer).toBe('acme');
    expect(attributionOf(receive(receiver, headers)).customer).toBe('acme');
    expect(attributionOf(receive(receiver, { ...headers })).customer).toBeUndefined();
    const lax = service({ replayWindowMs: 0 });
    expect(attributionOf(receive(lax, { ...headers })).customer).toBe('acme');
    expect(attributionOf(receive(lax, { ...headers })).customer).toBe('acme');
  });

  it('is ignored when anything of it was changed, added or taken away', () => {
    const { baggage = '' } = send(service(), acme);
    const parts = baggage.split(',');
    const signature = parts.findIndex((part) => part.startsWith('costspan.signature='));
    const forgeries = [
      baggage.replace('acme', 'evil'),
      `${baggage},costspan.customer=evil`,
      `${baggage},costspan.context.extra=1`,
      parts.filter((_, index) => index !== 1).join(','),
      parts.filter((_, index) => index !== signature).join(','),
      baggage.replace(/v1\.(\w+)\./, 'v1.1.'),
      baggage.replace('v1.', 'v2.'),
      baggage.replace(';costspan=json', ''),
      'costspan.customer=evil,costspan.signature=v1.x.y.z',
      'costspan.customer=evil,costspan.signature=',
    ];
    for (const forged of forgeries) {
      expect(forged).not.toBe(baggage);
      expect(attributionOf(receive(service(), { baggage: forged })).customer).toBeUndefined();
    }
  });

  it('is read whatever stands beside it, and whichever propagator runs after it', () => {
    const headers = send(service(), acme);
    const receiver = new CompositePropagator({ propagators: [service(), new W3CBaggagePropagator()] });
    propagation.setGlobalPropagator(receiver);
    const ctx = propagation.extract(ROOT_CONTEXT, { baggage: `plan=pro,${headers.baggage}` });
    propagation.disable();
    expect(attributionOf(ctx).customer).toBe('acme');
    expect(propagation.getBaggage(ctx)?.getEntry('plan')?.value).toBe('pro');
  });
});

describe('inbound', () => {
  const headers = { baggage: 'plan=pro;tier=1,costspan.customer=acme,costspan.context.feature=chat' };

  it('none: nothing counts, and none of it is left in the baggage; the rest is', () => {
    const ctx = receive(new CostBaggagePropagator(), headers);
    expect(attributionOf(ctx)).toEqual({ context: {}, tracked: true, persist: true });
    const entries = propagation.getBaggage(ctx)?.getAllEntries() ?? [];
    expect(entries.map(([name, { value, metadata }]) => [name, value, String(metadata)])).toEqual([
      ['plan', 'pro', 'tier=1'],
    ]);
  });

  it('a rule: sees the carrier, and only `true` vouches', () => {
    const behindMesh = (headers: IncomingHttpHeaders): boolean => headers['x-mesh'] === 'yes';
    const propagator = new CostBaggagePropagator({ inbound: behindMesh });
    expect(attributionOf(receive(propagator, { ...headers, 'x-mesh': 'yes' }))).toEqual(
      arrived('acme', { feature: 'chat' }),
    );
    expect(attributionOf(receive(propagator, headers)).customer).toBeUndefined();
    const broken: readonly unknown[] = [
      () => 'yes',
      () => Promise.resolve(true),
      () => {
        throw new Error('no');
      },
    ];
    for (const rule of broken) {
      const propagator = new CostBaggagePropagator({ inbound: rule as () => boolean });
      expect(attributionOf(receive(propagator, headers)).customer).toBeUndefined();
    }
  });

  it('takes a carrier that is no proper one', () => {
    const propagator = new CostBaggagePropagator({ inbound: () => true });
    for (const baggage of [undefined, 7, '', '=', ',;=,%', ['%zz=1', 'a']]) {
      expect(attributionOf(receive(propagator, { baggage })).customer).toBeUndefined();
    }
  });

  it('reads a header that came several times', () => {
    const propagator = new CostBaggagePropagator({ inbound: () => true });
    const split = { baggage: ['costspan.customer=acme', 'costspan.context.feature=chat'] };
    expect(attributionOf(receive(propagator, split))).toEqual(arrived('acme', { feature: 'chat' }));
  });
});

describe('outbound', () => {
  it.each(['orders.internal', 'a.b.internal', 'ORDERS.internal', 'orders.internal.'])('tells %s', (host) => {
    expect(send(service(), acme, host).baggage).toContain('costspan.customer=acme');
  });

  it.each(['internal', 'orders.internal.evil.com', 'xinternal', 'localhost', 'example.com', '::1'])(
    'does not tell %s',
    (host) => {
      expect(send(service(), acme, host)).toEqual({});
    },
  );

  it.each([
    'api.openai.com',
    'acme.openai.azure.com',
    'api.anthropic.com',
    'generativelanguage.googleapis.com',
    'bedrock-runtime.us-east-1.amazonaws.com',
    'vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com',
    'openrouter.ai',
  ])('never tells the provider %s, whatever the list allows', (host) => {
    expect(send(service({ outbound: { allow: ['*', host] } }), acme, host)).toEqual({});
    expect(send(service({ outbound: { allow: ['*'] } }), acme, 'x.elb.amazonaws.com')).not.toEqual({});
  });

  it('tells nobody from inside a provider call, from a suppressed context, or when the host is unknown', () => {
    expect(send(service(), withoutCostEntries(acme))).toEqual({});
    expect(send(service(), suppressTracing(acme))).toEqual({});
    const inject = (ctx: Context): Headers => {
      const headers: Headers = {};
      service().inject(ctx, headers, defaultTextMapSetter);
      return headers;
    };
    expect(inject(acme)).toEqual({});
    const server = tracer.startSpan('GET', {
      kind: SpanKind.SERVER,
      attributes: { 'server.address': 'a.internal' },
    });
    expect(inject(trace.setSpan(acme, server))).toEqual({});
  });

  it("passes the application's own baggage on, untouched, to everybody", () => {
    const own = propagation.setBaggage(
      acme,
      propagation.createBaggage({ plan: { value: 'R&D, "Süd"' }, 'costspan.customer': { value: 'acme' } }),
    );
    expect(send(service(), own, 'example.com')).toEqual({ baggage: 'plan=R%26D%2C%20%22S%C3%BCd%22' });
    expect(send(service(), own).baggage).toMatch(/^plan=[^,]+,costspan\.customer=acme,/);
  });

  it('signs nothing without secrets', () => {
    const plain = new CostBaggagePropagator({ outbound: { allow: ['*.internal'] } });
    expect(send(plain, acme)).toEqual({
      baggage: 'costspan.customer=acme,costspan.context.feature=chat,costspan.context.n=3;costspan=json',
    });
  });

  it('applies the redactor to what leaves', () => {
    const leave = joinRedactor(createRedactor({ drop: ['feature'] }));
    try {
      expect(attributionOf(receive(service(), send(service(), acme))).context).toEqual({ n: 3 });
    } finally {
      leave();
    }
  });
});

describe('the W3C limits', () => {
  const within = (values: Record<string, string>, own: Record<string, string> = {}): Headers => {
    const baggage = propagation.createBaggage(
      Object.fromEntries(Object.entries(own).map(([name, value]) => [name, { value }])),
    );
    const ctx = withCustomer('acme', values, callerContext);
    return send(service(), propagation.setBaggage(ctx, baggage));
  };
  const numbered = (count: number, value: string): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));

  it('180 entries: context beyond is cut, and counted in context_cut', () => {
    // customer + signature + 178 = 180
    expect(within(numbered(178, 'v')).baggage?.split(',')).toHaveLength(180);
    expect(within(numbered(178, 'v')).baggage).not.toContain('context_cut');
    // customer + signature + flag + 177 = 180
    const { context } = attributionOf(receive(service(), within(numbered(179, 'v'))));
    expect(Object.keys(context)).toHaveLength(178);
    expect(context.context_cut).toBe(2);
  });

  it('4096 for a pair: a larger value is cut, the smaller ones beside it arrive', () => {
    // `costspan.context.big=` is 21 long
    const fits = attributionOf(receive(service(), within({ big: 'x'.repeat(4075), small: 'y' })));
    expect(Object.keys(fits.context)).toEqual(['big', 'small']);
    const cut = attributionOf(receive(service(), within({ big: 'x'.repeat(4076), small: 'y' })));
    expect(cut).toEqual(arrived('acme', { small: 'y', context_cut: 1 }));
  });

  it('8192 in total: what fits arrives, and in-process attribution is unaffected', () => {
    const values = numbered(100, 'é'.repeat(100)); // 600 bytes each
    const headers = within(values);
    expect(headers.baggage?.length).toBeLessThanOrEqual(8192);
    const { customer, context } = attributionOf(receive(service(), headers));
    expect(customer).toBe('acme');
    expect(context.context_cut).toBe(100 - (Object.keys(context).length - 1));
    expect(withCustomer('acme', values, snapshotAttribution).context).toEqual(values);
  });

  it("leaves the application's baggage its room; without room for the customer nothing is told", () => {
    const own = { a: 'x'.repeat(4000), b: 'x'.repeat(4000) };
    expect(within({ feature: 'chat' }, own).baggage).toContain('costspan.customer=acme');
    const full = { ...own, c: 'x'.repeat(150) };
    expect(within({ feature: 'chat' }, full).baggage).toBe(
      Object.entries(full)
        .map(([name, value]) => `${name}=${value}`)
        .join(','),
    );
  });

  it('a name that has no percent-encoding is cut, and counted', () => {
    const headers = send(service(), withCustomer('acme', { '\ud800': 1, ok: 2 }, callerContext));
    expect(attributionOf(receive(service(), headers))).toEqual(arrived('acme', { ok: 2, context_cut: 1 }));
  });

  it('a customer too long for a pair is not told, and nothing throws', () => {
    expect(send(service(), withCustomer('x'.repeat(5000), callerContext))).toEqual({});
  });
});

describe('names of an organisation', () => {
  afterEach(() => configureAttributionNames({}));

  it('are read from baggage and written into it', () => {
    configureAttributionNames({ customer: 'customer.id', contextPrefix: 'cost.' });
    const baggage = propagation.createBaggage({
      'customer.id': { value: 'acme' },
      'cost.feature': { value: 'chat' },
    });
    const ctx = propagation.setBaggage(ROOT_CONTEXT, baggage);
    expect(attributionOf(ctx)).toMatchObject({ customer: 'acme', context: { feature: 'chat' } });
    expect(send(service({ secrets: [], inbound: 'none' }), ctx)).toEqual({
      baggage: 'customer.id=acme,cost.feature=chat',
    });
    expect(send(service(), ctx, 'example.com')).toEqual({});
  });

  it('are refused when they overlap or are empty', () => {
    expect(() => configureAttributionNames({ customer: '' })).toThrow(ConfigError);
    expect(() => configureAttributionNames({ customer: 'costspan.context.customer' })).toThrow(ConfigError);
  });
});

describe('options', () => {
  it.each([
    [{ inbond: 'none' }, "Did you mean 'inbound'?"],
    [{ inbound: 'all' }, "'none', 'signed' or a function"],
    [{ inbound: 'signed' }, 'needs secrets'],
    [{ inbound: 'signed', secrets: [undefined] }, 'non-empty strings'],
    [{ outbound: { allow: ['https://orders.internal/'] } }, 'host alone'],
    [{ outbound: { allow: '*.internal' } }, 'a list of host names'],
    [{ maxAgeMs: -1 }, 'milliseconds'],
  ])('%j is refused, saying what to give', (options, message) => {
    const construct = (): unknown => new CostBaggagePropagator(options as CostBaggagePropagatorOptions);
    expect(construct).toThrow(ConfigError);
    expect(construct).toThrow(message);
  });

  it('reads the active context when nothing else is there', () => {
    expect(attributionOf(context.active()).customer).toBeUndefined();
  });
});
