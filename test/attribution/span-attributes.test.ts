import { context, propagation } from '@opentelemetry/api';
import {
  TracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { callerContext } from '../../src/attribution/caller-context.ts';
import { createRedactor, joinRedactor } from '../../src/attribution/redact.ts';
import { withCustomer } from '../../src/attribution/scope.ts';
import { copyAttributionToSpan, type CopyToSpans } from '../../src/attribution/span-attributes.ts';

function attributesOf(mode: CopyToSpans, scope: string, attributes = {}): unknown {
  const exporter = new InMemorySpanExporter();
  const copier: SpanProcessor = {
    onStart: (span, parent) => copyAttributionToSpan(span, parent, mode),
    onEnd: () => undefined,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const provider = new TracerProvider({
    spanProcessors: [copier, new SimpleSpanProcessor({ exporter })],
  });
  const leave = joinRedactor(createRedactor({ drop: ['email'] }));
  withCustomer('acme', { feature: 'chat', user: { id: 7 }, n: 1, none: null, email: 'a@b' }, () =>
    provider.getTracer(scope).startSpan('work', { attributes }, callerContext()).end(),
  );
  leave();
  return exporter.getFinishedSpans()[0]?.attributes;
}

const COPIED = {
  'costspan.customer': 'acme',
  'costspan.context.feature': 'chat',
  'costspan.context.user': '{"id":7}',
  'costspan.context.n': 1,
};

describe('customer and context', () => {
  it('are copied onto every span started inside the scope with "all"', () => {
    expect(attributesOf('all', 'my-app')).toEqual(COPIED);
  });

  it('are copied onto model spans only with "genai", known by attribute or by scope', () => {
    expect(attributesOf('genai', 'my-app')).toEqual({});
    expect(attributesOf('genai', 'my-app', { 'gen_ai.operation.name': 'chat' })).toMatchObject(COPIED);
    expect(attributesOf('genai', '@arizeai/openinference-instrumentation-openai')).toEqual(COPIED);
  });

  it('come from baggage that the application set, and write nothing where nobody said anything', () => {
    const written: unknown[] = [];
    const span = { setAttributes: (attributes: unknown) => written.push(attributes) };
    copyAttributionToSpan(span, context.active(), 'all');
    const baggage = propagation.createBaggage({ 'costspan.customer': { value: 'acme' } });
    copyAttributionToSpan(span, propagation.setBaggage(context.active(), baggage), 'all');
    expect(written).toEqual([{ 'costspan.customer': 'acme' }]);
  });
});
