import {
  add,
  type Decimal,
  exact,
  formatDecimal,
  formatSmall,
  parseDecimal,
  sum,
  ZERO,
} from '../base/decimal.ts';
import type { Usage } from '../usage/usage.ts';
import { lineItem, type Tariff, tariffOf } from './line-item.ts';
import type { Cost, LineItem, Multiplier, PriceReference } from './price.ts';
import { isTokenMeter, isUnitMeter, type Meter, type RateCard, rateFor } from './rate-card.ts';
import { isEmptyUsage, type Share, splitUsage } from './shares.ts';

/** A factor on some of the line items: `{ name: 'batch', factor: '0.5' }` on every token meter. */
export interface Adjustment extends Multiplier {
  /** Default: every token meter. Fees per search or session keep their price under batch, tier and region. */
  readonly meters?: readonly Meter[];
}

/**
 * The cost of a usage on a rate card: disjoint line items whose sum is the amount, exactly. What was consumed
 * on a meter without a rate makes it unpriced; nothing is ever priced at a neighbouring meter's rate.
 */
export function costOfUsage(usage: Usage, card: RateCard, adjustments: readonly Adjustment[] = []): Cost {
  const reference = card.reference;
  if (card.free !== undefined) return freeCost(card.free, card.currency, reference);
  if (isEmptyUsage(usage)) return unpricedCost('the reply does not say what was consumed', reference);
  const { shares, notes } = splitUsage(usage, card);
  const billed = billedShares(card.rates.request === undefined ? shares : [...shares, ONE_REQUEST], card);
  const missing = billed.filter(({ meter }) => rateFor(card.rates, meter) === undefined);
  if (missing.length > 0) {
    const meters = missing.map(({ meter }) => meter).join(', ');
    return { ...unpricedCost(`no price for ${meters} of ${reference.id}`, reference), ...noted(notes) };
  }
  const inputTokens = usage.inputTokens ?? 0;
  const items = billed.map(({ meter, quantity }) =>
    lineItem(tariffFor(meter, card, adjustments, inputTokens), quantity),
  );
  return {
    status: 'priced',
    currency: card.currency,
    amount: totalOf(items),
    source: 'local',
    lineItems: items,
    price: sourceOf(card, billed),
    ...noted([...notes, ...assumptions(card, billed)]),
  };
}

function assumptions({ notes }: RateCard, billed: readonly Share[]): readonly string[] {
  if (notes === undefined) return [];
  return [...new Set(billed.flatMap(({ meter }) => notes[meter] ?? []))];
}

/** Names the second list, too, when one of its rates was used. */
function sourceOf({ reference, supplement }: RateCard, billed: readonly Share[]): PriceReference {
  const used = billed.some(({ meter }) => supplement?.meters.includes(meter) === true);
  return !used || supplement === undefined || reference.list.includes(supplement.list)
    ? reference
    : { ...reference, list: `${reference.list}+${supplement.list}` };
}

/** Nothing is billed, and why. */
export function freeCost(reason: string, currency = 'USD', price?: Cost['price']): Cost {
  return {
    status: 'free',
    currency,
    amount: '0',
    source: 'local',
    lineItems: [],
    ...(price === undefined ? {} : { price }),
    reason,
  };
}

/** No price is known; the amount is absent and never 0. */
export function unpricedCost(reason: string, price?: Cost['price']): Cost {
  return { status: 'unpriced', lineItems: [], ...(price === undefined ? {} : { price }), reason };
}

/** One cost for work done by several models: unpriced as soon as one part is. */
export function addCosts(costs: readonly [Cost, ...Cost[]]): Cost {
  const [first, ...others] = costs;
  const unpriced = costs.find((cost) => cost.status === 'unpriced');
  if (unpriced !== undefined) return unpriced;
  if (others.length === 0) return first;
  if (costs.some((cost) => cost.currency !== first.currency)) {
    return unpricedCost('the parts of this call are priced in different currencies', first.price);
  }
  const notes = costs.flatMap((cost) => cost.notes ?? []);
  return {
    ...first,
    status: costs.every((cost) => cost.status === 'free') ? 'free' : 'priced',
    amount: formatDecimal(costs.reduce((total, cost) => add(total, exact(cost.amount ?? '0')), ZERO)),
    lineItems: costs.flatMap((cost) => cost.lineItems),
    ...noted(notes),
  };
}

const ONE_REQUEST: Share = { meter: 'request', quantity: 1 };

/**
 * The shares somebody has to pay for. The same speech, image or page may be reported in tokens and in its own
 * unit: the one the card has a price for counts, the other describes the same thing again.
 */
function billedShares(shares: readonly Share[], card: RateCard): readonly Share[] {
  const billable = shares.filter(({ meter }) => !(card.unbilled ?? []).includes(meter));
  const isPriced = ({ meter }: Share): boolean => rateFor(card.rates, meter) !== undefined;
  const priced = billable.filter(isPriced);
  const pricedUnits = priced.some(({ meter }) => isUnitMeter(meter));
  return billable.filter((share) => {
    if (isPriced(share)) return true;
    if (isUnitMeter(share.meter)) return !isCountedInTokens(share.meter, priced, card);
    return !(isTokenMeter(share.meter) && pricedUnits);
  });
}

/** Whether tokens with a price already stand for this unit. */
function isCountedInTokens(unit: Meter, priced: readonly Share[], card: RateCard): boolean {
  const has = (...meters: readonly Meter[]): boolean => priced.some(({ meter }) => meters.includes(meter));
  switch (unit) {
    case 'output_images':
      // A chat model that called an image tool also has output tokens; they are not the image.
      return has('output_image') || (has('output') && (card.shared ?? []).includes('output_image'));
    case 'output_video_seconds':
      return has('output_video');
    case 'output_audio_seconds':
      return has('output', 'output_audio');
    default:
      return has('input', 'input_audio', 'input_image', 'cache_read');
  }
}

/** The tariffs of a card: the same for every call until its price changes. */
interface Tariffs {
  readonly adjustments: readonly Adjustment[];
  readonly byMeter: Map<Meter, Tariff>;
}

const known = new WeakMap<RateCard, Tariffs>();

function tariffFor(
  meter: Meter,
  card: RateCard,
  adjustments: readonly Adjustment[],
  inputTokens: number,
): Tariff {
  const rate = rateFor(card.rates, meter) ?? { price: '0', per: '1' };
  const make = (): Tariff => tariffOf(meter, rate, multipliersOf(meter, adjustments), inputTokens);
  // A price that depends on the length of the prompt is worked out for each call.
  if (rate.longContext !== undefined && rate.longContext.length > 0) return make();
  let tariffs = known.get(card);
  if (tariffs?.adjustments !== adjustments) known.set(card, (tariffs = { adjustments, byMeter: new Map() }));
  let tariff = tariffs.byMeter.get(meter);
  if (tariff === undefined) tariffs.byMeter.set(meter, (tariff = make()));
  return tariff;
}

function multipliersOf(meter: Meter, adjustments: readonly Adjustment[]): readonly Multiplier[] {
  return adjustments
    .filter(({ meters }) => meters?.includes(meter) ?? isTokenMeter(meter))
    .map(({ name, factor }) => ({ name, factor }));
}

/** The sum of the lines, in a number where that is exact. */
function totalOf(items: readonly LineItem[]): Decimal {
  let digits = 0;
  let scale = 0;
  for (const { amount } of items) {
    const point = amount.indexOf('.');
    const places = point === -1 ? 0 : amount.length - point - 1;
    const value = Number(point === -1 ? amount : amount.slice(0, point) + amount.slice(point + 1));
    if (places > scale) {
      digits *= 10 ** (places - scale);
      scale = places;
    }
    digits += value * 10 ** (scale - places);
    if (!Number.isSafeInteger(digits) || !Number.isSafeInteger(value) || scale > 18)
      return exactTotalOf(items);
  }
  return formatSmall(digits, scale);
}

function exactTotalOf(items: readonly LineItem[]): Decimal {
  return formatDecimal(sum(items.map(({ amount }) => parseDecimal(amount) ?? ZERO)));
}

function noted(notes: readonly string[]): { readonly notes?: readonly string[] } {
  return notes.length === 0 ? {} : { notes };
}
