import { type Context, createContextKey } from '@opentelemetry/api';
import { type Attribution, UNATTRIBUTED } from './attribution.ts';
import { attributionOf, isProviderCall } from './attribution-of.ts';
import { attributionToEntries, type WireEntry } from './baggage-entries.ts';
import { BaggageHeader } from './baggage-header.ts';
import { SIGNATURE_LENGTH, signEntries } from './baggage-signature.ts';
import { compileAllowList, isProviderHost } from './hosts.ts';
import { attributionNames, type OutboundRule, processSlot, SIGNATURE } from './process-slot.ts';
import { warnOnce } from './warn-once.ts';

export interface OutboundOptions {
  readonly allow: readonly string[];
  /** Signs what leaves; undefined = unsigned. */
  readonly secret: string | undefined;
  readonly now: () => number;
}

/**
 * Turns the options into a rule: which entries a request may carry.
 *
 * @throws {ConfigError} when a pattern is no host.
 */
export function compileOutboundRule({ allow, secret, now }: OutboundOptions): OutboundRule {
  const allowed = compileAllowList('new CostBaggagePropagator: outbound.allow', allow);
  return (ctx, destination, existing) => {
    if (isProviderHost(destination.host) || !allowed(destination)) return '';
    if (isProviderCall(ctx) || isTracingSuppressed(ctx)) return '';
    const entries = attributionToEntries(redactOutbound(attributionOf(ctx)));
    if (entries.length === 0) return '';
    const signature = (value: string): readonly WireEntry[] =>
      secret === undefined ? [] : [{ name: SIGNATURE, value }];
    const fitting = cut(entries, existing, signature('x'.repeat(SIGNATURE_LENGTH)));
    if (fitting.length === 0 || secret === undefined) return format(fitting, existing);
    return format([...fitting, ...signature(signEntries(fitting, secret, now()))], existing);
  };
}

function redactOutbound(attribution: Attribution): Attribution {
  return processSlot().redact?.(attribution) ?? attribution;
}

/** What fits beside what is there, with room for the signature; an entry says how much context was left out. */
function cut(
  entries: readonly WireEntry[],
  existing: string,
  signature: readonly WireEntry[],
): readonly WireEntry[] {
  if (new BaggageHeader(existing).add(...entries, ...signature)) return entries;
  const { customer } = attributionNames();
  const who = entries.filter(({ name }) => name === customer);
  const header = new BaggageHeader(existing);
  if (!header.add(...who, ...cutFlag(entries.length), ...signature)) {
    warnOnce('the baggage header has no room for the customer; the receiver is not told.');
    return [];
  }
  const context = entries.filter((entry) => entry.name !== customer && header.add(entry));
  return [...who, ...context, ...cutFlag(entries.length - who.length - context.length)];
}

/** Arrives as `context_cut` in the receiver's context: how many entries there were besides. */
function cutFlag(count: number): readonly WireEntry[] {
  return attributionToEntries({ ...UNATTRIBUTED, context: { context_cut: count } });
}

function format(entries: readonly WireEntry[], existing: string): string {
  const header = new BaggageHeader(existing);
  header.add(...entries);
  return header.toString();
}

/** As `isTracingSuppressed` of `@opentelemetry/core`: exporters send their own requests so. */
export function isTracingSuppressed(context: Context): boolean {
  return context.getValue(SUPPRESS_TRACING) === true;
}

const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
