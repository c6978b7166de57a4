import { createHmac } from 'node:crypto';
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, expect, test } from 'vitest';
import { attributeBatch, recordUsage, withCustomer } from '../../src/index.ts';
import { attributionOf } from '../../src/attribution/who-pays.ts';
import { callerContext } from '../../src/attribution/caller-context.ts';
import { Call } from '../../src/calls/call-lifecycle.ts';
import { callHub } from '../../src/calls/hub.ts';
import { recallBatch, rememberBatch, settleBatchLine } from '../../src/calls/memory/batches.ts';
import { shownAttribution } from '../../src/calls/shown-call.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import type { CostSpanProcessorConfig } from '../../src/otel/config.ts';
import { CostSpanProcessor } from '../../src/otel/cost-span-processor.ts';

const running: CostSpanProcessor[] = [];
afterEach(async () => {
  for (const processor of running.splice(0)) await processor.shutdown();
});

/** A processor, and what its sink has received. */
function start(config: CostSpanProcessorConfig = {}): CostEvent[] {
  const events: CostEvent[] = [];
  const sink = { write: (batch: readonly CostEvent[]) => void events.push(...batch) };
  running.push(new CostSpanProcessor({ sinks: [sink], delivery: 'sync', metrics: false, ...config }));
  return events;
}

const exporter = new InMemorySpanExporter();
const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).getTracer(
  'test',
);

function call(provider = 'openai', user?: string): void {
  const caller = callerContext();
  const made = new Call(caller, attributionOf(caller));
  made.describe({
    provider,
    operation: 'chat',
    request: { model: 'gpt-4o' },
    hints: user === undefined ? {} : { user },
  });
  made.startSpan(tracer);
  made.settle({ status: 'ok', reading: { usage: { inputTokens: 1000, outputTokens: 100 } } });
}

const hmac = (text: string): string =>
  `hmac:${createHmac('sha256', 'key').update(text).digest('hex').slice(0, 32)}`;

test('each resolves, completes, redacts and prices by its own options', () => {
  const price = { status: 'priced' as const, currency: 'USD', amount: '7', lineItems: [] };
  const plain = start({ context: { environment: 'prod' } });
  const strict = start({
    redact: { drop: ['email'] },
    defaultCustomer: 'tenant1',
    context: { team: 'a' },
    prices: { name: 'own@1', price: () => price },
  });
  const asking = start({ resolveCustomer: ({ hints }) => hints?.user });
  withCustomer(undefined, { email: 'ann@acme.test' }, () => call('openai', 'u1'));
  expect(plain).toMatchObject([
    { customer: null, context: { environment: 'prod', email: 'ann@acme.test' }, cost: { amount: '0.0035' } },
  ]);
  expect(strict).toMatchObject([{ customer: 'tenant1', context: { team: 'a' }, cost: { amount: '7' } }]);
  expect(strict[0]?.context).not.toHaveProperty('email');
  expect(asking).toMatchObject([{ customer: 'u1', context: { email: 'ann@acme.test' } }]);
});

test('the span they share is redacted by all of them', () => {
  start({ context: { environment: 'prod' } });
  start({ redact: { drop: ['email'] } });
  start({ redact: { hash: { customer: true, secret: 'key' } } });
  exporter.reset();
  withCustomer('acme', { email: 'ann@acme.test' }, () => call());
  const attributes = exporter.getFinishedSpans()[0]?.attributes;
  expect(attributes).toMatchObject({
    'costspan.customer': hmac('acme'),
    'costspan.context.environment': 'prod',
  });
  expect(JSON.stringify(attributes)).not.toContain('ann@acme.test');
});

test('recordUsage is heard by each in its own way', () => {
  const plain = start();
  const strict = start({ redact: { drop: ['email'] }, defaultCustomer: 'tenant1' });
  recordUsage({ service: 'speech', quantities: { minutes: 1 }, context: { email: 'ann@acme.test' } });
  expect(plain).toMatchObject([{ customer: null, context: { email: 'ann@acme.test' } }]);
  expect(strict).toMatchObject([{ customer: 'tenant1', context: {} }]);
});

test('select lets one of several take a call; the others hear nothing of it', () => {
  const asked: string[] = [];
  const openai = start({ select: ({ provider }) => provider === 'openai' });
  const others = start({
    select: ({ provider }) => provider !== 'openai',
    resolveCustomer: ({ provider }) => {
      asked.push(provider);
      return undefined;
    },
  });
  call('openai');
  call('anthropic');
  expect(openai.map(({ provider }) => provider)).toEqual(['openai']);
  expect(others.map(({ provider }) => provider)).toEqual(['anthropic']);
  expect(asked).toEqual(['anthropic']);
});

test('a select that throws takes the call: an event too many can be seen, a missing one cannot', () => {
  const events = start({
    select: () => {
      throw new Error('boom');
    },
  });
  call();
  expect(events).toHaveLength(1);
});

test('shutdown leaves nothing of a processor behind', async () => {
  const watchers = () => process.listeners('exit').filter(({ name }) => name === 'interruptCalls');
  const before = { watchers: watchers().length, memories: callHub().memories.length };
  start({ redact: { drop: ['email'] } });
  await running.pop()?.shutdown();
  expect(callHub().listeners).toEqual([]);
  expect(callHub().memories).toHaveLength(before.memories);
  expect(watchers()).toHaveLength(before.watchers);
  exporter.reset();
  withCustomer('acme', { email: 'ann@acme.test' }, () => call());
  expect(exporter.getFinishedSpans()[0]?.attributes).toMatchObject({
    'costspan.context.email': 'ann@acme.test',
  });
});

/** The event of one line of a batch's results. */
function settle(batchId: string, customId: string): void {
  const key = { kind: 'openai-batch', id: batchId };
  const facts = recallBatch(key);
  const attribution = facts.requests?.[customId]?.attribution ?? facts.attribution;
  if (attribution === undefined) throw new Error('nobody is named');
  settleBatchLine(key, {
    line: { customId, body: {} },
    reading: { usage: { inputTokens: 1000, outputTokens: 100 } },
    attribution,
    provider: 'openai',
    operation: 'chat',
    request: { model: 'gpt-4o' },
    startedAt: new Date(),
  });
}

test('attributeBatch does not walk around the redactor, nor around the static context', () => {
  const events = start({ redact: { drop: ['email'] }, context: { environment: 'prod' } });
  attributeBatch('batch_shown_1', {
    r1: { customer: 'acme', context: { email: 'ann@acme.test', feature: 'tags' } },
  });
  settle('batch_shown_1', 'r1');
  expect(events).toMatchObject([{ customer: 'acme', attributionSource: 'scope' }]);
  expect(events[0]?.context).toEqual({ environment: 'prod', feature: 'tags' });
  expect(JSON.stringify(callHub().memories[0]?.recall('openai-batch', 'batch_shown_1'))).not.toContain(
    'ann@',
  );
});

test('what is remembered of a batch is redacted once', () => {
  let transformed = 0;
  const events = start({
    redact: {
      hash: { keys: ['user'], customer: true, secret: 'key' },
      transform: (_, value) => {
        transformed++;
        return value;
      },
    },
  });
  withCustomer('acme', { user: 'ann' }, () => {
    const caller = callerContext();
    const open = {
      id: 'x',
      startTime: new Date(),
      attribution: attributionOf(caller),
      provider: 'openai',
      operation: 'batch',
      request: {},
    };
    rememberBatch({ kind: 'openai-batch', id: 'batch_once' }, { attribution: shownAttribution(open) });
  });
  settle('batch_once', 'r1');
  expect(events).toMatchObject([{ customer: hmac('acme'), context: { user: hmac('ann') } }]);
  expect(transformed).toBe(1);
});

test('a batch that nobody claimed is completed by each with its own default', () => {
  const plain = start();
  const tenant = start({ defaultCustomer: 'tenant1' });
  const open = {
    id: 'x',
    startTime: new Date(),
    attribution: attributionOf(callerContext()),
    provider: 'openai',
    operation: 'batch',
    request: {},
  };
  rememberBatch({ kind: 'openai-batch', id: 'batch_nobody' }, { attribution: shownAttribution(open) });
  settle('batch_nobody', 'r1');
  expect(plain).toMatchObject([{ customer: null }]);
  expect(tenant).toMatchObject([{ customer: 'tenant1', attributionSource: 'default' }]);
});

test('works without any SDK: a tracer that records nothing', () => {
  const events = start();
  const caller = callerContext();
  const made = new Call(caller, attributionOf(caller));
  made.describe({ provider: 'openai', operation: 'chat', request: { model: 'gpt-4o' } });
  made.startSpan(trace.getTracer('noop'));
  made.settle({ status: 'ok', reading: { usage: { inputTokens: 1, outputTokens: 1 } } });
  expect(events).toHaveLength(1);
});
