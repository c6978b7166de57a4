import { type Attributes, metrics as globalMetrics, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, AlwaysOnSampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Budget, type BudgetState, CostSpanProcessor, MemorySink, recordUsage } from '../../src/index.ts';
import { costSampler } from '../../src/otel/cost-sampler.ts';
import { type CostMetrics, type CostMetricsOptions, createCostMetrics } from '../../src/otel/metrics.ts';
import { cost, costEvent, unattributedEvent } from '../ledger/events.ts';

let exporter: InMemoryMetricExporter;
let provider: MeterProvider;

beforeEach(() => {
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  });
});
afterEach(() => provider.shutdown());

function create(options?: CostMetricsOptions): CostMetrics {
  return createCostMetrics(provider.getMeter('costspan'), options);
}

interface Point {
  readonly attributes: Attributes;
  readonly value: number;
}

/** The points of one metric; of a histogram, their sums. */
async function points(name: string): Promise<Point[]> {
  exporter.reset();
  await provider.forceFlush();
  const metrics = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const metric = metrics.find(({ descriptor }) => descriptor.name === name);
  if (metric === undefined) return [];
  if (metric.dataPointType === DataPointType.HISTOGRAM)
    return metric.dataPoints.map(({ attributes, value }) => ({ attributes, value: value.sum ?? 0 }));
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return [];
  return metric.dataPoints.map(({ attributes, value }) => ({ attributes, value }));
}

describe('cost events as metrics', () => {
  test('count cost, events and duration by provider, model, operation and feature', async () => {
    const metrics = create();
    metrics.record(costEvent({ context: { feature: 'chat', project: 'hidden' } }));
    metrics.record(costEvent({ context: { feature: 'chat' }, durationMs: 1200 }));
    const attributes = {
      'gen_ai.provider.name': 'openai',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'costspan.context.feature': 'chat',
    };
    // 2 × 0.0035
    expect(await points('costspan.cost')).toEqual([
      { attributes: { ...attributes, 'costspan.cost.currency': 'USD' }, value: 0.007 },
    ]);
    expect(await points('costspan.events')).toEqual([
      { attributes: { ...attributes, 'costspan.cost.status': 'priced' }, value: 2 },
    ]);
    // 0.8 s + 1.2 s
    expect(await points('gen_ai.client.inference.duration')).toEqual([{ attributes, value: 2 }]);
  });

  test('count tokens by modality, what was not broken down as unknown', async () => {
    const metrics = create();
    metrics.record(
      costEvent({ usage: { inputTokens: 100, inputAudioTokens: 30, cacheReadTokens: 10, outputTokens: 7 } }),
    );
    const byModality = async (name: string) =>
      (await points(`gen_ai.client.inference.usage.${name}`)).map(({ attributes, value }) => [
        attributes['gen_ai.token.modality'],
        value,
      ]);
    expect(await byModality('input_tokens')).toEqual([
      ['audio', 30],
      ['unknown', 70],
    ]);
    expect(await byModality('cache_read.input_tokens')).toEqual([['unknown', 10]]);
    expect(await byModality('output_tokens')).toEqual([['unknown', 7]]);
    expect(await byModality('reasoning.output_tokens')).toEqual([]);
  });

  test('show what is wrong with the figures: unpriced, unattributed, estimated', async () => {
    const metrics = create();
    metrics.record(costEvent({ cost: cost(undefined) }));
    metrics.record(unattributedEvent());
    metrics.record(costEvent({ usageSource: 'estimated' }));
    metrics.record(costEvent({ kind: 'adjustment', adjusts: 'x', cost: cost('-5') }));
    const total = async (name: string) => (await points(name)).reduce((sum, { value }) => sum + value, 0);
    expect(await total('costspan.events')).toBe(3);
    expect(await total('costspan.events.unpriced')).toBe(1);
    expect(await total('costspan.events.unattributed')).toBe(1);
    expect(await total('costspan.events.estimated')).toBe(1);
    expect(await total('costspan.cost')).toBeCloseTo(0.007, 12);
  });
});

describe('the number of series', () => {
  test('is bounded for models and features: the 100th value has its own, the 101st is other', async () => {
    const metrics = create();
    for (let index = 0; index < 105; index++) {
      metrics.record(
        costEvent({
          requestModel: `m${index}`,
          responseModel: `m${index}`,
          context: { feature: `f${index}` },
        }),
      );
    }
    const seen = (await points('costspan.cost')).map(({ attributes }) => attributes);
    const models = new Set(seen.map((each) => each['gen_ai.response.model']));
    expect(models.size).toBe(101);
    expect(models).toContain('m99');
    expect(models).not.toContain('m100');
    expect(models).toContain('other');
    expect(new Set(seen.map((each) => each['costspan.context.feature'])).size).toBe(101);
  });

  const byCustomer = async () =>
    Object.fromEntries(
      (await points('costspan.cost')).map(({ attributes, value }) => [
        attributes['costspan.customer'] ?? '-',
        value,
      ]),
    );

  test('names no customer unless told to', async () => {
    create().record(costEvent());
    expect(Object.keys(await byCustomer())).toEqual(['-']);
  });

  test('names the customers of an allow-list', async () => {
    const metrics = create({ customers: { allow: ['acme'] } });
    for (const customer of ['acme', 'globex', 'initech', null])
      metrics.record(costEvent({ customer, cost: cost('1') }));
    expect(await byCustomer()).toEqual({ acme: 1, other: 2, '-': 1 });
  });

  test('names the customers that cost most, and at most twice as many as asked for', async () => {
    const metrics = create({ customers: { top: 2 } });
    const spend = (customer: string, amount: string) =>
      metrics.record(costEvent({ customer, cost: cost(amount) }));
    spend('a', '1');
    spend('b', '1');
    spend('small', '0.5');
    spend('c', '10'); // passes a and b
    spend('d', '20');
    spend('e', '30'); // would be the fifth name
    spend('a', '1');
    expect(await byCustomer()).toEqual({ a: 2, b: 1, c: 10, d: 20, other: 30.5 });
  });

  test('a wrong option is refused', () => {
    expect(() => create({ customers: { top: 0 } })).toThrow('{ top: 50 }');
    expect(() => create({ customer: {} } as never)).toThrow("Did you mean 'customers'?");
  });
});

test('delivery is shown as it is at each collection, until told to stop', async () => {
  let pending = 3;
  const stop = create().observe({
    budgets: async () => [],
    sinks: () => [
      {
        name: 'http',
        status: 'ok',
        sent: 5,
        pending,
        failed: 1,
        dead: 2,
        dropped: 4,
        oldestPendingAgeMs: 1500,
      },
    ],
  });
  const attributes = { 'costspan.sink': 'http' };
  expect(await points('costspan.delivery.pending')).toEqual([{ attributes, value: 3 }]);
  expect(await points('costspan.delivery.oldest_pending_age')).toEqual([{ attributes, value: 1.5 }]);
  expect(await points('costspan.delivery.dead')).toEqual([{ attributes, value: 2 }]);
  expect(await points('costspan.delivery.dropped')).toEqual([{ attributes, value: 4 }]);
  pending = 0;
  expect(await points('costspan.delivery.pending')).toEqual([{ attributes, value: 0 }]);
  stop();
  pending = 9;
  expect(await points('costspan.delivery.pending')).toEqual([{ attributes, value: 0 }]);
});

test('the processor counts on the meter provider that is registered after it, and shows its sinks', async () => {
  const processor = new CostSpanProcessor({ sinks: [new MemorySink()], metrics: { customers: { top: 1 } } });
  globalMetrics.setGlobalMeterProvider(provider);
  try {
    recordUsage({ service: 'speech', customer: 'acme', quantities: { minutes: 3 } });
    recordUsage({ service: 'speech', customer: 'acme', quantities: { minutes: 3 } });
    expect(await points('costspan.events')).toMatchObject([
      { attributes: { 'costspan.customer': 'acme' }, value: 2 },
    ]);
    expect(await points('costspan.delivery.sent')).toEqual([
      { attributes: { 'costspan.sink': 'memory' }, value: 2 },
    ]);
  } finally {
    await processor.shutdown();
    globalMetrics.disable();
  }
});

describe('budgets as metrics', () => {
  const state = (id: string, percent: number, scope: Readonly<Record<string, string>> = {}): BudgetState => ({
    id,
    scope,
    period: {},
    limit: '10',
    spent: '0',
    held: '0',
    remaining: '10',
    percent,
  });

  test('by budget, and of scopes that share a series the one used most', async () => {
    create({ customers: { allow: ['acme'] } }).observe({
      sinks: () => [],
      budgets: async () => [
        state('all', 12.5),
        state('per-customer', 50, { customer: 'acme' }),
        state('per-customer', 30, { customer: 'globex' }),
        state('per-customer', 120, { customer: 'initech' }),
        state('per-customer', 80, { customer: 'hooli' }),
      ],
    });
    expect(await points('costspan.budget.used')).toEqual([
      { attributes: { 'costspan.budget.id': 'all' }, value: 0.125 },
      { attributes: { 'costspan.budget.id': 'per-customer', 'costspan.customer': 'acme' }, value: 0.5 },
      { attributes: { 'costspan.budget.id': 'per-customer', 'costspan.customer': 'other' }, value: 1.2 },
    ]);
  });

  test('without a series per customer a budget has one', async () => {
    create().observe({
      sinks: () => [],
      budgets: async () => [state('b', 10, { customer: 'acme' }), state('b', 0, { customer: 'globex' })],
    });
    expect(await points('costspan.budget.used')).toEqual([
      { attributes: { 'costspan.budget.id': 'b' }, value: 0.1 },
    ]);
  });

  test('of a processor: what its calls fell into, as of now', async () => {
    const processor = new CostSpanProcessor({
      metrics: { customers: { top: 5 } },
      budgets: [
        new Budget({ id: 'calls', each: ['customer'], limit: 4, measure: 'calls', period: 'total' }),
        new Budget({ id: 'untouched', match: { feature: 'x' }, limit: 4, measure: 'calls', period: 'total' }),
      ],
    });
    globalMetrics.setGlobalMeterProvider(provider);
    try {
      for (let call = 0; call < 3; call++)
        recordUsage({ service: 'speech', customer: 'acme', quantities: { minutes: 3 } });
      await processor.forceFlush();
      // 3 of 4
      expect(await points('costspan.budget.used')).toEqual([
        { attributes: { 'costspan.budget.id': 'calls', 'costspan.customer': 'acme' }, value: 0.75 },
      ]);
    } finally {
      await processor.shutdown();
      globalMetrics.disable();
    }
  });
});

test('the processor refuses a wrong metrics option and makes none when told so', async () => {
  expect(() => new CostSpanProcessor({ metrics: { customers: { top: -1 } } })).toThrow('{ top: 50 }');
  const processor = new CostSpanProcessor({ metrics: false });
  globalMetrics.setGlobalMeterProvider(provider);
  try {
    recordUsage({ service: 'speech', quantities: { minutes: 3 } });
    expect(await points('costspan.events')).toEqual([]);
  } finally {
    await processor.shutdown();
    globalMetrics.disable();
  }
});

describe('costSampler', () => {
  const sample = (sampler: AlwaysOffSampler | AlwaysOnSampler, attributes: Attributes) =>
    costSampler(sampler).shouldSample(ROOT_CONTEXT, 'a'.repeat(32), 'chat', SpanKind.CLIENT, attributes, [])
      .decision;

  test.each([
    [{ 'gen_ai.operation.name': 'chat' }],
    [{ 'llm.request.type': 'chat' }],
    [{ 'openinference.span.kind': 'LLM' }],
    [{ 'ai.operationId': 'ai.generateText.doGenerate' }],
  ])('records, and does not sample, a model call %o', (attributes) => {
    expect(sample(new AlwaysOffSampler(), attributes)).toBe(SamplingDecision.RECORD);
  });

  test('changes nothing else', () => {
    expect(sample(new AlwaysOffSampler(), { 'http.request.method': 'GET' })).toBe(
      SamplingDecision.NOT_RECORD,
    );
    expect(sample(new AlwaysOnSampler(), { 'gen_ai.operation.name': 'chat' })).toBe(
      SamplingDecision.RECORD_AND_SAMPLED,
    );
    expect(String(costSampler(new AlwaysOffSampler()))).toBe('CostSampler{AlwaysOffSampler}');
  });
});

test.each([
  ['none', undefined, 0],
  [undefined, undefined, 0],
  ['otlp', undefined, 1],
  [undefined, 'http://collector:4318', 1],
])(
  'without the option, OTEL_METRICS_EXPORTER %s and endpoint %s make %i series',
  async (name, url, series) => {
    vi.stubEnv('OTEL_METRICS_EXPORTER', name);
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url);
    const processor = new CostSpanProcessor();
    globalMetrics.setGlobalMeterProvider(provider);
    try {
      recordUsage({ service: 'speech', quantities: { minutes: 3 } });
      expect(await points('costspan.events')).toHaveLength(series);
    } finally {
      await processor.shutdown();
      globalMetrics.disable();
      vi.unstubAllEnvs();
    }
  },
);
