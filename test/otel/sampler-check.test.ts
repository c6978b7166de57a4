import { diag, DiagLogLevel, SpanKind, trace } from '@opentelemetry/api';
import {
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetWarnings } from '../../src/base/warn-once.ts';
import { costSampler } from '../../src/otel/cost-sampler.ts';
import { CostSpanProcessor } from '../../src/otel/cost-span-processor.ts';
import { MemorySink } from '../../src/sinks/memory.ts';

let said: string[];
let processor: CostSpanProcessor;
let sink: MemorySink;

beforeEach(() => {
  said = [];
  forgetWarnings();
  const note = (message: string): void => void said.push(message);
  diag.setLogger({ error: note, warn: note, info: note, debug: note, verbose: note }, DiagLogLevel.WARN);
});
afterEach(async () => {
  await processor.shutdown();
  trace.disable();
  diag.disable();
});

function start(sampler: Sampler): TracerProvider {
  sink = new MemorySink();
  processor = new CostSpanProcessor({ sinks: [sink], delivery: 'sync' });
  const provider = new TracerProvider({ sampler, spanProcessors: [processor] });
  trace.setGlobalTracerProvider(provider);
  return provider;
}

const warnings = (): string[] =>
  said.filter((message) => message.includes('may drop spans of other instrumentations'));
const nextTurn = async (): Promise<void> =>
  await new Promise((resolve) => {
    setImmediate(resolve);
  });

test.each([
  ['a ratio', () => new TraceIdRatioBasedSampler(0.1), 1],
  ['a ratio at the root', () => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.1) }), 1],
  ['always on', () => new AlwaysOnSampler(), 0],
  ['the default', () => new ParentBasedSampler({ root: new AlwaysOnSampler() }), 0],
  ['a ratio within costSampler', () => costSampler(new TraceIdRatioBasedSampler(0.1)), 0],
])('start-up warns of a sampler that may drop the only trace of a call: %s', async (_, sampler, times) => {
  start(sampler());
  await nextTurn();
  expect(warnings()).toHaveLength(times);
  if (times > 0) expect(warnings()[0]).toContain('Wrap it: sampler: costSampler(…)');
});

test('costSampler has the spans of model calls metered that the sampler drops', () => {
  const provider = start(costSampler(new TraceIdRatioBasedSampler(0)));
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.provider.name': 'openai',
  };
  const span = provider
    .getTracer('@vendor/instrumentation-openai')
    .startSpan('chat', { kind: SpanKind.CLIENT, attributes });
  expect(span.spanContext().traceFlags).toBe(0);
  span.setAttributes({ 'gen_ai.usage.input_tokens': 1000, 'gen_ai.usage.output_tokens': 100 }).end();
  // 1000 × 2.5 + 100 × 10, per million
  expect(sink.events).toMatchObject([{ cost: { amount: '0.0035' } }]);
});
