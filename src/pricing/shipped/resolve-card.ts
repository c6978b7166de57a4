import { CATALOGUE_DATE, CATALOGUE_NAME, cataloguePrice, catalogueSources } from './catalogue.ts';
import { catalogued, type PricedCall } from './find-model.ts';
import { byProvider, isCurrent, matchesPattern, OVERLAY_NAME, withDefaults, withRow } from './lay-rows.ts';
import type { ModelId } from './model-id.ts';
import { MODEL_ROWS } from './overlay/index.ts';
import type { ModelRow } from './overlay/overlay.ts';
import type { RateCard } from '../rate-card.ts';

/** A model found in our data, with the names under which rows may speak of it. */
export interface ResolvedCard {
  readonly card: RateCard;
  readonly names: readonly string[];
}

/** The rate card of a call's model at its instant: overlay over catalogue; undefined when neither knows it. */
export function resolveCard(call: PricedCall): ResolvedCard | undefined {
  for (const model of call.models) {
    const resolved = cardOf(model, call);
    if (resolved !== undefined) return resolved;
  }
  return undefined;
}

const ROWS = byProvider(MODEL_ROWS);

function cardOf(model: ModelId, call: PricedCall): ResolvedCard | undefined {
  const listed = catalogueCard(model, call);
  const rows = (ROWS.get(call.provider) ?? []).filter((row) => fits(row, model, call));
  const whole = rows.find(({ kind }) => kind === 'card');
  const base = whole === undefined ? listed?.card : withRow(emptyCard(model, call), whole);
  if (base === undefined) return undefined;
  const extras = rows.filter(({ kind }) => kind === 'extra');
  const defaults = rows.filter(({ kind }) => kind === 'default');
  return {
    card: defaults.reduce(withDefaults, extras.reduce(withRow, base)),
    names: listed === undefined ? [model.name] : [model.name, listed.name],
  };
}

function fits(row: ModelRow, model: ModelId, call: PricedCall): boolean {
  return (
    row.models.some((pattern) => matchesPattern(pattern, model.name)) &&
    isCurrent(row, call) &&
    (row.kind === 'default' || (row.fineTuned ?? false) === (model.fineTuned ?? false)) &&
    Object.entries(row.parameters ?? {}).every(([name, values]) =>
      values.includes(call.query.parameters?.[name]?.toLowerCase() ?? ''),
    )
  );
}

function catalogueCard(
  model: ModelId,
  { provider, at }: PricedCall,
): { readonly card: RateCard; readonly name: string } | undefined {
  const found = catalogued(provider, model);
  if (found === undefined) return undefined;
  const { rates, ...validity } = cataloguePrice(found.entry, at);
  if (Object.keys(rates).length === 0) return undefined;
  const id = `${found.table}/${found.entry.id}`;
  const reference = { list: CATALOGUE_NAME, id, ...validity };
  const sources = catalogueSources(found.table).map((source) => ({
    list: CATALOGUE_NAME,
    source,
    asOf: CATALOGUE_DATE,
  }));
  return { card: { reference, currency: 'USD', rates, sources }, name: found.entry.id };
}

function emptyCard(model: ModelId, { provider }: PricedCall): RateCard {
  const id = `${provider}/${model.fineTuned === true ? 'ft:' : ''}${model.name}`;
  return { reference: { list: OVERLAY_NAME, id }, currency: 'USD', rates: {} };
}
