import { expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { cacheSavings } from '../../src/reports/insights/cache-savings.ts';
import { forecast } from '../../src/reports/insights/forecast.ts';
import { margins } from '../../src/reports/insights/margins.ts';
import { outliers } from '../../src/reports/insights/outliers.ts';
import { peaks, weekHours } from '../../src/reports/insights/peaks.ts';
import { trend } from '../../src/reports/insights/trend.ts';
import { cost, costEvent } from '../ledger/events.ts';

function ledgerWith(...events: CostEvent[]): SqliteLedger {
  const ledger = new SqliteLedger({ path: ':memory:' });
  ledger.write(events);
  return ledger;
}

const at = (time: string, amount: string): CostEvent =>
  costEvent({ timestamp: new Date(time), cost: cost(amount) });

test('trend: each span beside the one before it, both sides of every boundary', async () => {
  const ledger = ledgerWith(
    at('2026-11-20T12:00:00Z', '1000'), // now: not included
    at('2026-11-20T11:59:59.999Z', '1'),
    at('2026-11-19T12:00:00Z', '2'), // the first instant of the 24 hours
    at('2026-11-19T11:59:59.999Z', '4'),
    at('2026-11-13T12:00:00Z', '8'),
    at('2026-11-13T11:59:59.999Z', '16'),
    at('2026-11-01T00:00:00Z', '32'),
    at('2026-10-20T11:59:59.999Z', '64'), // within the same days of October
    at('2026-10-20T12:00:00Z', '128'),
    at('2025-11-20T11:59:59.999Z', '256'),
  );
  const found = await trend(ledger, { now: new Date('2026-11-20T12:00:00Z') });
  expect(found.map(({ name, amount, amountBefore, change }) => [name, amount, amountBefore, change])).toEqual(
    [
      ['24h', '3', '4', '-0.250'],
      // 3 + 4 + 8; before: 16
      ['7d', '15', '16', '-0.062'],
      // 15 + 16 + 32; before: 64
      ['mtd', '63', '64', '-0.016'],
      // 63 + 64 + 128; before: 256
      ['ytd', '255', '256', '-0.004'],
    ],
  );
});

test('trend: the 31st beside a shorter month ends with that month', async () => {
  const ledger = ledgerWith(at('2026-02-28T23:59:59Z', '1'), at('2026-03-01T00:00:00Z', '2'));
  const month = (await trend(ledger, { now: new Date('2026-03-31T12:00:00Z') })).find(
    ({ name }) => name === 'mtd',
  );
  expect(month).toMatchObject({ name: 'mtd', amount: '2', amountBefore: '1', change: '1.000' });
});

test('peaks: the dearest hours, and the hours of the week where the clocks are', async () => {
  const ledger = ledgerWith(
    at('2026-11-20T10:15:00Z', '1'),
    at('2026-11-20T10:45:00Z', '2'),
    at('2026-11-20T11:00:00Z', '0.5'),
    at('2026-11-27T10:00:00Z', '1'),
  );
  expect((await peaks(ledger, { top: 1 })).map(({ amount, events }) => [amount, events])).toEqual([['3', 2]]);
  // Both are Fridays; 10:00 UTC is 11:00 in Berlin.
  expect(await weekHours(ledger, { timeZone: 'Europe/Berlin' })).toEqual([
    { weekday: 4, hour: 11, currency: 'USD', amount: '4', events: 3 },
    { weekday: 4, hour: 12, currency: 'USD', amount: '0.5', events: 1 },
  ]);
});

test('cache savings: what was read beside the uncached price, less what writing cost more', async () => {
  const line = (meter: string, quantity: string, unitPrice: string, amount: string) => ({
    meter,
    quantity,
    unitPrice,
    per: '1000000',
    amount,
  });
  const event = costEvent({
    cost: {
      status: 'priced',
      currency: 'USD',
      amount: '0.0079',
      source: 'local',
      lineItems: [
        line('input', '100', '3', '0.0003'),
        line('cache_read', '2000', '0.3', '0.0006'),
        line('cache_write_5m', '1000', '3.75', '0.00375'),
      ],
    },
  });
  // read: 2,000 × (3 − 0.3) ÷ 1e6 = 0.0054; written: 1,000 × (3.75 − 3) ÷ 1e6 = 0.00075
  expect(await cacheSavings(ledgerWith(event, costEvent()))).toEqual([
    {
      provider: 'openai',
      model: 'gpt-4o-2024-08-06',
      currency: 'USD',
      read: 2000,
      written: 1000,
      savedByReading: '0.0054',
      paidForWriting: '0.00075',
      saved: '0.00465',
      unknown: 0,
    },
  ]);
});

test('outliers: more than ten times the median, of enough calls, with the rule', async () => {
  const usual = Array.from({ length: 20 }, () => costEvent({ cost: cost('0.01') }));
  const dear = costEvent({ cost: cost('0.11') });
  const almost = costEvent({ cost: cost('0.099') });
  const found = await outliers(ledgerWith(...usual, dear, almost));
  expect(found.outliers.map(({ event }) => event.id)).toEqual([dear.id]);
  expect(found.rule).toContain('more than 10 times the median');
  expect((await outliers(ledgerWith(...usual.slice(1, 19), dear))).outliers).toEqual([]);
});

test('forecast: spent so far and the usual of the weekdays to come, with a range', async () => {
  // 2 a day for four weeks; November has 10 whole days left after the 20th, and half of that day itself.
  const days = Array.from({ length: 28 }, (_, index) =>
    new Date(Date.UTC(2026, 9, 23 + index, 9)).toISOString(),
  );
  const [found] = await forecast(ledgerWith(...days.map((day) => at(day, '2'))), {
    now: new Date('2026-11-20T12:00:00Z'),
  });
  // November 1 to 19: 19 × 2 = 38; 38 + 2 × 10.5 = 59; no day differs, so the range is a point.
  expect(found).toMatchObject({
    spent: '38',
    expected: '59.000000',
    low: '59.000000',
    high: '59.000000',
    days: 28,
  });
  expect(await forecast(ledgerWith())).toEqual([]);
});

test('margins: charge beside cost, the largest loss first', async () => {
  const charge = (amount: string) => ({
    status: 'charged' as const,
    currency: 'USD',
    amount,
    lineItems: [],
    rateCard: 'standard',
  });
  const found = await margins(
    ledgerWith(
      costEvent({ cost: cost('1'), charge: charge('1.2') }),
      costEvent({ cost: cost('2'), charge: charge('2.4') }),
      costEvent({ customer: 'globex', cost: cost('3') }),
    ),
  );
  expect(found).toMatchObject([
    { customer: 'globex', cost: '3', charge: '0', margin: '-3', uncharged: 1 },
    // 3.6 − 3 = 0.6; ÷ 3.6 = 0.1667
    { customer: 'acme', cost: '3', charge: '3.6', margin: '0.6', rate: '0.167', uncharged: 0 },
  ]);
});
