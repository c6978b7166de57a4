import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { sumDecimals } from '../../src/base/decimal.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { focusCsv } from '../../src/reports/focus-csv.ts';
import { cost, costEvent, unattributedEvent } from '../ledger/events.ts';

async function rowsOf(events: readonly CostEvent[], options = {}): Promise<Record<string, string>[]> {
  const ledger = new SqliteLedger({ path: ':memory:' });
  ledger.write(events);
  return parse(await focusCsv(ledger, { month: '2026-11', ...options }), { columns: true }) as Record<
    string,
    string
  >[];
}

test('one row per token class of a day, customer and model, with quantities, units and prices', async () => {
  const rows = await rowsOf([
    costEvent({ context: { feature: 'chat', session: 'x' } }),
    costEvent({ context: { feature: 'chat' } }),
  ]);
  expect(rows).toMatchObject([
    {
      SkuMeter: 'Input Tokens',
      // 2 × 1,000 tokens at 2.5 per million
      ConsumedQuantity: '2000',
      ConsumedUnit: 'Tokens',
      PricingQuantity: '0.002',
      PricingUnit: '1000000 Tokens',
      ListUnitPrice: '2.5',
      BilledCost: '0.005',
      EffectiveCost: '0.005',
      SubAccountId: 'acme',
      Tags: '{"feature":"chat"}',
      SkuPriceDetails: '{"ModelId":"gpt-4o-2024-08-06","TokenDirection":"Input"}',
      ChargeCategory: 'Usage',
      ChargePeriodStart: '2026-11-20T00:00:00Z',
      ChargePeriodEnd: '2026-11-21T00:00:00Z',
      BillingPeriodStart: '2026-11-01T00:00:00Z',
      BillingPeriodEnd: '2026-12-01T00:00:00Z',
      x_EventCount: '2',
    },
    { SkuMeter: 'Output Tokens', ConsumedQuantity: '200', BilledCost: '0.002', x_EventCount: '0' },
  ]);
});

test('the costs add up to the events; what has no price has no row', async () => {
  const events = [
    costEvent(),
    unattributedEvent(),
    costEvent({ customer: null, cost: { ...cost('0.123456789012345678'), source: 'provider' } }),
    costEvent({ cost: cost(undefined) }),
    costEvent({ kind: 'adjustment', adjusts: 'x', cost: cost('-0.001'), usage: {} }),
  ];
  const rows = await rowsOf(events);
  // 2 × 0.0035 + 0.123456789012345678 − 0.001
  expect(sumDecimals(rows.map(({ BilledCost = '' }) => BilledCost))).toBe('0.129456789012345678');
  expect(new Set(rows.map((row) => row['x_Attribution']))).toEqual(
    new Set(['attributed', 'nobody', 'unattributed']),
  );
  expect(rows.find((row) => row['ChargeCategory'] === 'Adjustment')).toMatchObject({ BilledCost: '-0.001' });
});

test('a multiplier is in the unit price, so that price × quantity is the cost', async () => {
  const batch = costEvent({
    priceInputs: { batch: true },
    cost: {
      status: 'priced',
      currency: 'USD',
      amount: '0.00125',
      source: 'local',
      lineItems: [
        {
          meter: 'cache_read',
          quantity: '1000',
          unitPrice: '2.5',
          per: '1000000',
          amount: '0.00125',
          multipliers: [{ name: 'batch', factor: '0.5' }],
        },
      ],
    },
  });
  const [row] = await rowsOf([batch]);
  expect(row).toMatchObject({
    ListUnitPrice: '1.25',
    PricingQuantity: '0.001',
    ListCost: '0.00125',
    PricingCategory: 'Dynamic',
    SkuMeter: 'Cache Read Input Tokens',
    SkuPriceDetails: '{"ModelId":"gpt-4o-2024-08-06","TokenDirection":"Input","TokenCacheAction":"Read"}',
  });
});

test('days of a time zone, written in UTC', async () => {
  const [row] = await rowsOf([costEvent({ timestamp: new Date('2026-11-19T23:30:00Z') })], {
    timeZone: 'Europe/Berlin',
  });
  expect(row).toMatchObject({
    ChargePeriodStart: '2026-11-19T23:00:00Z',
    BillingPeriodStart: '2026-10-31T23:00:00Z',
  });
});
