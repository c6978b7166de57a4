import { type BaggageEntry, type Context, createContextKey, propagation } from '@opentelemetry/api';
import { type Attribution, UNATTRIBUTED } from './attribution.ts';
import { attributionFromEntries, type WireEntry } from './baggage-entries.ts';
import { isInbound, trustedInbound } from './inbound.ts';
import { attributionNames, isAttributionEntry } from './process-slot.ts';

/**
 * For whom a call made in `ctx` is. Whoever spoke last wins: a scope (`withCustomer`) or the application's own
 * baggage; what a trusted service sent fills only what nobody here said.
 */
export function attributionOf(ctx: Context): Attribution {
  const scope = scopeOf(ctx);
  let attribution = scope?.attribution ?? UNATTRIBUTED;
  const inbound = trustedInbound(ctx);
  if (inbound !== undefined && scope?.seen.has(inbound) !== true) attribution = under(attribution, inbound);
  const entries = attributionEntries(ctx).filter(
    ([, entry]) => !isInbound(entry) && scope?.seen.has(entry) !== true,
  );
  if (entries.length === 0) return attribution;
  const { customer, context } = attributionFromEntries(entries.map(toWireEntry));
  return Object.freeze({
    ...attribution,
    ...(customer === undefined ? {} : { customer, source: 'baggage' as const }),
    context: Object.freeze({ ...attribution.context, ...context }),
  });
}

/** A context in which `attribution` holds, and everything said up to here in other ways is history. */
export function withAttribution(ctx: Context, attribution: Attribution): Context {
  const seen = new Set<unknown>([trustedInbound(ctx), ...attributionEntries(ctx).map(([, entry]) => entry)]);
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

/**
 * The private place of attribution. `createContextKey` is `Symbol.for`, so two copies of the package share it; no
 * propagator knows it, so there is nothing to leak.
 */
const SCOPE = createContextKey('costspan attribution');
const PROVIDER_CALL = createContextKey('costspan provider call');

interface Scope {
  attribution: Attribution;
  /** What baggage and inbound said when the scope opened: an entry that is not among them is newer than the scope. */
  readonly seen: ReadonlySet<unknown>;
}

function scopeOf(ctx: Context): Scope | undefined {
  return ctx.getValue(SCOPE) as Scope | undefined;
}

function under(said: Attribution, inbound: Attribution): Attribution {
  const nobodySaid = said.customer === undefined || said.source === 'inbound';
  const { customer } = inbound;
  return Object.freeze({
    ...said,
    ...(nobodySaid && customer !== undefined ? { customer, source: 'inbound' as const } : {}),
    context: Object.freeze({ ...inbound.context, ...said.context }),
  });
}

type NamedEntry = readonly [name: string, entry: BaggageEntry];

function attributionEntries(ctx: Context): readonly NamedEntry[] {
  const baggage = propagation.getBaggage(ctx);
  if (baggage === undefined) return [];
  const names = attributionNames();
  return baggage.getAllEntries().filter(([name]) => isAttributionEntry(name, names));
}

function toWireEntry([name, { value, metadata }]: NamedEntry): WireEntry {
  return metadata === undefined ? { name, value } : { name, value, metadata: metadata.toString() };
}
