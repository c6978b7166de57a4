import { Recent } from '../../base/recent.ts';
import { canonicalProvider, catalogueIds } from '../../providers/spelling.ts';
import type { PriceQuery } from '../price.ts';
import { type CatalogueModel, catalogueModels } from './catalogue.ts';
import { matchingModel } from './match-rule.ts';
import { isBuildSuffix, type ModelId, readModelId } from './model-id.ts';

/** A call as price tables speak of it: names under one spelling, the time as text. Made once, when a query enters. */
export interface PricedCall {
  /** The provider's canonical name. */
  readonly provider: string;
  /** The ids to try, best evidence first. */
  readonly models: readonly ModelId[];
  readonly at: Date;
  /** `at` as ISO 8601 with milliseconds: instants in UTC compare like text. */
  readonly instant: string;
  readonly query: PriceQuery;
}

export function pricedCall(query: PriceQuery): PricedCall {
  const provider = canonicalProvider(query.provider);
  return {
    provider,
    models: candidates(provider, query),
    at: query.at,
    instant: query.at.toISOString(),
    query,
  };
}

/**
 * The reply's model is what ran. The request's counts when the reply names none, or names the same model by another
 * build. Clouds differ: Bedrock bills the profile that was requested, or the model that its router chose; Azure's
 * request names a deployment, which says nothing about the model.
 */
function candidates(
  provider: string,
  { operation, requestModel, responseModel }: PriceQuery,
): readonly ModelId[] {
  const requested = requestModel === undefined ? [] : [readModelId(requestModel, provider)];
  const replied = responseModel === undefined ? [] : [readModelId(responseModel, provider)];
  // A call without a model may have a price of its own: opening a container.
  if (requestModel === undefined && responseModel === undefined)
    return operation === undefined ? [] : [{ name: operation }];
  const [request] = requested;
  const [reply] = replied;
  if (provider === 'aws.bedrock') return request === undefined || isRouter(request) ? replied : requested;
  if (reply === undefined) return requested;
  if (request === undefined || provider.startsWith('azure')) return replied;
  return areBuilds(request.name, reply.name) ? [reply, request] : replied;
}

/** A prompt router's ARN names no model; the reply says which one it chose. */
function isRouter({ name }: ModelId): boolean {
  return /:(?:default-)?prompt-router\//.test(name);
}

function areBuilds(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return long.startsWith(short) && isBuildSuffix(long.slice(short.length));
}

/**
 * Whether a name is a build of a model and not a sibling: `gpt-4o-mini-2024-07-18` is `gpt-4o-mini`;
 * `gpt-4-1106-preview` looks like a build of `gpt-4`, and the catalogue knows better.
 */
export function isBuildOf(model: string, name: string, provider: string): boolean {
  if (!name.startsWith(model) || !isBuildSuffix(name.slice(model.length))) return false;
  const [listed, listedName] = [model, name].map((each) => catalogued(provider, readModelId(each, provider)));
  return listed === undefined || listedName === undefined || listed.entry === listedName.entry;
}

/** A model of the catalogue with the id of its table. */
export interface Catalogued {
  readonly table: string;
  readonly entry: CatalogueModel;
}

/** The catalogue's entry for a model, from the first table of the provider that has it. */
export function catalogued(provider: string, model: ModelId): Catalogued | undefined {
  const tables = catalogueIds(provider, model.name);
  const key = `${tables.join()} ${model.scope ?? ''} ${model.fineTuned === true ? 'ft:' : ''}${model.name}`;
  const known = found.get(key);
  return known === undefined
    ? (found.set(key, search(tables, model) ?? null) ?? undefined)
    : (known ?? undefined);
}

/** Matching walks hundreds of rules; an application calls a handful of models. */
const found = new Recent<string, Catalogued | null>(2_000);

function search(tables: readonly string[], model: ModelId): Catalogued | undefined {
  for (const table of tables) {
    const models = catalogueModels(table);
    const entry = searchTable(models, model) ?? searchTable(models, withoutDate(model));
    if (entry !== undefined) return { table, entry };
  }
  return undefined;
}

/** A dated build that the table does not list costs what its model costs. */
function withoutDate(model: ModelId): ModelId {
  return { ...model, name: model.name.replace(/-20\d{2}-\d{2}-\d{2}$/, '') };
}

/** The full id first, so that a Bedrock profile finds its own price. */
function searchTable(models: readonly CatalogueModel[], model: ModelId): CatalogueModel | undefined {
  if (model.fineTuned === true) return matchingModel(models, `ft:${model.name}`);
  if (model.scope === undefined) return matchingModel(models, model.name);
  const profile = matchingModel(models, `${model.scope}.${model.name}`);
  // `ca.` and newer regional scopes cost what the region costs; `global.` has a price of its own or none.
  return profile ?? (model.scope === 'global' ? undefined : matchingModel(models, model.name));
}
