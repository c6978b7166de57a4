import { type BaggageEntry, type Context, createContextKey, propagation } from '@opentelemetry/api';
import { type Attribution, type AttributionContext, type ContextValue, UNATTRIBUTED } from './attribution.ts';
import { inboundVerdict } from './inbound.ts';
import { attributionNames, isAttributionEntry } from './process-slot.ts';

/**
 * For whom a call made in `ctx` is. Whoever spoke last wins: a scope (`withCustomer`) or the application's own
 * baggage; what a trusted service sent fills only what nobody here said.
 */
export function attributionOf(ctx: Context): Attribution {
  const scope = scopeOf(ctx);
  const said = scope?.attribution ?? UNATTRIBUTED;
  const news = attributionEntries(ctx).filter(([, entry]) => scope?.seen.has(entry) !== true);
  return news.length === 0 ? said : readEntries(said, news);
}

/** A context in which `attribution` holds, and everything the baggage said up to here is history. */
export function withAttribution(ctx: Context, attribution: Attribution): Context {
  const seen = new Set(attributionEntries(ctx).map(([, entry]) => entry));
  const scope: Scope = { attribution, seen };
  return ctx.setValue(SCOPE, scope);
}

/** Changes what holds in the scope that `ctx` is in, for all who run in it; false when there is no scope. */
export function updateAttribution(ctx: Context, change: (attribution: Attribution) => Attribution): boolean {
  const scope = scopeOf(ctx);
  if (scope === undefined) return false;
  scope.attribution = change(scope.attribution);
  return true;
}

/**
 * The context for the provider's own call: attribution stays readable in this process, but no entry of ours is left
 * in the baggage for a propagator, an HTTP instrumentation or the SDK's native tracing to send. The application's
 * other baggage stays.
 */
export function withoutCostEntries(ctx: Context): Context {
  return withoutBaggageEntries(ctx).setValue(PROVIDER_CALL, true);
}

/** The same attribution without its baggage entries. */
export function withoutBaggageEntries(ctx: Context): Context {
  const names = attributionEntries(ctx).map(([name]) => name);
  const baggage = propagation.getBaggage(ctx);
  if (baggage === undefined || names.length === 0) return ctx;
  const kept = withAttribution(ctx, attributionOf(ctx));
  const rest = baggage.removeEntries(...names);
  return rest.getAllEntries().length === 0
    ? propagation.deleteBaggage(kept)
    : propagation.setBaggage(kept, rest);
}

/** True inside the context made by `withoutCostEntries`: whatever leaves from here goes to a provider. */
export function isProviderCall(ctx: Context): boolean {
  return ctx.getValue(PROVIDER_CALL) === true;
}

/** The mark on a baggage value that is JSON, so that a number comes back as a number. */
export const JSON_METADATA = 'costspan=json';

/**
 * The private place of attribution. `createContextKey` is `Symbol.for`, so two copies of the package share it; no
 * propagator knows it, so there is nothing to leak.
 */
const SCOPE = createContextKey('costspan attribution');
const PROVIDER_CALL = createContextKey('costspan provider call');

interface Scope {
  attribution: Attribution;
  /** The baggage entries that were there when the scope opened: one that is not among them is newer than the scope. */
  readonly seen: ReadonlySet<BaggageEntry>;
}

function scopeOf(ctx: Context): Scope | undefined {
  return ctx.getValue(SCOPE) as Scope | undefined;
}

type NamedEntry = readonly [name: string, entry: BaggageEntry];

function attributionEntries(ctx: Context): readonly NamedEntry[] {
  const baggage = propagation.getBaggage(ctx);
  if (baggage === undefined) return [];
  const names = attributionNames();
  return baggage.getAllEntries().filter(([name]) => isAttributionEntry(name, names));
}

function readEntries(said: Attribution, entries: readonly NamedEntry[]): Attribution {
  const { customer: customerName, contextPrefix } = attributionNames();
  let attribution = said;
  const own: [string, ContextValue][] = [];
  const inbound: [string, ContextValue][] = [];
  for (const [name, entry] of entries) {
    const verdict = inboundVerdict(entry);
    if (verdict === false) continue;
    const value = readValue(entry);
    if (name !== customerName) (verdict ? inbound : own).push([name.slice(contextPrefix.length), value]);
    else if (typeof value !== 'string' || value === '') continue;
    else if (verdict === undefined) attribution = { ...attribution, customer: value, source: 'baggage' };
    else if (attribution.customer === undefined || attribution.source === 'inbound')
      attribution = { ...attribution, customer: value, source: 'inbound' };
  }
  if (own.length === 0 && inbound.length === 0) return Object.freeze(attribution);
  const context: AttributionContext = Object.freeze({
    ...Object.fromEntries(inbound),
    ...attribution.context,
    ...Object.fromEntries(own),
  });
  return Object.freeze({ ...attribution, context });
}

/** Baggage values are text by contract; application code in plain JavaScript also puts numbers there. */
function readValue(entry: BaggageEntry): ContextValue {
  const given: unknown = entry.value;
  const value = String(given);
  if (entry.metadata?.toString().split(';').includes(JSON_METADATA) !== true) return value;
  try {
    return JSON.parse(value) as ContextValue;
  } catch {
    return value;
  }
}
