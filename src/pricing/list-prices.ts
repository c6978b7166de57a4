import { catalogueModels } from './genai-prices.ts';
import { CATALOGUE_PROVIDERS } from './catalogue-providers.ts';
import { MODEL_ROWS } from './overlay/index.ts';
import type { PriceQuery, PriceReference } from './price.ts';
import { canonicalProvider, catalogueIds, providerOfCatalogueId } from './provider-id.ts';
import type { Rates } from './rate-card.ts';
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
}

/** Every model the shipped prices know, or those of one provider; aliases and builds are not listed one by one. */
export function listModels(provider?: string): readonly ListedModel[] {
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
  const added = MODEL_ROWS.filter(({ kind }) => kind === 'card').flatMap((row) =>
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

/** The providers that sell a model under this very name. */
export function findProviders(model: string, at: Date = new Date()): readonly string[] {
  const providers = new Set([
    ...CATALOGUE_PROVIDERS.map(providerOfCatalogueId),
    ...MODEL_ROWS.flatMap((row) => [row.provider].flat()),
  ]);
  return [...providers].filter((provider) => priceOf({ provider, requestModel: model, at }) !== undefined);
}

/**
 * The prices of a model, before tiers, regions and discounts; undefined when it is not known.
 *
 * @example
 * readPrices('openai', 'gpt-4o')?.rates.input; // { price: '2.5', per: '1000000' }
 */
export function readPrices(provider: string, model: string, at: Date = new Date()): ModelPrices | undefined {
  return priceOf({ provider, requestModel: model, at });
}

function priceOf(query: PriceQuery): ModelPrices | undefined {
  const card = resolveCard(query)?.card;
  if (card === undefined) return undefined;
  const { reference, currency, rates, free } = card;
  return { price: reference, currency, rates, ...(free === undefined ? {} : { free }) };
}
