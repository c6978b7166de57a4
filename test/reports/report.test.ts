import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CostQuery, Dimension } from '../../src/ledger/ledger.ts';
import { sumDecimals } from '../../src/base/decimal.ts';
import { createReport, report as askForReport } from '../../src/reports/report.ts';
import { row } from './rows.ts';

const said = { attribution_source: 'scope' };
const unsaid = { attribution_source: null };

test('asks the ledger for what tells "nobody" from "nobody said"', async () => {
  const asked: CostQuery[] = [];
  const ledger = {
    query: (query: CostQuery = {}) => {
      asked.push(query);
      return Promise.resolve([]);
    },
  };
  const period = { start: new Date('2026-11-01T00:00:00Z') };
  await askForReport(ledger, { by: ['customer', 'model'], ...period });
  await askForReport(ledger, { by: ['model'] });
  expect(asked).toEqual([
    { ...period, groupBy: ['customer', 'model', 'attribution_source'] },
    { ...period, unattributed: true },
    { groupBy: ['model'] },
    { unattributed: true },
  ]);
});

test('groups by the clocks of a time zone, and filters totals and open questions alike', async () => {
  const asked: unknown[] = [];
  const ledger = {
    query: (query: CostQuery = {}) => {
      asked.push(query);
      return Promise.resolve([]);
    },
  };
  await askForReport(ledger, { by: ['day'], provider: 'openai', timeZone: 'Europe/Berlin' });
  expect(asked).toEqual([
    { provider: 'openai', groupBy: ['day'], timeZone: 'Europe/Berlin' },
    { provider: 'openai', unattributed: true },
  ]);
  await expect(askForReport(ledger, { timeZone: 'Berlin' })).rejects.toThrow(
    "to be a time zone like 'Europe/Berlin', got 'Berlin'",
  );
});

test('adds up rows that differ only in what the report does not show', () => {
  const report = createReport(
    [
      row({ customer: 'acme', attribution_source: 'scope' }, { amount: '0.1', usage: { inputTokens: 10 } }),
      row({ customer: 'acme', attribution_source: 'baggage' }, { amount: '0.2', usage: { outputTokens: 5 } }),
    ],
    { by: ['customer'] },
  );
  expect(report.lines).toHaveLength(1);
  // 0.1 + 0.2 = 0.3, which a float misses
  expect(report.lines[0]).toMatchObject({
    group: { customer: 'acme' },
    events: 2,
    amount: '0.3',
    usage: { inputTokens: 10, outputTokens: 5 },
    share: '1.000',
  });
});

test('puts the largest spend first, group by group, and what nobody was named for last', () => {
  const report = createReport(
    [
      row({ customer: null, model: 'a', ...unsaid }, { amount: '9' }),
      row({ customer: null, model: 'a', ...said }, { amount: '8' }),
      row({ customer: 'small', model: 'a', ...said }, { amount: '5' }),
      row({ customer: 'big', model: 'a', ...said }, { amount: '2' }),
      row({ customer: 'big', model: 'b', ...said }, { amount: '4' }),
    ],
    { by: ['customer', 'model'] },
  );
  expect(report.lines.map(({ group, unattributed }) => [group.customer, group.model, unattributed])).toEqual([
    ['big', 'b', false], // big: 2 + 4 = 6 > 5
    ['big', 'a', false],
    ['small', 'a', false],
    [null, 'a', false],
    [null, 'a', true],
  ]);
});

test('keeps days in order, whatever they cost', () => {
  const days = ['2026-11-02', '2026-11-01', '2026-11-03'];
  const report = createReport(
    days.map((day, index) => row({ day, ...said }, { amount: String(index) })),
    { by: ['day'] },
  );
  expect(report.lines.map(({ group }) => group.day)).toEqual(days.toSorted());
});

test('tells the unattributed part of a total in its own currency', () => {
  const report = createReport([row({ model: 'a' }, { amount: '4', events: 3 })], {
    by: ['model'],
    unattributed: [row({}, { amount: '9', currency: 'EUR' }), row({}, { amount: '1', events: 2 })],
  });
  expect(report.totals).toMatchObject([{ events: 3, amount: '4', unattributed: { events: 2, amount: '1' } }]);
});

test('takes a customer who came without a source for a customer', () => {
  const report = createReport([row({ customer: 'acme', ...unsaid })], { by: ['customer'] });
  expect(report.lines).toMatchObject([{ group: { customer: 'acme' }, unattributed: false }]);
});

test('never adds money of two currencies', () => {
  const report = createReport(
    [
      row({ customer: 'acme', ...said }, { amount: '1', currency: 'USD' }),
      row({ customer: 'acme', ...said }, { amount: '3', currency: 'EUR' }),
    ],
    { by: ['customer'] },
  );
  expect(report.lines.map(({ currency, amount, share }) => [currency, amount, share])).toEqual([
    ['EUR', '3', '1.000'],
    ['USD', '1', '1.000'],
  ]);
  expect(report.totals.map(({ currency, amount }) => [currency, amount])).toEqual([
    ['EUR', '3'],
    ['USD', '1'],
  ]);
});

test('gives the share of what rests on estimates, and no share of nothing', () => {
  const [estimated] = createReport([row(said, { amount: '3', estimated: 1, estimatedAmount: '2' })], {
    by: [],
  }).totals;
  expect(estimated?.estimatedShare).toBe('0.667'); // 2 ÷ 3
  const free = createReport([row(said)], { by: [] });
  expect(free.totals[0]).not.toHaveProperty('estimatedShare');
  expect(free.lines[0]).not.toHaveProperty('share');
});

test('has a total equal to the exact sum of its rows, for any rows and any grouping', () => {
  const amount = fc
    .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.integer({ min: 0, max: 15 }))
    .map(([units, scale]) => {
      const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
      const point = digits.length - scale;
      return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale === 0 ? '' : `.${digits.slice(point)}`}`;
    });
  const rows = fc.array(
    fc
      .tuple(fc.constantFrom('a', 'b', null), fc.constantFrom('scope', null), amount)
      .map(([customer, source, sum]) =>
        row({ customer, model: 'm', attribution_source: source }, { amount: sum }),
      ),
    { minLength: 1 },
  );
  const by = fc.subarray<Dimension>(['customer', 'model']);
  fc.assert(
    fc.property(rows, by, (rows, by) => {
      const report = createReport(rows, { by });
      const sum = sumDecimals(rows.map(({ amount }) => amount));
      expect(report.totals[0]?.amount).toBe(sum);
      expect(sumDecimals(report.lines.map(({ amount }) => amount))).toBe(sum);
      expect(report.totals[0]?.events).toBe(rows.length);
    }),
  );
});
