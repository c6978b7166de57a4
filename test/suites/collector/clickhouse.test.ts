import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ClickHouse, type LogRow, noClickHouse, whyNoClickHouse } from './clickhouse.ts';
import { root } from './collector.ts';
import { costAttributes, type OtlpAttributes, sumOfCosts } from './cost-logs.ts';

let clickHouse: ClickHouse;

/** What the exporter makes of an event: every attribute is text. */
function logRow(attributes: OtlpAttributes, time = '2026-11-20 10:00:00.123'): LogRow {
  return {
    Timestamp: time,
    ServiceName: 'support-api',
    Body: JSON.stringify({ id: attributes['costspan.event.id'], schema_version: 1 }),
    LogAttributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, String(value)])),
    EventName: 'costspan.cost',
  };
}

function event(id: string, attributes: OtlpAttributes = {}): OtlpAttributes {
  return {
    'costspan.event.id': id,
    'costspan.cost.status': 'priced',
    'costspan.cost.currency': 'USD',
    ...attributes,
  };
}

describe.skipIf(noClickHouse)(`ClickHouse${whyNoClickHouse}`, () => {
  beforeAll(async () => {
    clickHouse = await ClickHouse.start();
  });
  afterAll(() => clickHouse.stop());
  beforeEach(async () => {
    await clickHouse.run('TRUNCATE TABLE costspan.cost_events');
  });

  describe('the schema', () => {
    test('can be applied again', async () => {
      await clickHouse.insertLogs([logRow(event('a', { 'costspan.cost.amount': '1' }))]);
      await clickHouse.applySchema();
      expect(await clickHouse.query('SELECT count() AS events FROM costspan.cost_events')).toEqual([
        { events: '1' },
      ]);
    });

    test('keeps every fact of an event, and unknown as NULL', async () => {
      const attributes = event('a', {
        'costspan.customer': 'acme_corp',
        'costspan.context.feature': 'chat',
        'costspan.context.plan': 'pro',
        'costspan.cost.amount': '0.005615',
        'gen_ai.provider.name': 'openai',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.response.model': 'gpt-4o-2024-08-06',
        'gen_ai.response.id': 'chatcmpl-123',
        'costspan.event.kind': 'usage',
        'costspan.status': 'ok',
        'costspan.usage.source': 'provider',
        'gen_ai.usage.input_tokens': 2006,
        'gen_ai.usage.cache_read.input_tokens': 1920,
        'gen_ai.usage.output_tokens': 0,
      });
      await clickHouse.insertLogs([logRow(attributes)]);
      expect(await clickHouse.query('SELECT * FROM costspan.cost_events')).toEqual([
        {
          event_id: 'a',
          kind: 'usage',
          adjusts: '',
          timestamp: '2026-11-20 10:00:00.123000000',
          customer: 'acme_corp',
          context: { feature: 'chat', plan: 'pro' },
          service: 'support-api',
          provider: 'openai',
          operation: 'chat',
          request_model: 'gpt-4o',
          response_model: 'gpt-4o-2024-08-06',
          response_id: 'chatcmpl-123',
          status: 'ok',
          usage_source: 'provider',
          input_tokens: '2006',
          cache_read_tokens: '1920',
          cache_write_tokens: null,
          output_tokens: '0',
          reasoning_tokens: null,
          cost_status: 'priced',
          currency: 'USD',
          cost: '0.005615',
          cost_text: '0.005615',
          trace_id: '',
          span_id: '',
          event: '{"id":"a","schema_version":1}',
        },
      ]);
    });

    test('takes cost events alone, also from an exporter that leaves EventName out', async () => {
      const { EventName: _, ...unnamed } = logRow(event('a', { 'costspan.cost.amount': '1' }));
      await clickHouse.insertLogs([unnamed, { ...unnamed, LogAttributes: { 'http.route': '/' } }]);
      expect(await clickHouse.query('SELECT event_id FROM costspan.cost_events')).toEqual([
        { event_id: 'a' },
      ]);
    });

    test('adds up exactly, down to the thirtieth decimal', async () => {
      const least = `0.${'0'.repeat(29)}1`;
      await clickHouse.insertLogs([
        logRow(event('a', { 'costspan.cost.amount': '123456789012345.1' })),
        logRow(event('b', { 'costspan.cost.amount': least })),
        logRow(event('c', { 'costspan.cost.amount': '-0.1' })),
      ]);
      // 123 456 789 012 345.1 + 10⁻³⁰ − 0.1
      expect(await clickHouse.query('SELECT sum(cost) AS cost FROM costspan.customer_costs')).toEqual([
        { cost: `123456789012345.${'0'.repeat(29)}1` },
      ]);
    });
  });

  describe('totals after redelivery', () => {
    const events = Array.from({ length: 10_000 }, (_, index) => costAttributes(index));
    const priced = events.filter((attributes) => attributes['costspan.cost.amount'] !== undefined);

    beforeEach(async () => {
      await clickHouse.run('SYSTEM STOP MERGES costspan.cost_events');
      for (let at = 0; at < events.length; at += 1000) {
        const batch = events.slice(at, at + 1000).map((attributes) => logRow(attributes));
        await clickHouse.insertLogs(batch);
        // Every other batch comes again: half of it at once, or all of it in another order.
        if (at % 4000 === 0) await clickHouse.insertLogs(batch.slice(0, 500));
        if (at % 4000 === 2000) await clickHouse.insertLogs(batch.toReversed());
      }
    });

    test('are exact, before and after the parts are merged', async () => {
      const totals = `SELECT sum(events) AS events, sum(unpriced) AS unpriced, sum(cost) AS cost FROM costspan.customer_costs`;
      const exact = [{ events: '10000', unpriced: '200', cost: sumOfCosts(priced) }];
      // 3 × 500 + 2 × 1 000 copies
      expect(await clickHouse.answer('redeliveries')).toEqual([{ copies: '3500', rows: '13500' }]);
      expect(await clickHouse.query(totals)).toEqual(exact);
      await clickHouse.run('SYSTEM START MERGES costspan.cost_events');
      await clickHouse.run('OPTIMIZE TABLE costspan.cost_events FINAL');
      expect(await clickHouse.answer('redeliveries')).toEqual([{ copies: '0', rows: '10000' }]);
      expect(await clickHouse.query(totals)).toEqual(exact);
    });

    test('are exact per customer, in the view and in the stored roll-up', async () => {
      const expected = ['acme_corp', 'globex', 'initech', 'umbrella'].map((customer) => ({
        customer,
        events: '2500',
        cost: sumOfCosts(priced.filter((attributes) => attributes['costspan.customer'] === customer)),
      }));
      const perCustomer = (table: string): string =>
        `SELECT customer, sum(events) AS events, sum(cost) AS cost FROM costspan.${table} GROUP BY customer ORDER BY customer`;
      expect(await clickHouse.query(perCustomer('customer_costs'))).toEqual(expected);
      for (const _ of ['first refresh', 'second refresh: replaces, does not add']) {
        await clickHouse.run('SYSTEM REFRESH VIEW costspan.customer_costs_refresh');
        await clickHouse.run('SYSTEM WAIT VIEW costspan.customer_costs_refresh');
        expect(await clickHouse.query(perCustomer('customer_costs_stored'))).toEqual(expected);
      }
    });
  });

  describe('the example queries', () => {
    beforeEach(async () => {
      const [acme, globex] = [{ 'costspan.customer': 'acme_corp' }, { 'costspan.customer': 'globex' }];
      const gpt = { 'gen_ai.provider.name': 'openai', 'gen_ai.response.model': 'gpt-4o' };
      const chat = { 'costspan.context.feature': 'chat', 'gen_ai.usage.input_tokens': 100 };
      const november = [
        event('a', { ...acme, ...gpt, ...chat, 'costspan.cost.amount': '0.30' }),
        event('b', { ...acme, ...gpt, ...chat, 'costspan.cost.amount': '0.10' }),
        event('c', { ...acme, ...gpt, 'costspan.context.feature': 'search', 'costspan.cost.amount': '0.05' }),
        event('d', { ...globex, ...gpt, 'costspan.cost.amount': '2', 'costspan.cost.currency': 'EUR' }),
        event('e', { ...globex, 'gen_ai.response.model': 'new-model', 'costspan.cost.status': 'unpriced' }),
        event('f', { ...gpt, 'costspan.cost.amount': '0.07' }),
      ].map((attributes) => logRow(attributes));
      const december = logRow(
        event('g', { ...acme, ...gpt, 'costspan.cost.amount': '99' }),
        '2026-12-01 00:00:00',
      );
      await clickHouse.insertLogs([...november, december]);
      await clickHouse.insertLogs(november.slice(0, 2));
    });

    test('are all tested here', () => {
      expect(readdirSync(`${root}examples/clickhouse/queries`).sort()).toEqual([
        'cost-of-customer-by-feature.sql',
        'cost-per-customer.sql',
        'health.sql',
        'redeliveries.sql',
        'unattributed.sql',
        'unpriced.sql',
      ]);
    });

    test('cost per customer: each currency apart, the end of the period outside', async () => {
      expect(await clickHouse.answer('cost-per-customer')).toEqual([
        { customer: 'globex', currency: 'EUR', events: '1', unpriced: '0', cost: '2' },
        // 0.30 + 0.10 + 0.05
        { customer: 'acme_corp', currency: 'USD', events: '3', unpriced: '0', cost: '0.45' },
        { customer: '', currency: 'USD', events: '1', unpriced: '0', cost: '0.07' },
        { customer: 'globex', currency: 'USD', events: '1', unpriced: '1', cost: null },
      ]);
    });

    test('cost of a customer by feature', async () => {
      const day = { day: '2026-11-20', model: 'gpt-4o', currency: 'USD' };
      expect(await clickHouse.answer('cost-of-customer-by-feature', { customer: 'acme_corp' })).toEqual([
        // 0.30 + 0.10; 2 × 100 tokens in, nobody counted the ones that came out
        { ...day, feature: 'chat', events: '2', input_tokens: '200', output_tokens: null, cost: '0.4' },
        { ...day, feature: 'search', events: '1', input_tokens: null, output_tokens: null, cost: '0.05' },
      ]);
    });

    test('unattributed and unpriced', async () => {
      expect(await clickHouse.answer('unattributed')).toEqual([
        { service: 'support-api', model: 'gpt-4o', currency: 'USD', events: '1', cost: '0.07' },
      ]);
      expect(await clickHouse.answer('unpriced')).toEqual([
        { provider: '', model: 'new-model', events: '1' },
      ]);
    });

    test('health: all 0 when well, and each fault where it belongs', async () => {
      expect(await clickHouse.answer('health')).toEqual([{ unreadable: '0', rounded: '0', undated: '0' }]);
      await clickHouse.insertLogs([
        logRow(event('h', { 'costspan.cost.amount': 'NaN' })),
        logRow(event('i', { 'costspan.cost.amount': `0.${'0'.repeat(30)}1` })),
        logRow(event('j', { 'costspan.cost.amount': '1' }), '1970-01-01 00:00:00'),
      ]);
      expect(await clickHouse.answer('health')).toEqual([{ unreadable: '1', rounded: '1', undated: '1' }]);
    });
  });
});
