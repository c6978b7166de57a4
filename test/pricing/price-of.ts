import { calculateCost } from '../../src/pricing/calculate-cost.ts';
import { defaultPriceList } from '../../src/pricing/shipped/default-price-list.ts';
import { sumDecimals } from '../../src/base/decimal.ts';
import type { Cost, PriceQuery } from '../../src/pricing/price.ts';
import type { Usage } from '../../src/usage/usage.ts';

/** Noon on a weekday after every price change in the tables, outside every peak hour. */
export const NOON: Date = new Date('2026-09-23T12:00:00Z');

export type Call = Partial<PriceQuery> & { readonly provider: string; readonly model: string };

/** The cost of one call at list price; what every cost promises is checked on the way. */
export function priceOf(usage: Usage, { model, ...query }: Call): Cost {
  const bedrock = query.provider === 'aws.bedrock';
  const cost = calculateCost(
    usage,
    { at: NOON, ...(bedrock ? { requestModel: model } : { responseModel: model }), ...query },
    defaultPriceList,
  );
  const total = sumDecimals(cost.lineItems.map((item) => item.amount));
  if (cost.status !== 'unpriced' && total !== cost.amount) throw new Error(`${total} is not ${cost.amount}`);
  return cost;
}

/** A worked case: the sum as a person would do it, the call, the expected amount. */
export type WorkedCase = readonly [sum: string, call: Call, usage: Usage, amount: string];
