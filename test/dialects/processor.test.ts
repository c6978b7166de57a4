import { context, propagation, type Attributes, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import * as sdk from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withCostContext, withCustomer, withoutTracking } from '../../src/attribution/scope.ts';
import { ConfigError } from '../../src/base/errors.ts';
import { asGiven } from '../../src/attribution/shown.ts';
import { settled } from '../../src/calls/call.ts';
import { announce } from '../../src/calls/hub.ts';
import { UNATTRIBUTED } from '../../src/attribution/attribution.ts';
import type { CostSpanProcessorConfig } from '../../src/otel/config.ts';
import { CostSpanExporter } from '../../src/otel/cost-span-exporter.ts';
import { CostSpanProcessor } from '../../src/otel/cost-span-processor.ts';
import { MemorySink } from '../../src/sinks/memory.ts';

const CHAT: Attributes = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.response.model': 'gpt-4o-2024-08-06',
  'gen_ai.response.id': 'chatcmpl-1',
  'gen_ai.usage.input_tokens': 2006,
  'gen_ai.usage.cache_read.input_tokens': 1920,
  'gen_ai.usage.output_tokens': 300,
};

let sink: MemorySink;
let processor: CostSpanProcessor;
let provider: sdk.TracerProvider;
const contexts = new AsyncLocalStorageContextManager();

beforeEach(() => {
  context.setGlobalContextManager(contexts.enable());
});
afterEach(async () => {
  await processor.shutdown();
  context.disable();
});

function start(config: CostSpanProcessorConfig = {}): void {
  sink = new MemorySink();
  processor = new CostSpanProcessor({ sinks: [sink], delivery: 'sync', ...config });
  provider = createProvider([processor]);
}

function createProvider(spanProcessors: readonly sdk.SpanProcessor[]): sdk.TracerProvider {
  return new sdk.TracerProvider({ spanProcessors: [...spanProcessors] });
}

/** A span of somebody's instrumentation, around what `inside` does. */
function span(
  name: string,
  attributes: Attributes,
  inside?: () => void,
  scope = '@vendor/instrumentation-openai',
): void {
  const made = provider.getTracer(scope, '1.0.0').startSpan(name, { kind: SpanKind.CLIENT });
  if (inside !== undefined) context.with(trace.setSpan(context.active(), made), inside);
  made.setAttributes(attributes).end();
}

describe('a span of another instrumentation', () => {
  test('is one event with the price of its model', () => {
    start();
    span('chat', CHAT);
    const [event] = sink.events;
    // 86 × 2.5 + 1920 × 1.25 + 300 × 10, per million
    expect(event).toMatchObject({
      provider: 'openai',
      operation: 'chat',
      requestModel: 'gpt-4o',
      responseId: 'chatcmpl-1',
      usage: { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300 },
      usageSource: 'provider',
      cost: { status: 'priced', amount: '0.005615' },
    });
    expect(sink.events).toHaveLength(1);
    expect(processor.health()).toMatchObject({ events: 1, suppressed: {} });
  });

  test('belongs to whom the scope says when it starts', () => {
    start();
    withCustomer('acme', { feature: 'chat' }, () => span('chat', { ...CHAT, 'costspan.customer': 'other' }));
    expect(sink.events).toMatchObject([
      { customer: 'acme', context: { feature: 'chat' }, attributionSource: 'scope' },
    ]);
  });

  test('belongs to whom the baggage says that the application set', () => {
    start();
    const baggage = propagation.createBaggage({ 'costspan.customer': { value: 'acme' } });
    context.with(propagation.setBaggage(context.active(), baggage), () => span('chat', CHAT));
    expect(sink.events).toMatchObject([{ customer: 'acme', attributionSource: 'baggage' }]);
  });

  test.each([
    [{ 'costspan.customer': 'acme' }, 'acme'],
    [{ 'user.id': 'u-1', 'langfuse.user.id': 'u-2' }, 'u-2'],
    [{ 'user.id': 'u-1' }, 'u-1'],
    [{ metadata: '{"team":{"id":"t-1"}}' }, 't-1'],
    [{ 'http.method': 'GET' }, null],
  ])('with %j belongs to %s, where the option says to look', (attributes, customer) => {
    start({ spanAttributes: { customer: ['langfuse.user.id', 'user.id', 'metadata.team.id'] } });
    span('chat', { ...CHAT, ...attributes });
    expect(sink.events).toMatchObject([
      { customer, ...(customer === null ? {} : { attributionSource: 'span' }) },
    ]);
  });

  test.each([
    [['session.id', 'app.feature', 'nothing.here'], { id: 's-1', feature: 'chat' }],
    [{ session: ['langfuse.session.id', 'session.id'] }, { session: 's-1' }],
    [['app.*'], { feature: 'chat', seats: 3 }],
  ])('has the context that %j names', (names, expected) => {
    start({ spanAttributes: { context: names } });
    span('chat', { ...CHAT, 'session.id': 's-1', 'app.feature': 'chat', 'app.seats': 3 });
    expect(sink.events).toMatchObject([{ context: expected }]);
  });

  test('is completed and redacted like a call of our own', () => {
    start({ defaultCustomer: 'house', context: { env: 'prod' }, redact: { drop: ['secret'] } });
    withCostContext({ secret: 's', feature: 'chat' }, () => span('chat', CHAT));
    expect(sink.events).toMatchObject([{ customer: 'house', attributionSource: 'default' }]);
    expect(sink.events[0]?.context).toEqual({ env: 'prod', feature: 'chat' });
  });

  test('is nothing where nothing is tracked', () => {
    start();
    withoutTracking(() => span('chat', CHAT));
    expect(sink.events).toEqual([]);
  });

  test('without tokens is an event without a price, unless it was refused', async () => {
    start();
    const {
      'gen_ai.usage.input_tokens': _,
      'gen_ai.usage.cache_read.input_tokens': __,
      'gen_ai.usage.output_tokens': ___,
      ...rest
    } = CHAT;
    span('chat', rest);
    const refused = provider.getTracer('x').startSpan('chat', {
      kind: SpanKind.CLIENT,
      attributes: { ...rest, 'gen_ai.response.id': 'r2', 'error.type': '429' },
    });
    refused.setStatus({ code: 2 }).end();
    // The other waits for a span that knows more.
    await processor.forceFlush();
    expect(sink.events).toMatchObject([
      { usageSource: 'none', status: 'error', errorType: '429', cost: { status: 'free' } },
      { usageSource: 'none', cost: { status: 'unpriced' } },
    ]);
  });
});

describe('a call that several layers see is one event', () => {
  test('a span inside another', () => {
    start();
    span('outer', { ...CHAT, 'gen_ai.response.id': 'other' }, () =>
      span('inner', CHAT, undefined, '@other/instrumentation'),
    );
    expect(sink.events).toMatchObject([{ responseId: 'chatcmpl-1' }]);
    expect(processor.health().suppressed).toEqual({ billedDescendant: 1 });
  });

  test('agents and tools repeat what is below them', () => {
    start();
    span('agent', { ...CHAT, 'gen_ai.operation.name': 'invoke_agent' }, () => span('chat', CHAT));
    span('tools/call', {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.usage.input_tokens': 7,
    });
    expect(sink.events).toHaveLength(1);
    expect(processor.health().suppressed).toEqual({ spanKind: 2 });
  });

  test('a call of our own goes first, whether or not its span is linked', async () => {
    start();
    const open = {
      id: 'own-1',
      startTime: new Date(),
      attribution: asGiven(UNATTRIBUTED),
      provider: 'openai',
      operation: 'chat',
      request: { model: 'gpt-4o' },
    };
    const usage = { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300 };
    announce(
      settled(
        open,
        { responseId: 'chatcmpl-1', usage },
        { status: 'ok', consumed: { kind: 'counted', usage }, durationMs: 5 },
      ),
    );
    span('chat', CHAT);
    await processor.forceFlush();
    expect(sink.events).toMatchObject([{ id: 'own-1' }]);
    expect(processor.health().suppressed).toEqual({ ownCall: 1 });
  });

  test('a framework that waits is settled by forceFlush and by shutdown', async () => {
    start();
    span('ChatOpenAI', CHAT, undefined, '@vendor/instrumentation-langchain');
    expect(sink.events).toEqual([]);
    await processor.forceFlush();
    expect(sink.events).toHaveLength(1);
    span(
      'ChatOpenAI',
      { ...CHAT, 'gen_ai.response.id': 'r2' },
      undefined,
      '@vendor/instrumentation-langchain',
    );
    await processor.shutdown();
    expect(sink.events).toHaveLength(2);
  });
});

test('CostSpanExporter meters the spans that are exported, and hands them on', async () => {
  sink = new MemorySink();
  const delegate = new InMemorySpanExporter();
  const exporter = new CostSpanExporter(delegate, { sinks: [sink], delivery: 'sync' });
  provider = createProvider([new SimpleSpanProcessor({ exporter })]);
  span('chat', CHAT);
  await provider.forceFlush?.();
  expect(delegate.getFinishedSpans()).toHaveLength(1);
  expect(sink.events).toMatchObject([{ responseId: 'chatcmpl-1' }]);
  // The same span through both entrances is one event.
  const [event] = sink.events;
  start();
  processor.onEnd(delegate.getFinishedSpans()[0]);
  expect(sink.events[0]?.id).toBe(event?.id);
  await exporter.shutdown();
});

test.each([
  [{ customers: ['user.id'] }, /Did you mean 'customer'/],
  [
    { customer: 'user.id' },
    /spanAttributes.customer: expected a list of attribute names such as \['user.id'\], got 'user.id'/,
  ],
  [{ context: { session: 'session.id' } }, /spanAttributes.context.session/],
  [{ context: 3 }, /spanAttributes.context/],
])('refuses spanAttributes %j', (spanAttributes, message) => {
  start();
  expect(() => new CostSpanProcessor({ spanAttributes: spanAttributes as never })).toThrow(ConfigError);
  expect(() => new CostSpanProcessor({ spanAttributes: spanAttributes as never })).toThrow(message);
});
