import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OTLPLogSink } from '../../../src/sinks/otlp-log.ts';
import { costEvent } from '../../ledger/events.ts';
import { ClickHouse, noClickHouse, whyNoClickHouse } from './clickhouse.ts';
import { ClickHouseHttp } from './clickhouse-http.ts';
import { Collector, noCollector, whyNot } from './collector.ts';
import { costAttributes, logsRequest, post, sumOfCosts, until } from './cost-logs.ts';

const EVENTS = 4_000;
let clickHouse: ClickHouse;
let http: ClickHouseHttp;
let collector: Collector | undefined;
describe.skipIf(noCollector || noClickHouse)(`the ClickHouse exporter${whyNot}${whyNoClickHouse}`, () => {
  beforeAll(async () => {
    clickHouse = await ClickHouse.start();
    http = await ClickHouseHttp.start(clickHouse);
  });
  afterAll(async () => {
    await collector?.stop();
    await http.stop();
    clickHouse.stop();
  });

  test('fills our tables, whatever was away and whatever came twice', async () => {
    const events = Array.from({ length: EVENTS }, (_, index) => costAttributes(index));
    await clickHouse.run('SYSTEM STOP MERGES costspan.cost_events');
    http.away = true;
    // As shipped. No Kafka listens, which is its queue's business and nobody else's.
    collector = await Collector.start(['collector-config.yaml'], {
      CLICKHOUSE_ENDPOINT: http.endpoint,
      KAFKA_BROKERS: '127.0.0.1:1',
    });

    await post(`${collector.url}/v1/logs`, logsRequest(events.slice(0, EVENTS / 2)));
    await collector.kill();
    http.away = false;
    http.cutNextInsert = true;
    await collector.start();
    await post(`${collector.url}/v1/logs`, logsRequest(events.slice(EVENTS / 2)));

    const stored = 'SELECT uniqExact(event_id) AS events, count() AS rows FROM costspan.cost_events';
    // The insert that was written and never answered comes again.
    await until('every event to be stored and some of them twice', async () => {
      const [row] = await clickHouse.query(stored);
      return row?.['events'] === String(EVENTS) && Number(row['rows']) > EVENTS;
    });
    expect(
      await clickHouse.query('SELECT sum(events) AS events, sum(cost) AS cost FROM costspan.customer_costs'),
    ).toEqual([{ events: String(EVENTS), cost: sumOfCosts(events) }]);
  });

  test('reads every column from what OTLPLogSink sends', async () => {
    collector ??= await Collector.start(['collector-config.yaml'], { CLICKHOUSE_ENDPOINT: http.endpoint });
    const event = costEvent({
      customer: 'hooli',
      context: { feature: 'chat', plan: 'pro' },
      traceId: 'ab'.repeat(16),
    });
    await new OTLPLogSink({ url: `${collector.url}/v1/logs` }).write([event]);
    const hooli = `SELECT * FROM costspan.cost_events WHERE customer = 'hooli'`;
    await until('the event to be stored', async () => (await clickHouse.query(hooli)).length > 0);
    expect(await clickHouse.query(hooli)).toEqual([
      {
        event_id: event.id,
        kind: 'usage',
        adjusts: '',
        timestamp: '2026-11-20 10:00:00.000000000',
        customer: 'hooli',
        context: { feature: 'chat', plan: 'pro' },
        service: 'support-api',
        provider: 'openai',
        operation: 'chat',
        request_model: 'gpt-4o',
        response_model: 'gpt-4o-2024-08-06',
        response_id: 'chatcmpl-1',
        status: 'ok',
        usage_source: 'provider',
        input_tokens: '1000',
        cache_read_tokens: null,
        cache_write_tokens: null,
        output_tokens: '100',
        reasoning_tokens: null,
        cost_status: 'priced',
        currency: 'USD',
        // 1 000 × $2.50/M + 100 × $10/M
        cost: '0.0035',
        cost_text: '0.0035',
        trace_id: 'ab'.repeat(16),
        span_id: '',
        event: JSON.stringify(event),
      },
    ]);
  });
});
