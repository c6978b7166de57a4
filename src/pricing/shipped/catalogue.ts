import { known } from '../../base/read.ts';
import { exactFromFloat, formatDecimal } from '../../base/decimal.ts';
import type { Decimal } from '../../base/decimal.ts';
import {
  type LongContextPrice,
  type Meter,
  PER_MILLION,
  PER_THOUSAND,
  type Rate,
  type Rates,
} from '../rate-card.ts';
import { CATALOGUE, CATALOGUE_RELEASED, CATALOGUE_VERSION } from './catalogue-data.ts';

/**
 * The one file that knows the form of `@pydantic/genai-prices`' data. Only its data is used: which models a provider
 * has, how their ids match, and what they cost from which day. Its own totals are floats and its usage reader drops
 * details.
 */

/** A model's entry in the catalogue. */
export interface CatalogueModel {
  readonly id: string;
  readonly match: CatalogueMatch;
  readonly prices: CataloguePrices | readonly ConditionalPrices[];
}

/** How the catalogue recognises a model's ids. */
export type CatalogueMatch =
  | { readonly or: readonly CatalogueMatch[] }
  | { readonly and: readonly CatalogueMatch[] }
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string };

type CataloguePrices = Readonly<Record<string, number | TieredPrice>>;

interface TieredPrice {
  readonly base: number;
  readonly tiers: readonly { readonly start: number; readonly price: number }[];
}

interface ConditionalPrices {
  readonly constraint?: StartDate | TimeOfDay;
  readonly prices: CataloguePrices;
}

interface StartDate {
  readonly type: 'start_date';
  readonly start_date: string;
}

interface TimeOfDay {
  readonly type: 'time_of_date';
  readonly start_time: string;
  readonly end_time: string;
}

export interface CataloguePrice {
  readonly rates: Rates;
  /** Start of the day (UTC) from which this price holds; absent = ever since. */
  readonly validFrom?: string;
  readonly validTo?: string;
}

/** `genai-prices@0.1.8` */
export const CATALOGUE_NAME: string = `genai-prices@${CATALOGUE_VERSION}`;

/** The day on which the catalogue was released: its prices were read no later. */
export const CATALOGUE_DATE: string = CATALOGUE_RELEASED;

/** Every provider id the catalogue has. */
export const CATALOGUE_PROVIDERS: readonly string[] = Object.keys(CATALOGUE);

/** What to say where a price is missing because the whole catalogue is; undefined when it is there. */
export function catalogueProblem(providers: readonly string[] = CATALOGUE_PROVIDERS): string | undefined {
  return providers.length > 0
    ? undefined
    : 'the price catalogue is not loaded: the bundle replaced costspan/dist/…/catalogue-data.js by an empty module; let it in, or keep costspan out of the bundle';
}

/** The models of one provider of the catalogue, in its order; none for an unknown id. */
export function catalogueModels(providerId: string): readonly CatalogueModel[] {
  return tableOf(providerId)?.models ?? [];
}

/** The price pages the catalogue was made from. */
export function catalogueSources(providerId: string): readonly string[] {
  return tableOf(providerId)?.sources ?? [];
}

interface CatalogueTable {
  readonly sources: readonly string[];
  readonly models: readonly CatalogueModel[];
}

const tables = new Map<string, CatalogueTable>();

/** Read when a price of the provider is first asked for: 270 kB of JSON are no part of the application's start. */
function tableOf(providerId: string): CatalogueTable | undefined {
  let table = tables.get(providerId);
  if (table === undefined && Object.hasOwn(CATALOGUE, providerId)) {
    table = JSON.parse(CATALOGUE[providerId] ?? '') as CatalogueTable;
    tables.set(providerId, table);
  }
  return table;
}

/** The price of a model at an instant. Later entries of the catalogue win over earlier ones. */
export function cataloguePrice(model: CatalogueModel, at: Date): CataloguePrice {
  if (!isConditional(model.prices)) return { rates: toRates(model.prices) };
  let active: ConditionalPrices | undefined;
  let validFrom: string | undefined;
  let validTo: string | undefined;
  for (const entry of model.prices) {
    const start = entry.constraint?.type === 'start_date' ? entry.constraint.start_date : undefined;
    if (start !== undefined && new Date(start) > at) {
      validTo ??= `${start}T00:00:00Z`;
      continue;
    }
    if (entry.constraint?.type === 'time_of_date' && !isWithin(entry.constraint, at)) continue;
    active = entry;
    if (start !== undefined) validFrom = `${start}T00:00:00Z`;
  }
  const rates = active === undefined ? {} : toRates(active.prices);
  return known({ rates, validFrom, validTo });
}

function isConditional(prices: CatalogueModel['prices']): prices is readonly ConditionalPrices[] {
  return Array.isArray(prices);
}

/** The catalogue's names for what we call meters. */
const METERS: Readonly<Record<string, readonly [Meter, Decimal]>> = {
  input_mtok: ['input', PER_MILLION],
  cache_read_mtok: ['cache_read', PER_MILLION],
  cache_write_mtok: ['cache_write', PER_MILLION],
  cache_write_1h_mtok: ['cache_write_1h', PER_MILLION],
  input_audio_mtok: ['input_audio', PER_MILLION],
  cache_audio_read_mtok: ['cache_read_audio', PER_MILLION],
  input_image_mtok: ['input_image', PER_MILLION],
  cache_image_read_mtok: ['cache_read_image', PER_MILLION],
  input_video_mtok: ['input_video', PER_MILLION],
  output_mtok: ['output', PER_MILLION],
  output_audio_mtok: ['output_audio', PER_MILLION],
  output_image_mtok: ['output_image', PER_MILLION],
  output_video_mtok: ['output_video', PER_MILLION],
  output_reasoning_mtok: ['reasoning', PER_MILLION],
  output_citation_mtok: ['citation', PER_MILLION],
  web_searches_kcount: ['web_search', PER_THOUSAND],
  storage_searches_kcount: ['file_search', PER_THOUSAND],
  requests_kcount: ['request', PER_THOUSAND],
  input_audio_hours: ['input_audio_seconds', '3600'],
  input_document_kpages: ['input_pages', PER_THOUSAND],
};

/** Converted once: floats become decimals by way of text. */
const converted = new WeakMap<CataloguePrices, Rates>();

function toRates(prices: CataloguePrices): Rates {
  let rates = converted.get(prices);
  if (rates === undefined) converted.set(prices, (rates = convert(prices)));
  return rates;
}

function convert(prices: CataloguePrices): Rates {
  const rates: { -readonly [M in keyof Rates]: Rates[M] } = {};
  for (const [key, value] of Object.entries(prices)) {
    const [meter, per] = METERS[key] ?? [];
    if (meter === undefined || per === undefined) continue;
    const rate = toRate(value, per);
    if (rate !== undefined) rates[meter] = rate;
  }
  return rates;
}

function toRate(value: number | TieredPrice, per: Decimal): Rate | undefined {
  if (typeof value === 'number') {
    const price = toDecimal(value);
    return price === undefined ? undefined : { price, per };
  }
  const price = toDecimal(value.base);
  if (price === undefined) return undefined;
  const longContext: LongContextPrice[] = [];
  for (const tier of value.tiers) {
    const stepPrice = toDecimal(tier.price);
    if (stepPrice !== undefined) longContext.push({ above: lastShortLength(tier.start), price: stepPrice });
  }
  return { price, per, longContext };
}

/**
 * OpenAI's price pages put the long context at "more than 272K input tokens" for every model, the catalogue at
 * 271 999 for some of them and at 272 000 for others (0.1.8). We hold to the page.
 */
function lastShortLength(start: number): number {
  return start === 271_999 ? 272_000 : start;
}

function toDecimal(value: number): Decimal | undefined {
  const price = exactFromFloat(value);
  return price === undefined ? undefined : formatDecimal(price);
}

function isWithin(constraint: TimeOfDay, at: Date): boolean {
  const time = at.toISOString().slice(11, 19);
  const start = constraint.start_time.slice(0, 8);
  const end = constraint.end_time.slice(0, 8);
  return start <= end ? time >= start && time < end : time >= start || time < end;
}
