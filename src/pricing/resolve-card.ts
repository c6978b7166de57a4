import { findModel } from './catalogue-match.ts';
import type { Circumstances } from './circumstances.ts';
import type { Adjustment } from './cost.ts';
import { type CatalogueModel, catalogueModels, catalogueName, cataloguePrice } from './genai-prices.ts';
import { isBuildSuffix, type ModelId, readModelId } from './model-id.ts';
import { CONDITION_ROWS, MODEL_ROWS, OVERLAY_VERSION } from './overlay/index.ts';
import type { Circumstance, ConditionRow, ModelRow, OverlayRow } from './overlay/overlay.ts';
import type { PriceQuery } from './price.ts';
import { canonicalProvider, catalogueIds } from './provider-id.ts';
import type { Meter, RateCard } from './rate-card.ts';

/** A model found in our data, with the names under which rows may speak of it. */
export interface ResolvedCard {
  readonly card: RateCard;
  readonly model: ModelId;
  readonly names: readonly string[];
}

/** The rate card of a query's model at its instant: overlay over catalogue; undefined when neither knows it. */
export function resolveCard(query: PriceQuery): ResolvedCard | undefined {
  for (const id of candidates(query)) {
    const resolved = cardOf(id, query);
    if (resolved !== undefined) return resolved;
  }
  return undefined;
}

/** Applies tier, speed, place and hour; a circumstance nobody has a price for leaves the call unpriced. */
export function applyCircumstances(
  resolved: ResolvedCard,
  circumstances: Circumstances,
  query: PriceQuery,
): { readonly card: RateCard; readonly adjustments: readonly Adjustment[] } | { readonly unpriced: string } {
  const adjustments: Adjustment[] = [];
  let card = resolved.card;
  for (const [circumstance, value] of Object.entries(circumstances) as [Circumstance, string][]) {
    const row = CONDITION_ROWS.find(
      (row) =>
        row.circumstance === circumstance &&
        row.value === value &&
        applies(row, query) &&
        (row.models ?? ['*']).some((pattern) => resolved.names.some((name) => matchesPattern(pattern, name))),
    );
    if (row === undefined) {
      if (MUST_BE_KNOWN.has(circumstance)) {
        return { unpriced: `no price for ${circumstance} '${value}' of ${card.reference.id}` };
      }
      continue;
    }
    if (row.unpriced !== undefined) return { unpriced: row.unpriced };
    if (row.rates !== undefined) card = withRates(card, row);
    if (row.factor !== undefined && row.factor !== '1') {
      adjustments.push({
        name: value === 'priority' || circumstance === 'tier' ? value : `${circumstance}:${value}`,
        factor: row.factor,
        ...(row.meters === undefined ? {} : { meters: row.meters }),
      });
    }
  }
  return { card, adjustments };
}

/** A tier or speed without a price of its own is no ordinary call; a place without one is. */
const MUST_BE_KNOWN: ReadonlySet<Circumstance> = new Set(['tier', 'speed', 'geo']);

/**
 * The ids to try, best evidence first. The reply's model is what ran. The request's counts when the reply names
 * none, or names the same model by another build. Clouds differ: Bedrock bills the profile that was requested,
 * Azure's request names a deployment, which says nothing about the model.
 */
function candidates(query: PriceQuery): readonly ModelId[] {
  const { provider, requestModel, responseModel } = query;
  const requested = requestModel === undefined ? [] : [readModelId(requestModel, provider)];
  const replied = responseModel === undefined ? [] : [readModelId(responseModel, provider)];
  const [request] = requested;
  const [reply] = replied;
  if (canonicalProvider(provider) === 'aws.bedrock') return request === undefined ? replied : requested;
  if (reply === undefined) return requested;
  if (request === undefined || canonicalProvider(provider).startsWith('azure')) return replied;
  return isSameModel(request.name, reply.name) ? [reply, request] : replied;
}

function isSameModel(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return long.startsWith(short) && isBuildSuffix(long.slice(short.length));
}

function cardOf(model: ModelId, query: PriceQuery): ResolvedCard | undefined {
  const provider = canonicalProvider(query.provider);
  const catalogued = catalogueCard(model, query);
  const names = [model.name, ...(catalogued === undefined ? [] : [catalogued.modelName])];
  const rows = MODEL_ROWS.filter(
    (row) =>
      applies(row, query) &&
      (row.fineTuned ?? false) === (model.fineTuned ?? false) &&
      row.models.some((pattern) => matchesPattern(pattern, model.name)) &&
      hasParameters(row, query),
  );
  const whole = rows.find((row) => row.kind === 'card');
  const base = whole === undefined ? catalogued?.card : emptyCard(provider, model);
  if (base === undefined) return undefined;
  const used = whole === undefined ? rows : [whole, ...rows.filter((row) => row.kind === 'extra')];
  return { card: used.reduce(withRates, base), model, names };
}

/** The catalogue's card; the full id first, so that a Bedrock profile finds its own price. */
function catalogueCard(
  model: ModelId,
  query: PriceQuery,
): { readonly card: RateCard; readonly modelName: string } | undefined {
  for (const providerId of catalogueIds(query.provider)) {
    const found = cataloguedModel(providerId, model);
    if (found === undefined) continue;
    const { rates, ...validity } = cataloguePrice(found, query.at);
    if (Object.keys(rates).length === 0) return undefined;
    const card: RateCard = {
      reference: { list: catalogueName(), id: `${providerId}/${found.id}`, ...validity },
      currency: 'USD',
      rates,
    };
    return { card, modelName: found.id };
  }
  return undefined;
}

const found = new Map<string, CatalogueModel | null>();
const MAX_REMEMBERED = 2_000;

/** Matching walks hundreds of rules; an application calls a handful of models. */
function cataloguedModel(providerId: string, model: ModelId): CatalogueModel | undefined {
  const key = `${providerId} ${model.scope ?? ''} ${model.fineTuned === true ? 'ft:' : ''}${model.name}`;
  let entry = found.get(key);
  if (entry === undefined) {
    entry = searchCatalogue(providerId, model) ?? null;
    if (found.size >= MAX_REMEMBERED) found.clear();
    found.set(key, entry);
  }
  return entry ?? undefined;
}

function searchCatalogue(providerId: string, model: ModelId): CatalogueModel | undefined {
  const models = catalogueModels(providerId);
  if (model.fineTuned === true) return findModel(models, `ft:${model.name}`);
  if (model.scope === undefined) return findModel(models, model.name);
  const profile = findModel(models, `${model.scope}.${model.name}`);
  // `ca.` and newer regional scopes cost what the region costs; `global.` has a price of its own or none.
  return profile ?? (model.scope === 'global' ? undefined : findModel(models, model.name));
}

function emptyCard(provider: string, model: ModelId): RateCard {
  const id = `${provider}/${model.fineTuned === true ? 'ft:' : ''}${model.name}`;
  return { reference: { list: OVERLAY, id }, currency: 'USD', rates: {} };
}

const OVERLAY = `costspan-overlay@${OVERLAY_VERSION}`;

function withRates(card: RateCard, row: ModelRow | ConditionRow): RateCard {
  const { list, ...reference } = card.reference;
  const model = 'circumstance' in row ? undefined : row;
  const validFrom = row.validFrom ?? reference.validFrom;
  const validTo = row.validTo ?? reference.validTo;
  return {
    ...card,
    reference: {
      ...reference,
      list: list.includes(OVERLAY) ? list : `${list}+${OVERLAY}`,
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(validTo === undefined ? {} : { validTo }),
    },
    rates: { ...card.rates, ...row.rates },
    shared: joined(card.shared, model?.shared),
    unbilled: joined(card.unbilled, model?.unbilled),
    ...(model?.free === undefined ? {} : { free: model.free }),
  };
}

function joined(a: readonly Meter[] = [], b: readonly Meter[] = []): readonly Meter[] {
  return b.length === 0 ? a : [...a, ...b];
}

function applies(row: OverlayRow, query: PriceQuery): boolean {
  const provider = canonicalProvider(query.provider);
  const named =
    typeof row.provider === 'string' ? row.provider === provider : row.provider.includes(provider);
  return (
    named &&
    (row.validFrom === undefined || query.at >= new Date(row.validFrom)) &&
    (row.validTo === undefined || query.at < new Date(row.validTo))
  );
}

function matchesPattern(pattern: string, name: string): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name.startsWith(pattern) && isBuildSuffix(name.slice(pattern.length));
}

function hasParameters(row: ModelRow, query: PriceQuery): boolean {
  return Object.entries(row.parameters ?? {}).every(
    ([name, value]) => query.parameters?.[name]?.toLowerCase() === value,
  );
}
