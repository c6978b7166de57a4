import { exact, formatDecimal, sum } from '../../base/decimal.ts';
import { amountOf } from '../line-item.ts';
import type { Cost, LineItem } from '../price.ts';
import type { Decimal } from '../../base/decimal.ts';

/** A factor on a list price, on every line item or on those of some meters. */
export interface Discount {
  readonly name: string;
  readonly factor: Decimal;
  readonly meters?: readonly string[];
}

/**
 * The cost after negotiated discounts. The list price stays visible in every line item, the discount is a
 * multiplier beside it. What the provider reported as billed is past discounting and stays.
 */
export function discountCost(cost: Cost, discounts: readonly Discount[], list: string): Cost {
  if (cost.status !== 'priced' || cost.source === 'provider') return cost;
  const lineItems = cost.lineItems.map((item) => discountItem(item, discounts));
  return {
    ...cost,
    amount: formatDecimal(sum(lineItems.map((item) => exact(item.amount)))),
    lineItems,
    ...(cost.price === undefined ? {} : { price: { ...cost.price, list: `${list}+${cost.price.list}` } }),
  };
}

function discountItem(item: LineItem, discounts: readonly Discount[]): LineItem {
  const fitting = discounts.filter(({ meters }) => meters === undefined || meters.includes(item.meter));
  if (fitting.length === 0) return item;
  const multipliers = [
    ...(item.multipliers ?? []),
    ...fitting.map(({ name, factor }) => ({ name: `discount:${name}`, factor })),
  ];
  return { ...item, amount: amountOf({ ...item, multipliers }), multipliers };
}
