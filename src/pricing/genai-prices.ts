import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as GenaiPrices from '@pydantic/genai-prices';
import { object, text } from '../usage/read.ts';
import { exactFromFloat, formatDecimal } from './money.ts';
import type { Decimal } from './price.ts';
import {
  type LongContextPrice,
  type Meter,
  PER_MILLION,
  PER_THOUSAND,
  type Rate,
  type Rates,
} from './rate-card.ts';

/**
 * The one file that knows `@pydantic/genai-prices`. Only its data is used: which models a provider has, how
 * their ids match, and what they cost from which day. Its own totals are floats and its usage reader drops
 * details, so both stay unused.
 */

/** A model's entry in the catalogue. */
export type CatalogueModel = GenaiPrices.ModelInfo;
export type CatalogueMatch = GenaiPrices.MatchLogic;

export interface CataloguePrice {
  readonly rates: Rates;
  /** Start of the day (UTC) from which this price holds; absent = ever since. */
  readonly validFrom?: string;
  readonly validTo?: string;
}

/** `genai-prices@0.1.8` */
export function catalogueName(): string {
  return `genai-prices@${load()?.version ?? 'missing'}`;
}

/** The models of one provider of the catalogue, in its order; none for an unknown id. */
export function catalogueModels(providerId: string): readonly CatalogueModel[] {
  const found = load()?.library.findProvider({ providerId });
  // findProvider also takes names that merely contain a provider's: 'my-openai-proxy' is not OpenAI.
  return found?.id === providerId ? found.models : [];
}

/** The price of a model at an instant. Later entries of the catalogue win over earlier ones. */
export function cataloguePrice(model: CatalogueModel, at: Date): CataloguePrice {
  if (!Array.isArray(model.prices)) return { rates: toRates(model.prices) };
  let active: GenaiPrices.ConditionalPrice | undefined;
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
  return {
    rates: active === undefined ? {} : toRates(active.prices),
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
  };
}

/** Every provider id the catalogue has; the library only lists them asynchronously. */
export async function catalogueProviders(): Promise<readonly string[]> {
  const providers = await load()?.library.waitForUpdate();
  return (providers ?? []).map(({ id }) => id);
}

interface Catalogue {
  readonly library: typeof GenaiPrices;
  readonly version: string;
}

let catalogue: Catalogue | null | undefined;

/**
 * Loads the catalogue when the first price is asked for: half a megabyte is no part of the application's
 * start. Synchronous, because a span ends synchronously. A bundle that left it out has no catalogue: calls
 * are unpriced, nothing throws.
 */
function load(): Catalogue | undefined {
  if (catalogue === undefined) {
    try {
      const require = createRequire(import.meta.url);
      const library = require('@pydantic/genai-prices') as typeof GenaiPrices;
      catalogue = { library, version: installedVersion(require.resolve('@pydantic/genai-prices')) };
    } catch {
      catalogue = null;
    }
  }
  return catalogue ?? undefined;
}

function installedVersion(entry: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8'));
    return text(object(manifest)?.['version']) ?? 'unknown';
  } catch {
    return 'unknown';
  }
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
const converted = new WeakMap<GenaiPrices.ModelPrice, Rates>();

function toRates(prices: GenaiPrices.ModelPrice): Rates {
  let rates = converted.get(prices);
  if (rates === undefined) converted.set(prices, (rates = convert(prices)));
  return rates;
}

function convert(prices: GenaiPrices.ModelPrice): Rates {
  const rates: { -readonly [M in keyof Rates]: Rates[M] } = {};
  for (const [key, value] of Object.entries(prices)) {
    const [meter, per] = METERS[key] ?? [];
    if (meter === undefined || per === undefined || value === undefined) continue;
    const rate = toRate(value, per);
    if (rate !== undefined) rates[meter] = rate;
  }
  return rates;
}

function toRate(value: number | GenaiPrices.TieredPrices, per: Decimal): Rate | undefined {
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

function isWithin(constraint: GenaiPrices.TimeOfDateConstraint, at: Date): boolean {
  const time = at.toISOString().slice(11, 19);
  const start = constraint.start_time.slice(0, 8);
  const end = constraint.end_time.slice(0, 8);
  return start <= end ? time >= start && time < end : time >= start || time < end;
}
