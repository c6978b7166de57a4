import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { addParts } from '../../../src/ledger/cost-row.ts';
import type { CostQuery, CostRow } from '../../../src/ledger/ledger.ts';
import { EventWriter } from '../../../src/ledger/sqlite/event-writer.ts';
import { planQuery } from '../../../src/ledger/sqlite/query.ts';
import {
  beginRebuild,
  closeHours,
  continueRebuild,
  rollUpState,
} from '../../../src/ledger/sqlite/rebuild.ts';
import { RollUps } from '../../../src/ledger/sqlite/roll-up.ts';
import { migrate } from '../../../src/ledger/sqlite/schema.ts';
import { transaction } from '../../../src/ledger/transaction.ts';
import type { CostEvent } from '../../../src/metering/cost-event.ts';
import { cost, costEvent, unattributedEvent } from '../events.ts';
import { createCostEvent } from '../../../src/metering/cost-event.ts';

const START = Date.UTC(2026, 9, 30);
const HOUR = 3_600_000;

/** One call of many kinds, `hours` after the start. */
function call(index: number, hours: number): CostEvent {
  const fields = {
    timestamp: new Date(START + hours * HOUR),
    requestModel: `model-${index % 4}`,
    provider: ['openai', 'anthropic'][index % 2] ?? '',
    context: { feature: `f${index % 3}` },
    usage: { inputTokens: index, cacheWrite5mTokens: index % 3 },
    usageSource: index % 7 === 0 ? ('estimated' as const) : ('provider' as const),
    status: index % 11 === 0 ? ('error' as const) : ('ok' as const),
    cost: cost(
      index % 5 === 0 ? undefined : `${index}.00000000000000${index % 10}`,
      index % 13 === 0 ? 'EUR' : 'USD',
    ),
  };
  if (index % 6 === 0) return createCostEvent({ ...unattributedEvent(), ...fields, id: costEvent().id });
  return costEvent({ ...fields, customer: index % 6 === 1 ? null : `customer-${index % 5}` });
}

const QUERIES: readonly CostQuery[] = [
  {},
  { groupBy: ['customer', 'attribution_source'] },
  { groupBy: ['day', 'status'] },
  { groupBy: ['day', 'model'], timeZone: 'Europe/Berlin' },
  { groupBy: ['hour'], timeZone: 'America/New_York' },
  { groupBy: ['context.feature', 'provider'] },
  { groupBy: ['customer', 'day'], is: { customer: ['customer-1', null] } },
  { groupBy: ['customer', 'model'] },
  { groupBy: ['attribution_source'] },
  { customer: 'customer-2', groupBy: ['usage_source', 'currency'] },
  { unattributed: true },
  { unattributed: false, groupBy: ['cost_status'] },
  { status: 'error', context: { feature: 'f1' } },
  { is: { usage_source: 'estimated' }, groupBy: ['week'] },
];
const PERIODS: readonly Pick<CostQuery, 'start' | 'end'>[] = [
  {},
  { start: new Date(START), end: new Date(START + 96 * HOUR) },
  { start: new Date(START + 5.5 * HOUR), end: new Date(START + 60.25 * HOUR) },
];

function answer(db: DatabaseSync, query: CostQuery, closed: number): readonly CostRow[] {
  const plan = planQuery(query, rollUpState(db).context, closed);
  return addParts(
    plan.parts(plan.statements.map(({ sql, values }) => db.prepare(sql).all(...values))),
    query,
  );
}

function expectSame(db: DatabaseSync): void {
  const { closed } = rollUpState(db);
  for (const query of QUERIES)
    for (const period of PERIODS) {
      const asked = { ...query, ...period };
      expect(answer(db, asked, closed), JSON.stringify(asked)).toEqual(answer(db, asked, -Infinity));
    }
}

test('the coarser sums are those of the finer ones: of hours that are over, of late calls, after corrections and a rebuild', () => {
  const db = new DatabaseSync(':memory:');
  migrate(db, 0);
  const writer = new EventWriter(db);
  const sums = new RollUps(db);
  const calls = Array.from({ length: 1_200 }, (_, index) => call(index, index / 12));
  writer.write(calls);
  expectSame(db);
  // Noon of the third day: what lies an hour back is closed, in steps.
  const noon = START + 60 * HOUR;
  expect(closeHours(db, sums, noon)).toBe(true);
  expectSame(db);
  writer.write(Array.from({ length: 40 }, (_, index) => call(index, index)));
  while (closeHours(db, sums, noon)) expectSame(db);
  expect(rollUpState(db).closed).toBe(noon - HOUR);
  expectSame(db);
  // Late ones, and corrections that price what had no price.
  writer.write(Array.from({ length: 200 }, (_, index) => call(index + 3, index / 2)));
  writer.write(
    calls
      .filter(({ cost }) => cost.amount === undefined)
      .map(({ id, timestamp, customer, provider, context }) =>
        costEvent({
          kind: 'adjustment',
          adjusts: id,
          timestamp,
          customer,
          provider,
          context,
          usage: {},
          cost: cost('0.25'),
        }),
      ),
  );
  expectSame(db);
  while (closeHours(db, sums, noon + 48 * HOUR));
  expectSame(db);
  const before = QUERIES.map((query) => answer(db, query, rollUpState(db).closed));
  transaction(db, () => beginRebuild(db, rollUpState(db).context));
  expect(closeHours(db, sums, noon)).toBe(false);
  while (continueRebuild(db, sums));
  while (closeHours(db, sums, noon));
  expect(QUERIES.map((query) => answer(db, query, rollUpState(db).closed))).toEqual(before);
  expectSame(db);
});

test('a question about everybody reads a row per hour of what events have in common, not one per customer', () => {
  const db = new DatabaseSync(':memory:');
  migrate(db, 0);
  new EventWriter(db).write(
    Array.from({ length: 500 }, (_, index) =>
      costEvent({ timestamp: new Date(START), customer: `customer-${index}` }),
    ),
  );
  while (closeHours(db, new RollUps(db), START + 48 * HOUR));
  const counts = db.prepare('SELECT days, count(*) AS count FROM roll_up GROUP BY days ORDER BY days').all();
  expect(counts.map(({ days, count }) => [days, count])).toEqual([
    [0, 500],
    [1, 500],
    [2, 1],
    [3, 1],
    [4, 500],
  ]);
});
