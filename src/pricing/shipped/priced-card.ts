import type { Provider } from '../../providers/provider.ts';
import { providerNamed } from '../../providers/registry.ts';
import type { Adjustment } from '../cost.ts';
import type { PriceQuery } from '../price.ts';
import type { RateCard } from '../rate-card.ts';
import { applyCircumstances } from './conditions.ts';
import { pricedCall } from './find-model.ts';
import { resolveCard } from './resolve-card.ts';

/** All that decides a call's price beside what it consumed. */
export interface PricedCard {
  readonly card: RateCard;
  readonly adjustments: readonly Adjustment[];
  readonly notes: readonly string[];
  /** No price can be known, and why. */
  readonly unpriced?: string;
}

/**
 * The card of a call with its circumstances; undefined for an unknown model. An application makes a few kinds of
 * calls again and again, and no price changes within a minute (a test holds the tables to that): what was worked out
 * for a kind of call serves all others of the minute.
 */
export function pricedCard(query: PriceQuery): PricedCard | undefined {
  const minute = Math.floor(query.at.getTime() / 60_000);
  // A provider may be registered while the process runs.
  const provider = providerNamed(query.provider);
  for (const entry of recent) {
    if (entry.minute === minute && entry.provider === provider && isSameKind(entry.query, query))
      return entry.priced;
  }
  const priced = workedOut(query);
  recent[next] = { minute, provider, query: { ...query }, priced };
  next = (next + 1) % MOST;
  return priced;
}

interface Entry {
  readonly minute: number;
  readonly provider: Provider | undefined;
  readonly query: PriceQuery;
  readonly priced: PricedCard | undefined;
}

/** More kinds of calls than most applications make at a time; comparing them all takes less than a microsecond. */
const MOST = 24;
const recent: Entry[] = [];
let next = 0;

/** Compares every fact of a query that a table may ask for. */
function isSameKind(a: PriceQuery, b: PriceQuery): boolean {
  return (
    a.responseModel === b.responseModel &&
    a.requestModel === b.requestModel &&
    a.provider === b.provider &&
    a.serviceTier === b.serviceTier &&
    a.serverAddress === b.serverAddress &&
    a.batch === b.batch &&
    a.speed === b.speed &&
    a.inferenceGeo === b.inferenceGeo &&
    a.region === b.region &&
    a.deploymentType === b.deploymentType &&
    a.operation === b.operation &&
    areSameParameters(a.parameters, b.parameters)
  );
}

function areSameParameters(a: PriceQuery['parameters'], b: PriceQuery['parameters']): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function workedOut(query: PriceQuery): PricedCard | undefined {
  const call = pricedCall(query);
  const resolved = resolveCard(call);
  if (resolved === undefined) return undefined;
  const applied = applyCircumstances(resolved, call);
  if (typeof applied === 'string') {
    return { card: resolved.card, adjustments: [], notes: [], unpriced: applied };
  }
  // What the wire cannot say and the caller did not.
  const isAssumed = call.provider === 'azure.ai.openai' && query.deploymentType === undefined;
  return isAssumed
    ? { ...applied, notes: [...applied.notes, 'deployment type unknown: priced as global'] }
    : applied;
}
