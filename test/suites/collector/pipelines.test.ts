import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Collector, noCollector, whyNot } from './collector.ts';
import { costAttributes, logsRequest, post, sumOfCosts, until } from './cost-logs.ts';
import { OtlpServer } from './otlp-server.ts';

const EVENTS = 2_000;
const events = Array.from({ length: EVENTS }, (_, index) => {
  const { 'costspan.customer': customer = '', ...rest } = costAttributes(index);
  // Nobody is billed for the first three.
  return index < 3 ? rest : { ...rest, 'costspan.customer': customer };
});

let sink: OtlpServer;
let backend: OtlpServer;
let collector: Collector;

describe.skipIf(noCollector)(`the pipelines${whyNot}`, () => {
  beforeAll(async () => {
    [sink, backend] = await Promise.all([OtlpServer.start(), OtlpServer.start()]);
    const files = ['collector-config.yaml', 'examples/collector/http.yaml'];
    // The shipped ten seconds, shortened.
    const hurry = 'yaml:processors::tail_sampling::decision_wait: 100ms';
    collector = await Collector.start(
      [...files, hurry, 'yaml:exporters::otlp_http/backend::encoding: json'],
      {
        COST_ENDPOINT: sink.url,
        COST_ENCODING: 'json',
        OTLP_BACKEND: backend.url,
        TRACE_SAMPLING_PERCENTAGE: '0',
      },
    );
    // All at once: senders do not wait for each other.
    const starts = Array.from({ length: EVENTS / 100 }, (_, index) => index * 100);
    await Promise.all(
      starts.map(async (at) => {
        await post(`${collector.url}/v1/logs`, logsRequest(events.slice(at, at + 100)));
        await post(`${collector.url}/v1/traces`, traceRequest(at, at === EVENTS - 100));
      }),
    );
    await post(`${collector.url}/v1/logs`, logsRequest([{ 'http.route': '/chat' }]));
    await until('every cost event to arrive', () => sink.events.size >= EVENTS);
  });
  afterAll(async () => {
    await collector.stop();
    await Promise.all([sink.stop(), backend.stop()]);
  });

  test('sample traces down to the failed ones and cost events not at all', async () => {
    await until('the failed trace to arrive', () => backend.traceRequests > 0);
    expect(backend.traceRequests).toBe(1);
    expect(sumOfCosts(sink.events.values())).toBe(sumOfCosts(events));
  });

  test('part cost events from the other logs', async () => {
    await until('the other log to arrive', () => backend.otherLogs > 0);
    expect(backend).toMatchObject({ otherLogs: 1, received: [] });
    expect(sink.otherLogs).toBe(0);
  });

  test('give Prometheus the totals, by model and never by customer', async () => {
    const priced = events.filter((attributes) => attributes['costspan.cost.amount'] !== undefined);
    await until(
      'Prometheus to see every event',
      async () => total(await scrape(), 'costspan_collector_events_total') === EVENTS,
    );
    const samples = await scrape();
    expect(total(samples, 'costspan_collector_cost_total')).toBeCloseTo(Number(sumOfCosts(priced)), 9);
    expect(total(samples, 'costspan_collector_events_unattributed_total')).toBe(3);
    expect(total(samples, 'costspan_collector_input_tokens_total')).toBe(sumOf('gen_ai.usage.input_tokens'));
    expect(total(samples, 'costspan_collector_output_tokens_total')).toBe(
      sumOf('gen_ai.usage.output_tokens'),
    );
    // 1 of 50 has no price
    const unpriced = samples.filter((sample) => sample.includes('costspan_cost_status="unpriced"'));
    expect(total(unpriced, 'costspan_collector_events_total')).toBe(EVENTS / 50);
    expect(samples.filter((sample) => sample.includes('acme_corp'))).toEqual([]);
    expect(samples.find((sample) => sample.startsWith('costspan_collector_cost_total'))).toMatch(
      /gen_ai_response_model="[^"]+".*service_name="support-api"/,
    );
  });

  test('show how full the queues are', async () => {
    const own = await (await fetch(collector.telemetryUrl)).text();
    expect(own).toMatch(/otelcol_exporter_queue_size\{[^}]*exporter="otlp_http\/cost"/);
  });
});

function sumOf(key: string): number {
  return events.reduce((sum, attributes) => sum + Number(attributes[key] ?? 0), 0);
}

async function scrape(): Promise<readonly string[]> {
  const text = await (await fetch(collector.metricsUrl)).text();
  return text.split('\n').filter((line) => line.startsWith('costspan_'));
}

/** The sum over all series of a metric. */
function total(samples: readonly string[], metric: string): number {
  return samples
    .filter((sample) => sample.startsWith(`${metric}{`))
    .reduce((sum, sample) => sum + Number(sample.slice(sample.lastIndexOf(' ') + 1)), 0);
}

/** A trace of one span. */
function traceRequest(index: number, failed: boolean): string {
  const span = {
    traceId: index.toString(16).padStart(31, '0').padEnd(32, '1'),
    spanId: index.toString(16).padStart(15, '0').padEnd(16, '1'),
    name: 'chat',
    kind: 3,
    startTimeUnixNano: '1795255200000000000',
    endTimeUnixNano: '1795255200123000000',
    status: failed ? { code: 2 } : {},
  };
  return JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans: [span] }] }] });
}
