import { expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent, CostEventFields } from '../../src/metering/cost-event.ts';
import { forecastSheet, outlierSheet, weekSheet, cacheSheet } from '../../src/reports/insights/sheets.ts';
import { outliers } from '../../src/reports/insights/outliers.ts';
import { peaks, weekHours } from '../../src/reports/insights/peaks.ts';
import { cost, costEvent } from '../ledger/events.ts';

function ledgerWith(...events: CostEvent[]): SqliteLedger {
  const ledger = new SqliteLedger({ path: ':memory:' });
  ledger.write(events);
  return ledger;
}

/** The n-th call of a ledger, at a price. */
const call = (number: number, amount: string | undefined, more: Partial<CostEventFields> = {}): CostEvent =>
  costEvent({ id: `call-${String(number).padStart(4, '0')}`, cost: cost(amount), ...more });

test('outliers of one price come in the order of their ids, dearest first, however many there are', async () => {
  // The median of 1,000 usual calls at 1, 2 and 3 cents is 2 cents; ten times that is 20.
  const usual = Array.from({ length: 1000 }, (_, index) => call(index, `0.0${1 + (index % 3)}`));
  const dear = Array.from({ length: 45 }, (_, index) =>
    call(2000 + ((index * 7) % 45), index === 30 ? '9' : '5'),
  );
  const { outliers: found } = await outliers(ledgerWith(...usual, ...dear), { top: 4 });
  // The 31st is number 2000 + 30 × 7 mod 45.
  expect(found.map(({ event }) => event.id)).toEqual(['call-2030', 'call-2000', 'call-2001', 'call-2002']);
  expect(found.map(({ median }) => median)).toEqual(['0.02', '0.02', '0.02', '0.02']);
});

test('a price is compared with calls of its own model, provider and currency, and a correction is no call', async () => {
  const events = Array.from({ length: 20 }, (_, index) => call(index, '0.01'));
  const { outliers: found } = await outliers(
    ledgerWith(
      ...events,
      call(100, '5', { kind: 'adjustment', adjusts: 'call-0001' }),
      call(101, '5', { responseModel: 'o3' }),
      call(102, undefined),
      costEvent({ id: 'euro', cost: cost('5', 'EUR') }),
      // Ten times the median, and a little more.
      call(103, '0.1'),
      call(104, '0.100001'),
    ),
  );
  expect(found.map(({ event }) => event.id)).toEqual(['call-0104']);
});

test('amounts of any size have a median', async () => {
  // An embedding of a few tokens; a double writes this as 1e-7.
  const small = Array.from({ length: 20 }, (_, index) => call(index, '0.0000001'));
  const { outliers: found } = await outliers(ledgerWith(...small, call(99, '0.00000100000000000001')));
  expect(found.map(({ event, median }) => [event.id, median])).toEqual([['call-0099', '0.0000001']]);
});

test('an outlier without a model is a line all the same', () => {
  const { responseModel: _, requestModel: __, ...bare } = call(1, '5');
  const event = { ...bare, timestamp: new Date('2026-11-20T10:00:00Z') } as CostEvent;
  const { rows, notes } = outlierSheet({ rule: 'the rule', outliers: [{ event, median: '0.1' }] });
  expect(rows).toEqual([['2026-11-20T10:00:00.000Z', 'acme', null, 'call-0001', '5', '0.1']]);
  expect(notes).toEqual(['the rule']);
});

test('peaks of one price come in the order of time, hours of the week by day, hour and currency', async () => {
  const at = (time: string, currency: string): CostEvent =>
    costEvent({ timestamp: new Date(time), cost: cost('1', currency) });
  const ledger = ledgerWith(
    at('2026-11-21T09:00:00Z', 'USD'),
    at('2026-11-20T10:00:00Z', 'USD'),
    at('2026-11-20T10:30:00Z', 'EUR'),
    at('2026-11-20T09:00:00Z', 'USD'),
  );
  const found = await peaks(ledger);
  expect(found.map(({ time, currency }) => `${time} ${currency}`)).toEqual([
    '2026-11-20T09:00Z USD',
    '2026-11-20T10:00Z EUR',
    '2026-11-20T10:00Z USD',
    '2026-11-21T09:00Z USD',
  ]);
  const week = weekSheet(await weekHours(ledger), 'UTC');
  expect(week.rows).toEqual([
    ['Friday', '09:00', 'USD', '1', 1],
    ['Friday', '10:00', 'EUR', '1', 1],
    ['Friday', '10:00', 'USD', '1', 1],
    ['Saturday', '09:00', 'USD', '1', 1],
  ]);
});

test('a forecast says what it rests on; one of few days that it is a guess, and one of none nothing', () => {
  const period = { start: new Date('2026-11-01T00:00:00Z'), end: new Date('2026-12-01T00:00:00Z') };
  const of = (days: number) => ({
    currency: 'USD',
    period,
    spent: '1',
    expected: '2',
    low: '1.5',
    high: '2.5',
    days,
    method: 'the usual of the weekdays',
  });
  expect(forecastSheet([], 'UTC')).toMatchObject({
    title: expect.stringContaining('ends (UTC)') as string,
    rows: [],
  });
  expect(forecastSheet([of(7)], 'UTC').notes).toEqual(['method: the usual of the weekdays.']);
  const guess = forecastSheet([of(6)], 'UTC');
  expect(guess.title).toContain('ends on 2026-12-01');
  expect(guess.notes?.[1]).toBe('It rests on 6 days, which is little more than a guess.');
});

test('cached tokens without a known price are counted, not guessed', () => {
  const saved = {
    provider: 'openai',
    model: 'x',
    currency: 'USD',
    read: 1,
    written: 0,
    savedByReading: '1',
    paidForWriting: '0',
    saved: '1',
  };
  expect(cacheSheet([{ ...saved, unknown: 0 }])).not.toHaveProperty('notes');
  expect(
    cacheSheet([
      { ...saved, unknown: 2 },
      { ...saved, unknown: 1 },
    ]).notes,
  ).toEqual(['unknown: 3 calls with cached tokens, whose uncached price is not known.']);
});
