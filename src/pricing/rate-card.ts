import type { PriceReference } from './price.ts';
import type { Decimal } from '../base/decimal.ts';
import { type MeterOf, metersOf } from '../usage/quantities.ts';

/**
 * What one model costs at one instant: a rate per meter. A meter without a rate has no price, which is not the
 * same as costing nothing.
 */
export interface RateCard {
  readonly reference: PriceReference;
  readonly currency: string;
  readonly rates: Rates;
  /** Billed nothing, and why. */
  readonly free?: string;
  /** Details that the provider bills at the rate of the total they are part of: `input_image` as `input`. */
  readonly shared?: readonly Meter[];
  /** Meters whose rate comes from another list than the card, and that list's name. */
  readonly supplement?: { readonly list: string; readonly meters: readonly Meter[] };
  /** What the price of a meter assumes, to be said where it is used. */
  readonly notes?: { readonly [M in Meter]?: string };
  /** Where the rates were read, and when. */
  readonly sources?: readonly PriceSource[];
  /** Quantities this provider reports and does not bill on this model. */
  readonly unbilled?: readonly Meter[];
}

/** Where a built-in price was read. */
export interface PriceSource {
  /** `genai-prices@0.1.8`, `costspan-overlay@…` */
  readonly list: string;
  /** The address of the page. */
  readonly source: string;
  /** The day on which it was read, or the day on which the list that read it appeared. */
  readonly asOf: string;
}

export type Rates = { readonly [M in Meter]?: Rate };

/** The price of `per` units. */
export interface Rate {
  readonly price: Decimal;
  readonly per: Decimal;
  /** Prices of the whole request once its input is longer than `above` tokens; ascending. */
  readonly longContext?: readonly LongContextPrice[];
  /** A smaller quantity is billed as this much: Groq bills at least 10 seconds of audio. */
  readonly minimum?: Decimal;
}

export interface LongContextPrice {
  /** The last input length that still has the lower price. */
  readonly above: number;
  readonly price: Decimal;
}

export const PER_MILLION: Decimal = '1000000';
export const PER_THOUSAND: Decimal = '1000';

/** Shares of the input and the output, disjoint. */
export const TOKEN_METERS: readonly MeterOf<'token'>[] = metersOf('token');

/** Everything that can be a line item: what the registry of quantities bills by itself, and the fee of a request. */
export type Meter = MeterOf | 'request';

export const METERS: readonly Meter[] = [
  ...TOKEN_METERS,
  ...metersOf('image_tool_token'),
  ...metersOf('unit'),
  'request',
  ...metersOf('fee'),
];

const TOKENS: ReadonlySet<Meter> = new Set([...TOKEN_METERS, ...metersOf('image_tool_token')]);
/** Other ways to measure what went in or came out; a model that has a price per token does not use them. */
const UNITS: ReadonlySet<Meter> = new Set(metersOf('unit'));

export function isTokenMeter(meter: Meter): boolean {
  return TOKENS.has(meter);
}

export function isUnitMeter(meter: Meter): boolean {
  return UNITS.has(meter);
}

/** The rate of a meter; a cache write of the provider's default lifetime may stand under the plain name. */
export function rateFor(rates: Rates, meter: Meter): Rate | undefined {
  const own = rates[meter];
  if (own !== undefined) return own;
  if (meter === 'cache_write_5m' || meter === 'cache_write_30m') return rates.cache_write;
  if (meter === 'cache_write') return rates.cache_write_5m;
  return undefined;
}

/** The unit price that applies to a request with this much input. */
export function priceAt(rate: Rate, inputTokens: number): Decimal {
  let price = rate.price;
  for (const step of rate.longContext ?? []) if (inputTokens > step.above) price = step.price;
  return price;
}
