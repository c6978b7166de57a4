import { diag } from '../base/diag.ts';
import { warnOnce } from '../base/warn-once.ts';
import { catalogueProblem } from '../pricing/shipped/catalogue.ts';
import { unpricedCost } from '../pricing/cost.ts';
import { parseDecimal } from '../base/decimal.ts';
import type { Cost, PriceList } from '../pricing/price.ts';
import { object } from '../base/read.ts';

/**
 * Wraps a user's price list, so that one that throws, or answers with something that is no cost, loses no event. The
 * call is then unpriced. The next list is not asked: it does not know what was negotiated.
 */
export function unfailingPrices(list: PriceList): PriceList {
  const { name } = list;
  const problem = catalogueProblem();
  if (problem !== undefined) warnOnce(`${problem}; calls are unpriced`);
  const failed = (error: unknown): Cost => {
    diag.error(`costspan: the price list '${name}' failed; the event is unpriced`, error);
    return unpricedCost(`the price list ${name} failed`);
  };
  const costOf = (ask: () => unknown): Cost | undefined => {
    try {
      const cost = ask();
      if (cost === undefined || cost === null) return undefined;
      // A promise is not awaited here, so a rejection would go unhandled.
      if (cost instanceof Promise) cost.catch(() => undefined);
      return isCost(cost) ? cost : failed(new TypeError('a price list must return a cost, or undefined'));
    } catch (error) {
      return failed(error);
    }
  };
  return {
    name,
    price: (usage, query) => costOf(() => list.price(usage, query)),
    priceService: (service, quantities, at) => costOf(() => list.priceService?.(service, quantities, at)),
    charge(subject) {
      try {
        return list.charge?.(subject);
      } catch (error) {
        diag.error(`costspan: the price list '${name}' failed; the event is not charged`, error);
        return undefined;
      }
    },
  };
}

function isCost(value: unknown): value is Cost {
  const cost = object(value);
  if (cost === undefined || !Array.isArray(cost.lineItems)) return false;
  const { status, amount } = cost;
  if (status === 'unpriced') return amount === undefined;
  if (status !== 'priced' && status !== 'free') return false;
  return typeof amount === 'string' && parseDecimal(amount) !== undefined;
}
