import { formatDecimal, parseDecimal } from '../base/decimal.ts';
import { ConfigError, describe } from '../base/errors.ts';
import type { Kind } from '../base/options.ts';
import { object } from '../base/read.ts';
import type { Usage } from '../usage/usage.ts';
import { freeCost, unpricedCost } from './cost.ts';
import type { Cost, PriceList, PriceQuery, ReportedCost } from './price.ts';
import { catalogueProblem } from './shipped/catalogue.ts';

/** `calculateCost` for what is known to be sound. */
export function costOf(usage: Usage, query: PriceQuery, prices: PriceList | readonly PriceList[]): Cost {
  if (query.freeReason !== undefined) return freeCost(query.freeReason);
  const local = localCost(usage, query, prices);
  return query.reported === undefined ? local : (reportedCost(query.reported, query, local) ?? local);
}

function localCost(usage: Usage, query: PriceQuery, prices: PriceList | readonly PriceList[]): Cost {
  for (const list of Array.isArray(prices) ? (prices as readonly PriceList[]) : [prices as PriceList]) {
    const cost = list.price(usage, query);
    if (cost !== undefined) return cost;
  }
  const model = query.responseModel ?? query.requestModel;
  return unpricedCost(
    catalogueProblem() ??
      (model === undefined
        ? `the call names no model of ${query.provider}`
        : `no price list knows ${query.provider}/${model}`),
  );
}

/** The provider's own figure to the last digit, with ours beside it. An amount that is no number is no report. */
function reportedCost(reported: ReportedCost, query: PriceQuery, local: Cost): Cost | undefined {
  const value = parseDecimal(reported.amount);
  if (value === undefined || value.digits < 0n) return undefined;
  const amount = formatDecimal(value);
  const free = value.digits === 0n;
  return {
    status: free ? 'free' : 'priced',
    currency: reported.currency,
    amount,
    source: 'provider',
    lineItems: free ? [] : [{ meter: 'reported', quantity: '1', unitPrice: amount, per: '1', amount }],
    price: { list: 'provider', id: `${query.provider}/${query.responseModel ?? query.requestModel ?? ''}` },
    ...(free ? { reason: 'the provider reports a cost of 0' } : {}),
    local,
  };
}

/**
 * @throws {ConfigError} when something is not a price list.
 */
export function checkedPrices<Prices>(where: string, given: Prices): Prices {
  const lists: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (lists.length > 0 && lists.every((list) => typeof object(list)?.price === 'function')) return given;
  throw new ConfigError(
    `${where}: expected a price list or a list of them, got ${describe(given)}. ` +
      "Give userPrices('costspan.prices.yaml'), defaultPriceList, or any object with a price(usage, query) method.",
  );
}

/** The option `prices`. */
export const priceLists: Kind<never> = (value, path) => {
  checkedPrices(path, value);
  return undefined;
};
