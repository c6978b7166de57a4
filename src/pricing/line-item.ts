import {
  compare,
  type Decimal,
  divide,
  type Exact,
  exact,
  exactQuantity,
  formatDecimal,
  formatSmall,
  multiply,
  ONE,
  powerOfTen,
  ZERO,
} from '../base/decimal.ts';
import type { LineItem, Multiplier } from './price.ts';
import { type Meter, priceAt, type Rate } from './rate-card.ts';

/** amount = quantity × unit price × multipliers ÷ per, divided once. */
export function amountOf({ quantity, unitPrice, per, multipliers = [] }: Omit<LineItem, 'amount'>): Decimal {
  let product = multiply(exact(quantity), exact(unitPrice));
  for (const { factor } of multipliers) product = multiply(product, exact(factor));
  return formatDecimal(divide(product, exact(per)) ?? ZERO);
}

/** A rate with everything about its line items that does not depend on the quantity worked out. */
export interface Tariff {
  readonly meter: Meter;
  readonly rate: Rate;
  readonly multipliers: readonly Multiplier[];
  /** The price of one unit after multipliers as `digits` × 10^-`scale`, where that is exact in a number. */
  readonly small: { readonly digits: number; readonly scale: number } | undefined;
}

/** What a rate costs a request with this much input. */
export function tariffOf(
  meter: Meter,
  rate: Rate,
  multipliers: readonly Multiplier[],
  inputTokens = 0,
): Tariff {
  const { longContext: _, ...simple } = rate;
  const price = priceAt(rate, inputTokens);
  const factor = multipliers.reduce((product, { factor }) => multiply(product, exact(factor)), ONE);
  const { digits, scale } = multiply(exact(price), factor);
  const power = powerOfTen(exact(rate.per));
  const places = power === undefined ? -1 : scale + power;
  const isSmall = places >= 0 && places <= MAX_SCALE && Number.isSafeInteger(Number(digits));
  return {
    meter,
    rate: { ...simple, price },
    multipliers,
    small: isSmall ? { digits: Number(digits), scale: places } : undefined,
  };
}

/** More digits than a line of a price page needs, and as many as a number's text can be padded with. */
const MAX_SCALE = 18;

/**
 * The line item of a quantity. Nearly all are whole tokens at a price of few digits: their product is exact in a
 * number, and the same digits as `amountOf` gives (a property test holds the two together).
 */
export function lineItem(tariff: Tariff, given: number): LineItem {
  const { meter, rate, multipliers, small } = tariff;
  const { price: unitPrice, per, minimum } = rate;
  const product = small === undefined ? NaN : given * small.digits;
  if (
    small !== undefined &&
    minimum === undefined &&
    Number.isSafeInteger(given) &&
    Number.isSafeInteger(product)
  ) {
    const amount = formatSmall(product, small.scale);
    const quantity = `${given}`;
    return multipliers.length === 0
      ? { meter, quantity, unitPrice, per, amount }
      : { meter, quantity, unitPrice, per, amount, multipliers };
  }
  const quantity = formatDecimal(atLeast(exactQuantity(given) ?? ZERO, minimum));
  const line = { meter, quantity, unitPrice, per, ...(multipliers.length === 0 ? {} : { multipliers }) };
  return { ...line, amount: amountOf(line) };
}

function atLeast(quantity: Exact, minimum: Decimal | undefined): Exact {
  return minimum !== undefined && compare(quantity, exact(minimum)) < 0 ? exact(minimum) : quantity;
}
