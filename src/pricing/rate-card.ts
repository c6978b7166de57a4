import type { Decimal, PriceReference } from './price.ts';

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
  /** Quantities this provider reports and does not bill on this model. */
  readonly unbilled?: readonly Meter[];
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

/**
 * Everything that can be a line item. Token meters are disjoint shares of the input and the output; the others
 * are counted in their own unit.
 */
export const TOKEN_METERS = [
  'input',
  'input_audio',
  'input_image',
  'input_video',
  'cache_read',
  'cache_read_audio',
  'cache_read_image',
  'cache_read_video',
  'cache_write',
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
  'cache_write_12h',
  'output',
  'output_audio',
  'output_image',
  'output_video',
  'reasoning',
  'citation',
] as const;

/** Tokens of the image model behind an image generation tool. */
export const IMAGE_TOOL_METERS = [
  'image_tool_input',
  'image_tool_input_image',
  'image_tool_cache_read',
  'image_tool_output',
] as const;

/** Other ways to measure what went in or came out; a model that has a price per token does not use them. */
export const UNIT_METERS = [
  'input_characters',
  'input_audio_seconds',
  'output_audio_seconds',
  'output_images',
  'output_video_seconds',
  'input_pages',
] as const;

/** Fees beside the tokens. */
export const FEE_METERS = [
  'request',
  'web_search',
  'web_fetch',
  'file_search',
  'x_search',
  'collection_search',
  'code_execution',
  'code_interpreter_session',
  'grounded_prompt',
  'search_query',
  'search_unit',
  'classification',
  'session_seconds',
] as const;

export type TokenMeter = (typeof TOKEN_METERS)[number];
export type ImageToolMeter = (typeof IMAGE_TOOL_METERS)[number];
export type UnitMeter = (typeof UNIT_METERS)[number];
export type FeeMeter = (typeof FEE_METERS)[number];
export type Meter = TokenMeter | ImageToolMeter | UnitMeter | FeeMeter;

export const METERS: readonly Meter[] = [
  ...TOKEN_METERS,
  ...IMAGE_TOOL_METERS,
  ...UNIT_METERS,
  ...FEE_METERS,
];

const TOKENS: ReadonlySet<string> = new Set([...TOKEN_METERS, ...IMAGE_TOOL_METERS]);
const UNITS: ReadonlySet<string> = new Set(UNIT_METERS);

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
