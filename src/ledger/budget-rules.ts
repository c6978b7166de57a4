import { add, compare, type Exact, exact, multiply, subtract, ZERO } from '../base/decimal.ts';
import type { HoldEntry } from './budget-store.ts';

/**
 * What a counter can hold of what is wanted; undefined: nothing. A limit that is reached admits nothing more, not even
 * a call that is estimated at nothing.
 */
export function roomFor(
  { amount, limit, shrinks }: Pick<HoldEntry, 'amount' | 'limit' | 'shrinks'>,
  spent: Exact,
  held: Exact,
): Exact | undefined {
  const left = subtract(exact(limit), add(spent, held));
  if (compare(left, ZERO) <= 0) return undefined;
  const wanted = exact(amount);
  if (compare(wanted, left) <= 0) return wanted;
  return shrinks ? left : undefined;
}

/** Whether `spent` is at least so many percent of the limit, exactly. A limit of 0 is passed by the first call. */
export function hasPassed(spent: Exact, limit: Exact, percent: number): boolean {
  const mark = multiply(limit, exact(String(percent)));
  return compare(subtract(multiply(spent, exact('100')), mark), ZERO) >= 0;
}
