import { unpricedCost } from '../cost.ts';
import { amountOf } from '../line-item.ts';
import {
  compare,
  divide,
  divideRounded,
  type Exact,
  exact,
  formatDecimal,
  multiply,
  parseDecimal,
  sum,
} from '../../base/decimal.ts';
import type { Cost, LineItem, PriceList, ServiceQuantities } from '../price.ts';
import type { UserService, UserServicePrice } from './price-file.ts';

/** What a service costs by the first list that defines it, else unpriced. */
export function calculateServiceCost(
  service: string,
  quantities: ServiceQuantities,
  at: Date,
  prices: readonly PriceList[],
): Cost {
  for (const list of prices) {
    const cost = list.priceService?.(service, quantities, at);
    if (cost !== undefined) return cost;
  }
  return unpricedCost(`no price list defines the service ${service}`);
}

/** The cost of a call to a service of one's own. A quantity the service has no price for leaves it unpriced. */
export function priceService(
  service: UserService,
  quantities: ServiceQuantities,
  { list, currency }: { readonly list: string; readonly currency: string },
): Cost {
  const price = {
    list,
    id: service.service,
    ...(service.validFrom === undefined ? {} : { validFrom: new Date(service.validFrom).toISOString() }),
  };
  const lineItems: LineItem[] = [];
  for (const [name, given] of Object.entries(quantities)) {
    const quantity = parseDecimal(String(given));
    if (quantity === undefined || quantity.digits < 0n)
      return unpricedCost(`${name} is not a quantity of at least 0`, price);
    const rate = service.prices[name];
    if (rate === undefined) return unpricedCost(`no price for ${name} of ${service.service}`, price);
    lineItems.push(lineItem(name, quantity, typeof rate === 'object' ? rate : { price: rate }));
  }
  if (lineItems.length === 0) return unpricedCost('no quantities were given', price);
  return {
    status: 'priced',
    currency,
    amount: formatDecimal(sum(lineItems.map((item) => exact(item.amount)))),
    source: 'local',
    lineItems,
    price,
  };
}

function lineItem(meter: string, given: Exact, rate: UserServicePrice): LineItem {
  const item = {
    meter,
    quantity: formatDecimal(billedQuantity(given, rate)),
    unitPrice: formatDecimal(exact(String(rate.price))),
    per: formatDecimal(exact(String(rate.per ?? '1'))),
  };
  return { ...item, amount: amountOf(item) };
}

/** Rounded to the increment, and no less than the minimum. */
function billedQuantity(given: Exact, rate: UserServicePrice): Exact {
  const quantity =
    rate.increment === undefined ? given : roundTo(given, exact(String(rate.increment)), rate.rounding);
  const minimum = rate.minimum === undefined ? undefined : exact(String(rate.minimum));
  return minimum !== undefined && compare(quantity, minimum) < 0 ? minimum : quantity;
}

function roundTo(value: Exact, increment: Exact, rounding: UserServicePrice['rounding'] = 'up'): Exact {
  const steps = divide(value, increment);
  if (steps === undefined) return value;
  const one = 10n ** BigInt(steps.scale);
  const whole = steps.digits / one;
  const hasRest = steps.digits % one !== 0n;
  const count =
    rounding === 'nearest'
      ? divideRounded(steps.digits, one, 'half-up')
      : rounding === 'up' && hasRest
        ? whole + 1n
        : whole;
  return multiply({ digits: count, scale: 0 }, increment);
}
