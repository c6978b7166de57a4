import type { BudgetStore } from '../ledger/budget-store.ts';
import type { Budget, BudgetState } from './budget.ts';
import type { BudgetBook } from './budget-book.ts';
import { stateOf } from './refusal.ts';
import { FOR_EVER, windowOf } from './period.ts';
import { counterOf, keyOf, type Scope, scopeFor } from './scope.ts';

/** Which budgets, and for whom. */
export interface BudgetFilter {
  readonly id?: string;
  readonly customer?: string;
}

/**
 * How far budgets are used in their periods of `now`: one for all in any case, one per value where it has counted
 * something in this period or the one before.
 */
export async function readStatus(
  store: BudgetStore,
  book: BudgetBook,
  now: Date,
  { id, customer }: BudgetFilter,
): Promise<readonly BudgetState[]> {
  const states: BudgetState[] = [];
  for (const budget of book.of(customer)) {
    if (id !== undefined && budget.id !== id) continue;
    const values = await valuesIn(store, budget, now, customer);
    const scopes = values.map((each) => scopeFor(book.limitedFor(budget, each.customer), each, now));
    states.push(...(await readScopes(store, scopes, now)));
  }
  return states;
}

/** How far these are used, in their order. */
export async function readScopes(
  store: BudgetStore,
  scopes: readonly Scope[],
  now: Date,
): Promise<readonly BudgetState[]> {
  const counters = await store.read(scopes.map(keyOf), now);
  return scopes.flatMap((scope, index) => {
    const counter = counters[index];
    return counter === undefined ? [] : [stateOf(scope, counter, now)];
  });
}

async function valuesIn(
  store: BudgetStore,
  { id, match, each, ...budget }: Budget,
  now: Date,
  customer: string | undefined,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const isAsked = (values: Readonly<Record<string, string>>): boolean =>
    (customer === undefined || values.customer === customer) &&
    Object.entries(match).every(([key, value]) => values[key] === value);
  if (each.length === 0) return [match].filter(isAsked);
  const { from, start } = windowOf(budget.period, now, budget);
  const before = start === undefined ? from : windowOf(budget.period, new Date(from - 1), budget).from;
  // The counters of one customer are told by their name alone.
  if (customer !== undefined && each.length === 1 && each[0] === 'customer') {
    const values = { ...match, customer };
    const key = { budgetId: id, counter: counterOf(id, values), bucket: from, from: before, to: FOR_EVER };
    const [state] = await store.read([key], now);
    return state === undefined || (state.spent === '0' && state.held === '0') ? [] : [values];
  }
  const found = new Map<string, Readonly<Record<string, string>>>();
  for (const { counter, scope } of await store.counters(id, before))
    if (!found.has(counter)) found.set(counter, JSON.parse(scope) as Record<string, string>);
  return [...found.values()].filter(isAsked);
}
