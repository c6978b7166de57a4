import { usageToJson } from '../usage/usage.ts';
import { amountOf } from '../pricing/line-item.ts';
import {
  add,
  compare,
  decimalOf,
  type Exact,
  exact,
  formatDecimal,
  ONE,
  parseDecimal,
  subtract,
  sum,
  ZERO,
} from '../base/decimal.ts';
import { checkPriceFile } from '../pricing/own/check-price-file.ts';
import type { Charge, ChargeSubject, Cost, LineItem } from '../pricing/price.ts';
import type { Decimal } from '../base/decimal.ts';
import type { Amount, UserChargePrice, UserRateCard } from '../pricing/own/price-file.ts';
import { holds, namesIt } from '../pricing/own/price-file-match.ts';

export interface ChargeOptions {
  /**
   * What the customer had consumed in the billing period before this call, per quantity. Without it a card with
   * a quota or volume tiers leaves the call uncharged: its share is only known when the period is summed up.
   */
  readonly consumed?: Readonly<Record<string, number | Decimal>>;
  /** Currency of cards that name none. Default: `USD`. */
  readonly currency?: string;
}

/**
 * What the first fitting rate card charges for a call; undefined when none fits. Pure: what was consumed earlier
 * in the period is given, never looked up.
 *
 * @throws {ConfigError} for a rate card that says something that is not read.
 * @example
 * // $0.01 cost + 20 % = $0.012
 * calculateCharge({ cost, usage: {}, at: new Date(), customer: 'acme' }, [{ name: 'standard', markup: '20' }])?.amount; // '0.012'
 */
export function calculateCharge(
  subject: ChargeSubject,
  rateCards: readonly UserRateCard[],
  options: ChargeOptions = {},
): Charge | undefined {
  const card = checkedRateCards('calculateCharge', rateCards).find(
    (card) => holds(card, subject.at) && isFor(card, subject),
  );
  if (card === undefined) return undefined;
  const currency = card.currency ?? options.currency ?? 'USD';
  if (options.consumed === undefined && dependsOnVolume(card)) {
    const reason = 'depends on what the customer consumed in the period';
    return { status: 'uncharged', lineItems: [], rateCard: card.name, reason };
  }
  const share = card.markup === undefined ? [] : costShare(subject.cost, card.markup, currency);
  if (typeof share === 'string') {
    return { status: 'uncharged', lineItems: [], rateCard: card.name, reason: share };
  }
  const items = [...share, ...fixedFee(card), ...quantityItems(subject, card, options.consumed ?? {})];
  const lineItems = [...items, ...upToMinimum(items, card)];
  return { status: 'charged', currency, amount: totalOf(lineItems), lineItems, rateCard: card.name };
}

/** Rate cards as a price file has them; each list is read once. */
export function checkedRateCards(where: string, given: readonly UserRateCard[]): readonly UserRateCard[] {
  const known = checked.get(given);
  if (known !== undefined) return known;
  const cards = checkPriceFile(where, { rateCards: given }).rateCards ?? [];
  if (typeof given === 'object') checked.set(given, cards).set(cards, cards);
  return cards;
}

const checked = new WeakMap<readonly UserRateCard[], readonly UserRateCard[]>();

/** Charge minus cost, exactly; undefined when one of them is unknown or they are in different currencies. */
export function marginOf(charge: Charge, cost: Cost): Decimal | undefined {
  if (charge.amount === undefined || cost.amount === undefined || charge.currency !== cost.currency) {
    return undefined;
  }
  return formatDecimal(subtract(exact(charge.amount), exact(cost.amount)));
}

function dependsOnVolume({ prices = {} }: UserRateCard): boolean {
  return Object.values(prices).some(({ included, tiers }) => included !== undefined || tiers !== undefined);
}

function isFor({ when }: UserRateCard, subject: ChargeSubject): boolean {
  if (when === undefined) return true;
  const context = subject.context ?? {};
  const wanted = {
    ...when.context,
    ...(when.plan === undefined ? {} : { plan: when.plan }),
    ...(when.feature === undefined ? {} : { feature: when.feature }),
  };
  return (
    (when.customer === undefined || when.customer === subject.customer) &&
    (when.provider === undefined || when.provider === subject.provider) &&
    (when.models === undefined || when.models.some((pattern) => namesIt(pattern, subject.model ?? ''))) &&
    Object.entries(wanted).every(([name, value]) => context[name] === value)
  );
}

/** The cost with its markup as a line item, or why it cannot be passed on. */
function costShare(cost: Cost, markup: Amount, currency: string): readonly LineItem[] | string {
  if (cost.amount === undefined) return `the cost is unpriced: ${cost.reason ?? 'no price'}`;
  if (cost.currency !== currency)
    return `the cost is in ${cost.currency ?? 'no currency'}, the rate card in ${currency}`;
  const { digits, scale } = exact(String(markup));
  const factor = formatDecimal(add(ONE, { digits, scale: scale + 2 }));
  return [
    withAmount({
      meter: 'cost',
      quantity: cost.amount,
      unitPrice: '1',
      per: '1',
      multipliers: [{ name: 'markup', factor }],
    }),
  ];
}

function fixedFee({ fixed }: UserRateCard): readonly LineItem[] {
  return fixed === undefined
    ? []
    : [withAmount({ meter: 'fixed', quantity: '1', unitPrice: decimalOf(fixed), per: '1' })];
}

function quantityItems(
  subject: ChargeSubject,
  card: UserRateCard,
  consumed: Readonly<Record<string, number | Decimal>>,
): readonly LineItem[] {
  const quantities: Readonly<Record<string, unknown>> = {
    requests: 1,
    ...usageToJson(subject.usage),
    ...subject.quantities,
  };
  return Object.entries(card.prices ?? {}).flatMap(([name, price]) => {
    const quantity = amountIn(quantities, name);
    return quantity.digits === 0n ? [] : volumeItems(name, amountIn(consumed, name), quantity, price);
  });
}

/** Each unit costs what its place in the period's volume says: first the quota, then the tiers. */
function volumeItems(
  meter: string,
  before: Exact,
  quantity: Exact,
  price: UserChargePrice,
): readonly LineItem[] {
  const end = add(before, quantity);
  const steps = [
    { from: ZERO, price: '0' },
    { from: exact(String(price.included ?? '0')), price: decimalOf(price.price) },
    ...(price.tiers ?? []).map((tier) => ({ from: exact(String(tier.above)), price: decimalOf(tier.price) })),
  ];
  return steps.flatMap((step, index) => {
    const until = steps[index + 1]?.from;
    const start = larger(before, step.from);
    const stop = until === undefined ? end : smaller(end, until);
    if (compare(stop, start) <= 0) return [];
    const part = formatDecimal(subtract(stop, start));
    return [withAmount({ meter, quantity: part, unitPrice: step.price, per: decimalOf(price.per ?? '1') })];
  });
}

function upToMinimum(items: readonly LineItem[], { minimum }: UserRateCard): readonly LineItem[] {
  if (minimum === undefined) return [];
  const missing = subtract(exact(String(minimum)), exact(totalOf(items)));
  if (missing.digits <= 0n) return [];
  return [withAmount({ meter: 'minimum', quantity: '1', unitPrice: formatDecimal(missing), per: '1' })];
}

function totalOf(items: readonly LineItem[]): Decimal {
  return formatDecimal(sum(items.map((item) => exact(item.amount))));
}

function withAmount(item: Omit<LineItem, 'amount'>): LineItem {
  return { ...item, amount: amountOf(item) };
}

function amountIn(quantities: Readonly<Record<string, unknown>>, name: string): Exact {
  return (Object.hasOwn(quantities, name) ? parseDecimal(String(quantities[name])) : undefined) ?? ZERO;
}

function larger(a: Exact, b: Exact): Exact {
  return compare(a, b) >= 0 ? a : b;
}

function smaller(a: Exact, b: Exact): Exact {
  return compare(a, b) <= 0 ? a : b;
}
