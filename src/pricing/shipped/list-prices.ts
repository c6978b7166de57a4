import { ConfigError, describe } from '../../base/errors.ts';
import { didYouMean } from '../../base/spelling.ts';
import { CATALOGUE_PROVIDERS, catalogueModels } from './catalogue.ts';
import { MODEL_ROWS } from './overlay/index.ts';
import type { PriceQuery, PriceReference } from '../price.ts';
import { providerOfCatalogueId } from '../../providers/registry.ts';
import { canonicalProvider, catalogueIds } from '../../providers/spelling.ts';
import type { Decimal } from '../../base/decimal.ts';
import { known } from '../../base/read.ts';
import type { PriceSource, Rates } from '../rate-card.ts';
import { conditionRows } from './conditions.ts';
import { sourceOf } from './lay-rows.ts';
import { misspeltProvider } from './known-names.ts';
import { pricedCall } from './find-model.ts';
import { resolveCard } from './resolve-card.ts';

/** A model somebody sells, under the provider's name in cost events. */
export interface ListedModel {
  readonly provider: string;
  readonly model: string;
}

/** A model's prices at an instant. */
export interface ModelPrices {
  readonly price: PriceReference;
  readonly currency: string;
  /** Per meter: `{ price, per, longContext? }`. A meter that is absent has no price. */
  readonly rates: Rates;
  /** Billed nothing, and why. */
  readonly free?: string;
  /** What a price assumes, per meter. */
  readonly notes?: Readonly<Record<string, string>>;
  /** The pages from which these prices were read, and when. */
  readonly sources: readonly PriceSource[];
  /** What tiers, speeds, places and hours make of the price, as far as the model has a price for them. */
  readonly conditions: readonly PriceCondition[];
}

/** `{ circumstance: 'tier', value: 'batch', factor: '0.5', source, asOf, … }` */
export interface PriceCondition extends PriceSource {
  readonly circumstance: string;
  readonly value: string;
  /** On the meters named, by default on every token meter. */
  readonly factor?: Decimal;
  readonly meters?: readonly string[];
  /** Prices instead of a factor. */
  readonly rates?: Rates;
  readonly note?: string;
  /** Not billed per call, and why. */
  readonly unpriced?: string;
}

/**
 * Every model the shipped prices know, or those of one provider; aliases and builds are not listed one by one.
 *
 * @throws {ConfigError} for a provider that is probably misspelt.
 */
export function listModels(provider?: string): readonly ListedModel[] {
  if (provider !== undefined) checkProvider('listModels', provider);
  const ids =
    provider === undefined
      ? CATALOGUE_PROVIDERS
      : catalogueIds(provider, '').filter((id, index) => index === 0 && CATALOGUE_PROVIDERS.includes(id));
  const catalogued = ids.flatMap((id) =>
    catalogueModels(id).map((model) => ({
      // One table of the catalogue may serve two sellers: Google's is the Gemini API's and Vertex'.
      provider: provider === undefined ? providerOfCatalogueId(id) : canonicalProvider(provider),
      model: model.id,
    })),
  );
  const added = MODEL_ROWS.filter(({ kind, isOperation }) => kind === 'card' && isOperation !== true).flatMap(
    (row) =>
      [row.provider].flat().flatMap((owner) => row.models.map((model) => ({ provider: owner, model }))),
  );
  const seen = new Set<string>();
  return [...catalogued, ...added]
    .filter((entry) => provider === undefined || entry.provider === canonicalProvider(provider))
    .filter(({ model }) => !model.includes('*'))
    .filter((entry) => {
      const key = `${entry.provider} ${entry.model}`;
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    });
}

/** The providers that sell a model under this very name; none for an unknown one. */
export function findProviders(model: string, at: Date = new Date()): readonly string[] {
  checkModel('findProviders', model, at);
  const providers = new Set([
    ...CATALOGUE_PROVIDERS.map(providerOfCatalogueId),
    ...MODEL_ROWS.flatMap((row) => [row.provider].flat()),
  ]);
  return [...providers].filter((provider) => priceOf({ provider, requestModel: model, at }) !== undefined);
}

/**
 * The prices of a model, before tiers, regions and discounts; undefined when it is not known.
 *
 * @throws {ConfigError} for a provider that is probably misspelt, or a time that is not a Date.
 * @example
 * readPrices('openai', 'gpt-4o')?.rates.input; // { price: '2.5', per: '1000000' }
 */
export function readPrices(provider: string, model: string, at: Date = new Date()): ModelPrices | undefined {
  checkProvider('readPrices', provider);
  checkModel('readPrices', model, at);
  return priceOf({ provider, requestModel: model, at });
}

/**
 * The pages behind a price of the built-in lists: those of the list that a cost names, as they are today. None for a
 * price of one's own, and for one of another version of the lists.
 */
export function sourcesOf(price: PriceReference, query: PriceQuery): readonly PriceSource[] {
  return (priceOf(query)?.sources ?? []).filter(({ list }) => price.list.includes(list));
}

/** The known model whose name is nearest to one that is not known: ` Did you mean 'gpt-4o'?`, or nothing. */
export function nearestModel(model: string, provider?: string): string {
  const names = new Set(listModels(provider).map((listed) => listed.model));
  return didYouMean(model, [...names], Math.max(2, Math.floor(model.length / 4)));
}

function checkProvider(where: string, provider: unknown): void {
  if (typeof provider !== 'string') {
    throw new ConfigError(`${where}: expected a provider such as 'openai', got ${describe(provider)}.`);
  }
  const near = misspeltProvider(provider);
  if (near !== undefined) throw new ConfigError(`${where}: there is no provider '${provider}'.${near}`);
}

function checkModel(where: string, model: unknown, at: unknown): void {
  if (typeof model !== 'string') {
    throw new ConfigError(`${where}: expected a model such as 'gpt-4o', got ${describe(model)}.`);
  }
  if (!(at instanceof Date) || Number.isNaN(at.getTime())) {
    throw new ConfigError(`${where}: expected a valid Date as the time, got ${describe(at)}.`);
  }
}

function priceOf(query: PriceQuery): ModelPrices | undefined {
  const call = pricedCall(query);
  const resolved = resolveCard(call);
  if (resolved === undefined) return undefined;
  const { reference, currency, rates, free, notes, sources = [] } = resolved.card;
  const conditions = conditionRows(resolved, call).map((row) => {
    const { circumstance, value, factor, meters, rates, note, unpriced } = row;
    return known({ circumstance, value, factor, meters, rates, note, unpriced, ...sourceOf(row) });
  });
  return known({ price: reference, currency, rates, free, notes, sources: distinct(sources), conditions });
}

function distinct(sources: readonly PriceSource[]): readonly PriceSource[] {
  return [...new Map(sources.map((each) => [JSON.stringify(each), each])).values()];
}
