import { context, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type CostEvent,
  CostSpanExporter,
  CostSpanProcessor,
  withCostContext,
  withCustomer,
  withoutTracking,
} from '../../src/index.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { attributionOf } from '../../src/attribution/who-pays.ts';
import { callerContext } from '../../src/attribution/caller-context.ts';
import { Call } from '../../src/calls/call-lifecycle.ts';
import type { CostSpanProcessorConfig } from '../../src/otel/config.ts';

const events: CostEvent[] = [];
const sinks = [{ write: (batch: readonly CostEvent[]) => void events.push(...batch) }];
let processor: CostSpanProcessor | undefined;

afterEach(async () => {
  await processor?.shutdown();
  events.length = 0;
});

function start(config: CostSpanProcessorConfig = {}): CostSpanProcessor {
  processor = new CostSpanProcessor({ sinks, delivery: 'sync', ...config });
  return processor;
}

/** A chat of 1 000 tokens in, 100 out, as a provider's patch would follow it. */
function call({ model = 'gpt-4o', hints = {} } = {}): CostEvent | undefined {
  const caller = callerContext();
  const made = new Call(caller, attributionOf(caller), () => 'handler (src/chat.ts:12)');
  made.describe({ provider: 'openai', operation: 'chat', request: { model }, hints });
  made.startSpan(trace.getTracer('test'));
  made.settle({ status: 'ok', reading: { usage: { inputTokens: 1000, outputTokens: 100 } } });
  return events.at(-1);
}

describe('who is billed', () => {
  test('a scope, then the resolver, then the default', () => {
    start({ resolveCustomer: ({ hints }) => hints?.user, defaultCustomer: 'house' });
    expect(withCustomer('acme', () => call({ hints: { user: 'u1' } }))).toMatchObject({
      customer: 'acme',
      attributionSource: 'scope',
    });
    expect(call({ hints: { user: 'u1' } })).toMatchObject({ customer: 'u1', attributionSource: 'resolver' });
    expect(call()).toMatchObject({ customer: 'house', attributionSource: 'default' });
    expect(withCustomer(null, () => call())).toMatchObject({ customer: null, attributionSource: 'scope' });
  });

  test('nobody, when nobody said: the call is recorded, counted, and its place named', () => {
    const event = start() && call();
    expect(event).toMatchObject({ customer: null, callSite: 'handler (src/chat.ts:12)' });
    expect(event?.attributionSource).toBeUndefined();
    expect(processor?.health()).toMatchObject({ events: 1, unattributed: 1, unpriced: 0, estimated: 0 });
  });

  test('a resolver that throws names nobody and harms nobody', () => {
    start({
      resolveCustomer: () => {
        throw new Error('boom');
      },
    });
    expect(call()).toMatchObject({ customer: null, cost: { amount: '0.0035' } });
  });
});

test('static context lies under the scope, and is redacted with it', () => {
  start({ context: { environment: 'test', feature: 'none' }, redact: { drop: ['email'] } });
  const event = withCostContext({ feature: 'chat', email: 'a@b.example' }, () => call());
  expect(event?.context).toEqual({ environment: 'test', feature: 'chat' });
});

test('records nothing inside withoutTracking', () => {
  start();
  expect(withoutTracking(() => call())).toBeUndefined();
  expect(processor?.health().events).toBe(0);
});

test('keeps an event without a price as unpriced, its cost absent', () => {
  start();
  const event = call({ model: 'gpt-unheard-of' });
  expect(event?.cost.status).toBe('unpriced');
  expect(event?.cost).not.toHaveProperty('amount');
  expect(processor?.health()).toMatchObject({ unpriced: 1 });
});

test('asks own prices before the built-in list', () => {
  const own = {
    name: 'house@1',
    price: () => ({ status: 'priced' as const, currency: 'USD', amount: '7', lineItems: [] }),
  };
  start({ prices: own });
  expect(call()?.cost.amount).toBe('7');
});

test('stops listening at shutdown', async () => {
  await start().shutdown();
  expect(call()).toBeUndefined();
});

test('refuses wrong options when they are given, and names the nearest right one', () => {
  const wrong = { sink: [] } as unknown as CostSpanProcessorConfig;
  expect(() => new CostSpanProcessor(wrong)).toThrow("unknown option 'sink'. Did you mean 'sinks'?");
  const notASink = { sinks: [{}] } as unknown as CostSpanProcessorConfig;
  expect(() => new CostSpanProcessor(notASink)).toThrow('a sink needs a write(events) method, got an object');
});

test('the exporter meters like the processor and hands the spans on as they are', async () => {
  const exported: object[] = [];
  const delegate = {
    export: (spans: object[], done: (result: { code: number }) => void) => {
      exported.push(...spans);
      done({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
  const exporter = new CostSpanExporter(delegate, { sinks, delivery: 'sync' });
  const span = {};
  await new Promise((resolve) => {
    exporter.export([span], resolve);
  });
  expect(exported[0]).toBe(span);
  expect(context.with(context.active(), () => call())).toMatchObject({ cost: { amount: '0.0035' } });
  await exporter.shutdown();
  expect(() => new CostSpanExporter({} as typeof delegate)).toThrow('must be a span exporter');
});

test('events that are not to be kept reach callbacks and no ledger', async () => {
  const ledger = new SqliteLedger({ path: ':memory:' });
  start({ sinks: [ledger, ...sinks] });
  const heard = withCostContext({ feature: 'preview' }, { persist: false }, () => call());
  expect(heard?.context).toEqual({ feature: 'preview' });
  call();
  await processor?.forceFlush();
  expect(events).toHaveLength(2);
  expect(await Array.fromAsync(ledger.events())).toHaveLength(1);
});
