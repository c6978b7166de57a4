import { compare, exact } from '../base/decimal.ts';
import { type Bounds, inCurrency } from './bounds.ts';
import { NOTHING_COUNTED, type Refused, refusalOf } from './refusal.ts';
import type { Scope } from './scope.ts';

/** Refused by its own size, whatever is left: what it may cost is above the `maxCost` of a budget. */
export function refusedBySize(scopes: readonly Scope[], bounds: () => Bounds): Refused | undefined {
  for (const scope of scopes) {
    const { maxCost, currency, unpriced } = scope.budget;
    if (maxCost === undefined) continue;
    const { most, unbounded } = inCurrency(bounds().cost, currency);
    if (most === undefined) {
      if (unpriced === 'allow') continue;
      const why = `the request has no upper bound: ${unbounded ?? 'its price is unknown'}.`;
      return refusalOf(scope, NOTHING_COUNTED, undefined, why);
    }
    if (compare(exact(most), exact(maxCost)) <= 0) continue;
    const why = `one request may cost ${maxCost} ${currency}, this one up to ${most}.`;
    return refusalOf(scope, NOTHING_COUNTED, most, why);
  }
  return undefined;
}
