import { findModel } from './catalogue-match.ts';
import type { Circumstances } from './circumstances.ts';
import type { Adjustment } from './cost.ts';
import { type CatalogueModel, catalogueModels, catalogueName, cataloguePrice } from './genai-prices.ts';
import { isBuildSuffix, type ModelId, readModelId } from './model-id.ts';
import { CONDITION_ROWS, MODEL_ROWS, OVERLAY_VERSION } from './overlay/index.ts';
import type { Circumstance, ConditionRow, ModelRow, OverlayRow } from './overlay/overlay.ts';
import { exact, formatDecimal, multiply } from './money.ts';
import type { Decimal, PriceQuery } from './price.ts';
import { canonicalProvider, catalogueIds } from './provider-id.ts';
import { type Meter, type Rate, type RateCard, rateFor } from './rate-card.ts';

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

/** What the circumstances of a call make of its card. */
export interface AppliedCircumstances {
  readonly card: RateCard;
  readonly adjustments: readonly Adjustment[];
  readonly notes: readonly string[];
}

/** Applies tier, speed, place and hour; a circumstance nobody has a price for leaves the call unpriced. */
export function applyCircumstances(
  resolved: ResolvedCard,
  circumstances: Circumstances,
  query: PriceQuery,
): AppliedCircumstances | { readonly unpriced: string } {
  const adjustments: Adjustment[] = [];
  const notes: string[] = [];
  let { card } = resolved;
  for (const [circumstance, value] of Object.entries(circumstances) as [Circumstance, string][]) {
    const row = conditionRow(circumstance, value, resolved, query);
    if (row === undefined) {
      if (!MUST_BE_KNOWN.has(circumstance)) continue;
      return { unpriced: `no price for ${circumstance} '${value}' of ${card.reference.id}` };
    }
    if (row.unpriced !== undefined) return { unpriced: row.unpriced };
    if (row.note !== undefined) notes.push(row.note);
    card = withReference(card, row);
    if (row.rates !== undefined) card = { ...card, rates: { ...card.rates, ...row.rates } };
    if (row.factor !== undefined && row.factor !== '1') {
      const name = circumstance === 'tier' ? value : `${circumstance}:${value}`;
      const { factor, meters } = row;
      adjustments.push(meters === undefined ? { name, factor } : { name, factor, meters });
    }
  }
  return { card, adjustments, notes };
}

function conditionRow(
  circumstance: Circumstance,
  value: string,
  { names }: ResolvedCard,
  query: PriceQuery,
): ConditionRow | undefined {
  return (CONDITION_ROWS_OF.get(canonicalProvider(query.provider)) ?? []).find(
    (row) =>
      row.circumstance === circumstance &&
      row.value === value &&
      applies(row, query) &&
      (row.models ?? ['*']).some((pattern) => names.some((name) => matchesPattern(pattern, name))),
  );
}

/** A tier or speed without a price of its own is no ordinary call; a place or host without one is. */
const MUST_BE_KNOWN: ReadonlySet<Circumstance> = new Set(['tier', 'speed', 'geo', 'deployment']);

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
  const catalogued = catalogueCard(model, query);
  const rows = (MODEL_ROWS_OF.get(canonicalProvider(query.provider)) ?? []).filter((row) =>
    fits(row, model, query),
  );
  const whole = rows.find(({ kind }) => kind === 'card');
  const base = whole === undefined ? catalogued?.card : withRow(emptyCard(model, query), whole);
  if (base === undefined) return undefined;
  const extras = rows.filter(({ kind }) => kind === 'extra');
  const defaults = rows.filter(({ kind }) => kind === 'default');
  const names = [model.name, ...(catalogued === undefined ? [] : [catalogued.modelName])];
  return { card: defaults.reduce(withDefaults, extras.reduce(withRow, base)), model, names };
}

function fits(row: ModelRow, model: ModelId, query: PriceQuery): boolean {
  return (
    applies(row, query) &&
    (row.kind === 'default' || (row.fineTuned ?? false) === (model.fineTuned ?? false)) &&
    row.models.some((pattern) => matchesPattern(pattern, model.name)) &&
    hasParameters(row, query)
  );
}

/** The catalogue's card; the full id first, so that a Bedrock profile finds its own price. */
function catalogueCard(
  model: ModelId,
  query: PriceQuery,
): { readonly card: RateCard; readonly modelName: string } | undefined {
  for (const providerId of catalogueIds(query.provider, model.name)) {
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

function emptyCard(model: ModelId, query: PriceQuery): RateCard {
  const id = `${canonicalProvider(query.provider)}/${model.fineTuned === true ? 'ft:' : ''}${model.name}`;
  return { reference: { list: OVERLAY, id }, currency: 'USD', rates: {} };
}

const OVERLAY = `costspan-overlay@${OVERLAY_VERSION}`;

/** The row's rates over the card's. */
function withRow(card: RateCard, row: ModelRow): RateCard {
  return withDetails({ ...withReference(card, row), rates: { ...card.rates, ...row.rates } }, row);
}

/** The row's rates where the card has none. */
function withDefaults(card: RateCard, row: ModelRow): RateCard {
  const rates: { -readonly [M in Meter]?: Rate } = { ...row.rates, ...card.rates };
  for (const { meter, from, factor } of row.derived ?? []) {
    const base = card.rates[from];
    if (rateFor(rates, meter) === undefined && base !== undefined) rates[meter] = scaledRate(base, factor);
  }
  const meters = (Object.keys(rates) as Meter[]).filter((meter) => card.rates[meter] === undefined);
  const supplement = { list: OVERLAY, meters: [...(card.supplement?.meters ?? []), ...meters] };
  return withDetails({ ...card, rates, supplement }, row);
}

function withDetails(card: RateCard, row: ModelRow): RateCard {
  return {
    ...card,
    shared: [...(card.shared ?? []), ...(row.shared ?? [])],
    unbilled: [...(card.unbilled ?? []), ...(row.unbilled ?? [])],
    ...(row.free === undefined ? {} : { free: row.free }),
  };
}

function withReference(card: RateCard, row: OverlayRow): RateCard {
  const { list, ...reference } = card.reference;
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
  };
}

function scaledRate(rate: Rate, factor: Decimal): Rate {
  const scale = (price: Decimal): Decimal => formatDecimal(multiply(exact(price), exact(factor)));
  return {
    ...rate,
    price: scale(rate.price),
    ...(rate.longContext === undefined
      ? {}
      : { longContext: rate.longContext.map((step) => ({ ...step, price: scale(step.price) })) }),
  };
}

/** The rows of one provider: a call looks at its own, not at everybody's. */
const MODEL_ROWS_OF = byProvider(MODEL_ROWS);
const CONDITION_ROWS_OF = byProvider(CONDITION_ROWS);

function byProvider<Row extends OverlayRow>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    for (const provider of [row.provider].flat()) {
      groups.set(provider, [...(groups.get(provider) ?? []), row]);
    }
  }
  return groups;
}

/** Whether a row holds at the instant of the call. ISO instants in UTC compare like text. */
function applies({ validFrom, validTo }: OverlayRow, query: PriceQuery): boolean {
  if (validFrom === undefined && validTo === undefined) return true;
  const at = query.at.toISOString();
  return (
    (validFrom === undefined || at >= toMilliseconds(validFrom)) &&
    (validTo === undefined || at < toMilliseconds(validTo))
  );
}

/** `…T16:00:00Z` → `…T16:00:00.000Z`, the form of `toISOString`. */
function toMilliseconds(instant: string): string {
  return instant.replace('Z', '.000Z');
}

function matchesPattern(pattern: string, name: string): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
  return name.startsWith(pattern) && isBuildSuffix(name.slice(pattern.length));
}

function hasParameters(row: ModelRow, query: PriceQuery): boolean {
  return Object.entries(row.parameters ?? {}).every(([name, values]) =>
    values.includes(query.parameters?.[name]?.toLowerCase() ?? ''),
  );
}
