import { context, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { callerContext } from '../../src/attribution/caller-context.ts';
import { withCustomer } from '../../src/attribution/scope.ts';
import { attributionOf } from '../../src/attribution/who-pays.ts';
import { Call } from '../../src/calls/call-lifecycle.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import type { CostSpanProcessorConfig } from '../../src/otel/config.ts';
import { CostSpanProcessor } from '../../src/otel/cost-span-processor.ts';

const exporter = new InMemorySpanExporter();
const events: CostEvent[] = [];
let processor: CostSpanProcessor;
let tracers: TracerProvider;

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());
afterEach(async () => {
  await processor.shutdown();
  exporter.reset();
  events.length = 0;
});

function start(config: CostSpanProcessorConfig): void {
  const sinks = [{ write: (batch: readonly CostEvent[]) => void events.push(...batch) }];
  processor = new CostSpanProcessor({ sinks, delivery: 'sync', metrics: false, ...config });
  tracers = new TracerProvider({ spanProcessors: [processor, new SimpleSpanProcessor({ exporter })] });
}

/** 1,000 in × $2.50/M + 100 out × $10/M = $0.0035. */
function call(): void {
  const caller = callerContext();
  const made = new Call(caller, attributionOf(caller));
  made.describe({ provider: 'openai', operation: 'chat', request: { model: 'gpt-4o' } });
  made.startSpan(tracers.getTracer('ours'));
  made.settle({ status: 'ok', reading: { usage: { inputTokens: 1000, outputTokens: 100 } } });
}

/** A span of another instrumentation around what `fn` does. */
function within(attributes: Record<string, string>, fn: () => void): void {
  const span: Span = tracers.getTracer('theirs').startSpan('theirs', { attributes });
  context.with(trace.setSpan(context.active(), span), fn);
  span.end();
}

const names = (): string[] => exporter.getFinishedSpans().map(({ name }) => name);
const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };

describe('the option spans', () => {
  test('own, the default: one span of ours, with the exact cost as text and currency', () => {
    start({});
    within(CHAT, call);
    expect(names()).toEqual(['chat gpt-4o', 'theirs']);
    expect(exporter.getFinishedSpans()[0]?.attributes).toMatchObject({
      'costspan.cost.amount': '0.0035',
      'costspan.cost.status': 'priced',
      'costspan.cost.currency': 'USD',
      'gen_ai.usage.cost.amount': 0.0035,
    });
    expect(exporter.getFinishedSpans()[0]?.attributes).not.toHaveProperty(['costspan.cost']);
  });

  test('enrich: cost and customer on the span of the other instrumentation, which stays as it is otherwise', () => {
    start({ spans: 'enrich' });
    withCustomer('acme', { feature: 'chat' }, () =>
      within({ ...CHAT, 'gen_ai.provider.name': 'theirs' }, call),
    );
    expect(names()).toEqual(['theirs']);
    const [span] = exporter.getFinishedSpans();
    expect(span?.attributes).toMatchObject({
      'gen_ai.provider.name': 'theirs',
      'costspan.customer': 'acme',
      'costspan.context.feature': 'chat',
      'costspan.cost.amount': '0.0035',
      'costspan.event.id': events[0]?.id,
    });
    expect(events).toMatchObject([{ spanId: span?.spanContext().spanId, cost: { amount: '0.0035' } }]);
  });

  test.each([
    ['openinference', { 'openinference.span.kind': 'LLM' }],
    ['the Vercel AI SDK', { 'ai.operationId': 'ai.generateText.doGenerate' }],
  ])('enrich knows model calls of %s', (_, attributes) => {
    start({ spans: 'enrich' });
    within(attributes, call);
    expect(names()).toEqual(['theirs']);
    expect(events).toHaveLength(1);
  });

  test('enrich: a span about something else, or one that shows a call already, is left alone', () => {
    start({ spans: 'enrich' });
    within({ 'http.request.method': 'POST' }, call);
    within({ 'gen_ai.operation.name': 'invoke_agent' }, call);
    within(CHAT, () => {
      call();
      call();
    });
    expect(names()).toEqual(['chat gpt-4o', 'theirs', 'chat gpt-4o', 'theirs', 'chat gpt-4o', 'theirs']);
    expect(events).toHaveLength(4);
  });

  test('none: no span of ours and nothing on others’; the event is the same', () => {
    start({ spans: 'none' });
    within(CHAT, call);
    expect(names()).toEqual(['theirs']);
    expect(exporter.getFinishedSpans()[0]?.attributes).toEqual(CHAT);
    expect(events).toMatchObject([{ cost: { amount: '0.0035' } }]);
  });

  test('refuses what it does not know, with the nearest name', () => {
    const wrong = { spans: 'enrihc' } as unknown as CostSpanProcessorConfig;
    expect(() => new CostSpanProcessor(wrong)).toThrow("expected 'spans' to be one of own, enrich, none");
    expect(() => new CostSpanProcessor(wrong)).toThrow("Did you mean 'enrich'?");
  });
});

describe('the option attributes', () => {
  const attributesWith = (...attributes: NonNullable<CostSpanProcessorConfig['attributes']>): object => {
    start({ attributes });
    withCustomer('acme', { session: 's1' }, call);
    return exporter.getFinishedSpans()[0]?.attributes ?? {};
  };

  test('langfuse', () => {
    expect(attributesWith('langfuse')).toMatchObject({
      'user.id': 'acme',
      'langfuse.user.id': 'acme',
      'session.id': 's1',
      'gen_ai.usage.cost': 0.0035,
    });
  });

  test('openinference: 1,000 × $2.50/M = 0.0025 and 100 × $10/M = 0.001', () => {
    expect(attributesWith('openinference')).toMatchObject({
      'user.id': 'acme',
      'session.id': 's1',
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'gpt-4o',
      'llm.token_count.prompt': 1000,
      'llm.token_count.completion': 100,
      'llm.token_count.total': 1100,
      'llm.cost.prompt': 0.0025,
      'llm.cost.completion': 0.001,
      'llm.cost.total': 0.0035,
    });
  });

  test('sentry', () => {
    expect(attributesWith('sentry')).toMatchObject({
      'user.id': 'acme',
      'gen_ai.usage.total_tokens': 1100,
      'gen_ai.cost.total_tokens': 0.0035,
    });
  });

  test('none without being asked', () => {
    expect(attributesWith()).not.toHaveProperty(['user.id']);
  });

  test('several at once, redacted as everything on a span', () => {
    start({ attributes: ['langfuse', 'openinference'], redact: { hash: { customer: true, secret: 'k' } } });
    withCustomer('acme', call);
    expect(JSON.stringify(exporter.getFinishedSpans()[0]?.attributes)).not.toContain('acme');
  });

  test('refuses a backend it does not know', () => {
    const wrong = { attributes: ['langfus'] } as unknown as CostSpanProcessorConfig;
    expect(() => new CostSpanProcessor(wrong)).toThrow("Did you mean 'langfuse'?");
    expect(
      () => new CostSpanProcessor({ attributes: 'langfuse' } as unknown as CostSpanProcessorConfig),
    ).toThrow("expected 'attributes' to be a list");
  });
});
