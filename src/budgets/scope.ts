import type { CounterKey } from '../ledger/budget-store.ts';
import type { Budget } from './budget.ts';
import type { BudgetBook } from './budget-book.ts';
import { type BudgetedCall, valueOf } from './budgeted-call.ts';
import { type PeriodWindow, windowOf } from './period.ts';

/** One counter that a call is held to: a budget, for whom, and in which period. */
export interface Scope {
  readonly budget: Budget;
  readonly values: Readonly<Record<string, string>>;
  readonly window: PeriodWindow;
  /** The counter's name, without the period: `per-customer|customer=acme`. */
  readonly counter: string;
}

/**
 * The scopes that a call falls into, sorted by counter so that everybody locks in the same order. A call that lacks
 * a value which a budget names is not held to that budget: nobody's calls count against somebody else.
 */
export function scopesOf(book: BudgetBook, call: BudgetedCall): readonly Scope[] {
  return book
    .candidates(call)
    .flatMap((budget) => scopeOf(book, budget, call) ?? [])
    .sort((a, b) => (a.counter < b.counter ? -1 : a.counter > b.counter ? 1 : 0));
}

function scopeOf(book: BudgetBook, budget: Budget, call: BudgetedCall): Scope | undefined {
  if (!falls(call, budget.match)) return undefined;
  const values: Record<string, string> = { ...budget.match };
  for (const key of budget.each) {
    const value = valueOf(call, key);
    if (value === undefined) return undefined;
    values[key] = value;
  }
  return scopeFor(book.limitedFor(budget, values.customer), values, call.startTime);
}

/** Whether a call has all of these values. */
export function falls(call: BudgetedCall, values: Readonly<Record<string, string>>): boolean {
  return Object.entries(values).every(([key, expected]) => valueOf(call, key) === expected);
}

/** The scope of a budget for given values, at an instant. */
export function scopeFor(budget: Budget, values: Readonly<Record<string, string>>, at: Date): Scope {
  return {
    budget,
    values,
    window: currentWindow(budget, at),
    counter: counterOf(budget.id, values),
  };
}

/** The calendar of a time zone is asked once per period. */
function currentWindow(budget: Budget, at: Date): PeriodWindow {
  const last = LAST_WINDOWS.get(budget);
  if (last?.start !== undefined && last.end !== undefined && last.bucket === last.from) {
    if (at >= last.start && at < last.end) return last;
  }
  const window = windowOf(budget.period, at, budget);
  LAST_WINDOWS.set(budget, window);
  return window;
}

const LAST_WINDOWS = new WeakMap<Budget, PeriodWindow>();

/** Where the store counts a scope. */
export function keyOf({ budget, counter, window }: Scope): CounterKey {
  const { bucket, from, to } = window;
  return { budgetId: budget.id, counter, bucket, from, to };
}

/** `|` and `=` separate, so they are escaped where a value has them. */
export function counterOf(id: string, values: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(values)
    .sort()
    .map((key) => `${escaped(key)}=${escaped(values[key] ?? '')}`);
  return [escaped(id), ...pairs].join('|');
}

/** Half a surrogate pair cannot be escaped: it is read as the replacement character. */
function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
