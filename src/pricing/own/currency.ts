import { amountOf } from '../line-item.ts';
import { unpricedCost } from '../cost.ts';
import { exact, formatDecimal, sum } from '../../base/decimal.ts';
import type { Cost } from '../price.ts';
import type { Decimal } from '../../base/decimal.ts';
import type { Validity } from './price-file.ts';
import { newest } from './price-file-match.ts';

/** A dated rate the user gave: one `from` is `rate` `to`. */
export interface ConvertRate extends Validity {
  readonly from: string;
  readonly to: string;
  readonly rate: Decimal;
}

/**
 * The cost in another currency, by the rate of the call's time. The rate stands on every line item as a
 * multiplier, so that the bill can be followed back. Without a rate the cost is unpriced: an amount in the wrong
 * currency would be added up as if it were the right one.
 */
export function convertCost(cost: Cost, currency: string, rates: readonly ConvertRate[], at: Date): Cost {
  if (cost.status === 'unpriced' || cost.currency === currency || cost.currency === undefined) return cost;
  if (cost.status === 'free') return { ...cost, currency };
  const { currency: from } = cost;
  const found = newest(
    rates.filter((rate) => rate.from === from && rate.to === currency),
    at,
  );
  if (found === undefined) {
    return unpricedCost(`no rate from ${from} to ${currency} at ${at.toISOString()}`, cost.price);
  }
  const lineItems = cost.lineItems.map((item) => {
    const multipliers = [...(item.multipliers ?? []), { name: `${from}→${currency}`, factor: found.rate }];
    return { ...item, amount: amountOf({ ...item, multipliers }), multipliers };
  });
  return {
    ...cost,
    currency,
    amount: formatDecimal(sum(lineItems.map((item) => exact(item.amount)))),
    lineItems,
  };
}
