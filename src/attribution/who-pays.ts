import { type BaggageEntry, type Context, createContextKey, propagation } from '@opentelemetry/api';
import { known } from '../base/read.ts';
import {
  type Attribution,
  type AttributionContext,
  type AttributionSource,
  UNATTRIBUTED,
} from './attribution.ts';
import { attributionFromEntries, type WireEntry } from './baggage/entries.ts';
import { isInbound, trustedInbound } from './baggage/inbound.ts';
import { attributionNames, isAttributionEntry } from './names.ts';

/** For whom a call made in `ctx` is. */
export function attributionOf(ctx: Context): Attribution {
  return whoPays(saidIn(ctx));
}

/** Everything that was said in a context about who pays. */
export interface Said {
  /** The nearest `withCustomer` or `withCostContext`, with all that held around it. */
  readonly scope?: Attribution;
  /** The application's own baggage, as far as it was set after that scope opened. */
  readonly baggage?: SaidEntries;
  /** What a trusted service sent, as far as it came after that scope opened. */
  readonly inbound?: Attribution;
}

/** Said by entries: a customer, and context. */
export interface SaidEntries {
  readonly customer?: string | null;
  readonly context: AttributionContext;
}

/**
 * Decides, by the first rows of the table in docs/attribution.md: the application's own word comes first, of scope and
 * baggage whichever is nearer; a trusted service fills what nobody here said. Context is merged in the same order.
 */
export function whoPays({ scope = UNATTRIBUTED, baggage, inbound }: Said): Attribution {
  if (baggage === undefined && inbound === undefined) return scope;
  const own = scope.source === 'inbound' ? undefined : scope.customer;
  return Object.freeze({
    ...scope,
    ...firstNamed(
      { customer: baggage?.customer, source: 'baggage' },
      { customer: own, source: scope.source ?? 'scope' },
      { customer: inbound?.customer, source: 'inbound' },
      { customer: scope.customer, source: 'inbound' },
    ),
    context: Object.freeze({ ...inbound?.context, ...scope.context, ...baggage?.context }),
  });
}

interface Candidate {
  readonly customer: string | null | undefined;
  readonly source: AttributionSource;
}

/** `null` is a name, too: explicitly nobody. */
function firstNamed(...candidates: readonly Candidate[]): Pick<Attribution, 'customer' | 'source'> {
  for (const { customer, source } of candidates) if (customer !== undefined) return { customer, source };
  return {};
}

/** A context in which `attribution` holds; what baggage and inbound said up to here is part of it. */
export function withAttribution(ctx: Context, attribution: Attribution): Context {
  const older = new Set<unknown>([trustedInbound(ctx), ...attributionEntries(ctx).map(([, entry]) => entry)]);
  const scope: Scope = { attribution, older };
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

/**
 * An entry of the baggage is told by its identity, because contexts are copied and entries are not:
 *
 *     baggage A ── scope 1 ── call        A is older than scope 1: the scope counts
 *     scope 1 ── baggage A ── call        A is newer than scope 1: A counts
 *     baggage A ── scope 1 ── baggage B   A is older, B is newer, also where both say the same
 */
interface Scope {
  attribution: Attribution;
  /** What baggage and inbound had said when the scope opened. */
  readonly older: ReadonlySet<unknown>;
}

function scopeOf(ctx: Context): Scope | undefined {
  return ctx.getValue(SCOPE) as Scope | undefined;
}

function saidIn(ctx: Context): Said {
  const scope = scopeOf(ctx);
  const isNewer = (said: unknown): boolean => scope?.older.has(said) !== true;
  const inbound = trustedInbound(ctx);
  const entries = attributionEntries(ctx).filter(([, entry]) => !isInbound(entry) && isNewer(entry));
  return known({
    scope: scope?.attribution,
    baggage: entries.length === 0 ? undefined : attributionFromEntries(entries.map(toWireEntry)),
    inbound: inbound !== undefined && isNewer(inbound) ? inbound : undefined,
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
