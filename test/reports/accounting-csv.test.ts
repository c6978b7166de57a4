import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { sumDecimals } from '../../src/base/decimal.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { createCostEvent, type CostEvent } from '../../src/metering/cost-event.ts';
import { accountingCsv } from '../../src/reports/accounting-csv.ts';
import { readCell } from '../../src/base/spreadsheet-cell.ts';
import { cost, costEvent, unattributedEvent } from '../ledger/events.ts';

function ledgerWith(...events: CostEvent[]): SqliteLedger {
  const ledger = new SqliteLedger({ path: ':memory:' });
  ledger.write(events);
  return ledger;
}

const at = (time: string): Date => new Date(time);
const HEADER = 'Date,Client_ID,Service,Model,Calls,Tokens,Cost,Project';

test('one line per day, customer, provider, model and project, last month by default', async () => {
  const ledger = ledgerWith(
    costEvent({ context: { project: 'bot' } }),
    costEvent({ context: { project: 'bot' }, timestamp: at('2026-11-20T23:59:59.999Z') }),
    costEvent({ timestamp: at('2026-11-21T00:00:00Z') }),
    costEvent({ timestamp: at('2026-10-31T23:59:59.999Z') }),
    costEvent({ timestamp: at('2026-12-01T00:00:00Z') }),
    unattributedEvent(),
  );
  expect(await accountingCsv(ledger, { now: at('2026-12-03T00:00:00Z') })).toBe(
    [
      HEADER,
      '2026-11-20,acme,openai,gpt-4o-2024-08-06,2,2200,0.007,bot',
      '2026-11-20,unassigned,openai,gpt-4o-2024-08-06,1,1100,0.0035,',
      '2026-11-21,acme,openai,gpt-4o-2024-08-06,1,1100,0.0035,',
      '',
    ].join('\r\n'),
  );
});

test('calls without a price have lines of their own, whose cost is unknown and not 0', async () => {
  const ledger = ledgerWith(costEvent(), costEvent({ cost: cost(undefined) }));
  expect((await accountingCsv(ledger, { month: '2026-11' })).split('\r\n').slice(1)).toEqual([
    '2026-11-20,acme,openai,gpt-4o-2024-08-06,1,1100,,',
    '2026-11-20,acme,openai,gpt-4o-2024-08-06,1,1100,0.0035,',
    '',
  ]);
});

test('a real parser reads every customer back as it was, and the costs add up to the events', async () => {
  const customers = [
    '=cmd|A1',
    '+1',
    '@x',
    "'quoted",
    'a,b',
    'a"b',
    'line\nbreak',
    'tab\tbed',
    'unassigned',
    '-5',
  ];
  const events = customers.map((customer, index) =>
    costEvent({ customer, cost: cost(`0.00000000000${index + 1}`) }),
  );
  const csv = await accountingCsv(ledgerWith(...events, unattributedEvent()), { month: '2026-11' });
  const records = parse(csv, { columns: true }) as { Client_ID: string; Cost: string }[];
  const assigned = records.filter(({ Client_ID }) => Client_ID !== 'unassigned');
  expect(new Set(assigned.map(({ Client_ID }) => readCell(Client_ID)))).toEqual(new Set(customers));
  for (const { Client_ID } of records) expect(Client_ID).not.toMatch(/^[=+@\t\r]/);
  // 1e-12 × (1 + 2 + … + 9) + 1e-11 × 1, as 0.0000000000010 ends the list, + 0.0035
  expect(sumDecimals(records.map(({ Cost }) => Cost))).toBe(
    sumDecimals([...events.map((event) => event.cost.amount ?? '0'), '0.0035']),
  );
});

test('an adjustment is in the cost and is no call', async () => {
  const unpriced = costEvent({ cost: cost(undefined) });
  const adjustment = createCostEvent({
    ...costEvent({
      kind: 'adjustment',
      adjusts: unpriced.id,
      cost: cost('0.5'),
      usage: {},
      usageSource: 'none',
    }),
  });
  const csv = await accountingCsv(ledgerWith(unpriced, adjustment), { month: '2026-11' });
  expect(csv.split('\r\n')[1]).toBe('2026-11-20,acme,openai,gpt-4o-2024-08-06,1,1100,0.5,');
});

test('one column has room for one currency', async () => {
  const ledger = ledgerWith(costEvent(), costEvent({ cost: cost('1', 'EUR') }));
  await expect(accountingCsv(ledger, { month: '2026-11' })).rejects.toThrow("Choose: { currency: 'EUR' }");
  const csv = await accountingCsv(ledger, { month: '2026-11', currency: 'EUR' });
  expect(csv.split('\r\n').slice(1, -1)).toEqual(['2026-11-20,acme,openai,gpt-4o-2024-08-06,1,1100,1,']);
});

test.each([
  [{ month: 'november' }, "a month like '2026-11', got 'november'"],
  [{ timeZone: 'Berlin' }, "a time zone like 'Europe/Berlin', got 'Berlin'"],
  [{ zone: 'UTC' }, 'unknown option'],
])('a wrong option is refused: %j', async (options, message) => {
  await expect(accountingCsv(ledgerWith(), options as never)).rejects.toThrow(message);
});
