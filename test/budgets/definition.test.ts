import { expect, test } from 'vitest';
import { Budget } from '../../src/budgets/budget.ts';
import { budgetFromJson, budgetToJson, readBudgets } from '../../src/budgets/definition.ts';
import { createNotice } from '../../src/budgets/notice.ts';
import { BODIES } from '../../src/budgets/notice-bodies.ts';

test('a budget keeps its JSON form, and its defaults are left out of it', () => {
  const small = { id: 'all', limit: '5', period: 'month' };
  expect(Object.keys(budgetToJson(budgetFromJson('here', small))).toSorted()).toEqual([
    'action',
    'id',
    'limit',
    'mode',
    'period',
    'thresholds',
  ]);
  const whole = {
    id: 'all',
    match: { feature: 'chat' },
    each: ['customer'],
    limit: '5',
    plans: { pro: '50' },
    measure: 'charge',
    currency: 'EUR',
    period: 'month',
    time_zone: 'Europe/Berlin',
    anchor_day: 5,
    action: 'block',
    mode: 'hold',
    thresholds: [50],
    on_store_error: 'block',
    unpriced: 'block',
    max_cost: '1',
  };
  const read = budgetFromJson('here', whole);
  expect(budgetToJson(read)).toEqual(whole);
  expect(budgetToJson(budgetFromJson('here', budgetToJson(read)))).toEqual(budgetToJson(read));
});

test.each([[7], [null], [['all']]])('%j is no budget, and is refused where it stands', (given) => {
  expect(() => budgetFromJson('costspan.budgets.yaml: budgets[0]', given)).toThrow(
    'costspan.budgets.yaml: budgets[0]: expected a budget',
  );
});

test('a file that is not there is named', () => {
  expect(() => readBudgets('/nowhere/costspan.budgets.yaml')).toThrow(
    'Cannot read the budgets in /nowhere/costspan.budgets.yaml: ENOENT',
  );
});

/** What is told of a budget of which a part was spent. */
function notice(
  measure: 'cost' | 'charge' | 'tokens',
  threshold: number,
  scope: Readonly<Record<string, string>>,
  ends: boolean,
) {
  const budget = new Budget({ id: 'b', limit: '50', measure, period: 'month', currency: 'EUR' });
  const end = new Date('2026-12-01T00:00:00Z');
  const state = {
    id: 'b',
    scope,
    period: ends ? { start: new Date('2026-11-01T00:00:00Z'), end } : {},
    limit: '50',
    spent: '45',
    held: '0',
    remaining: '5',
    percent: 90,
    ...(ends ? { resetsAt: end, reachesLimitAt: new Date('2026-11-28T00:00:00Z') } : {}),
  };
  return createNotice(budget, state, threshold, new Date('2026-11-20T00:00:00Z'));
}

test('a sentence says whom it is about, in which unit, how it goes on, and when it starts anew', () => {
  expect(BODIES.slack(notice('charge', 90, { customer: 'acme', feature: 'chat' }, true))).toEqual({
    text: 'Budget b for customer acme, feature chat has passed 90 %: 45 of 50 EUR spent. As it goes, the limit is reached at 2026-11-28T00:00:00.000Z. It starts anew at 2026-12-01T00:00:00.000Z.',
  });
  expect(BODIES.slack(notice('tokens', 90, {}, false))).toEqual({
    text: 'Budget b has passed 90 %: 45 of 50 tokens spent.',
  });
});

test('a limit of tokens has no currency, and one without an end no end', () => {
  const { data } = BODIES.json(notice('tokens', 90, {}, false)) as { data: object };
  for (const field of ['currency', 'resets_at', 'period_start', 'period_end', 'reaches_limit_at'])
    expect(data).not.toHaveProperty(field);
  expect(BODIES.json(notice('charge', 90, {}, true))).toMatchObject({ data: { currency: 'EUR' } });
});

test('a limit that is reached is an error in the log, a threshold a warning; every value of its scope is there', () => {
  const recordOf = (threshold: number): unknown =>
    JSON.stringify(BODIES.otlp(notice('cost', threshold, { customer: 'acme', feature: 'chat' }, true)));
  expect(recordOf(99)).toContain('"severityNumber":13,"severityText":"WARN"');
  expect(recordOf(100)).toContain('"severityNumber":17,"severityText":"ERROR"');
  expect(recordOf(100)).toContain('{"key":"costspan.budget.scope.feature","value":{"stringValue":"chat"}}');
});
