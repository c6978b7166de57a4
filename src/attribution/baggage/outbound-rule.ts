import { type Context, createContextKey } from '@opentelemetry/api';
import { UNATTRIBUTED } from '../attribution.ts';
import { attributionOf, isProviderCall } from '../who-pays.ts';
import { attributionToEntries, type WireEntry } from './entries.ts';
import { BaggageHeader } from './header.ts';
import { SIGNATURE_LENGTH, signEntries } from './signature.ts';
import { isProviderHost } from '../../providers/registry.ts';
import { join, shared } from '../../base/process.ts';
import { compileAllowList, type Destination } from './destination.ts';
import { attributionNames, SIGNATURE } from '../names.ts';
import { redactByAll } from '../redact.ts';
import { warnOnce } from '../../base/warn-once.ts';

/** The header entries that a request to `destination` may be given beside those it has; empty = none. */
export type OutboundRule = (ctx: Context, destination: Destination, existing: string) => string;

/** Makes a rule the process's; the newest one counts. Returns the way out. */
export function joinOutboundRule(rule: OutboundRule): () => void {
  return join(rules(), rule);
}

/** The rule that outbound requests follow; undefined where no propagator of ours was constructed. */
export function outboundRule(): OutboundRule | undefined {
  return rules().at(-1);
}

function rules(): OutboundRule[] {
  return shared('attribution outbound', () => []);
}

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
    if (isProviderHost(destination.host, destination.port) || !allowed(destination)) return '';
    if (isProviderCall(ctx) || isTracingSuppressed(ctx)) return '';
    const entries = attributionToEntries(redactByAll(attributionOf(ctx)));
    if (entries.length === 0) return '';
    const signature = (value: string): readonly WireEntry[] =>
      secret === undefined ? [] : [{ name: SIGNATURE, value }];
    const fitting = cut(entries, existing, signature('x'.repeat(SIGNATURE_LENGTH)));
    if (fitting.length === 0 || secret === undefined) return format(fitting, existing);
    return format([...fitting, ...signature(signEntries(fitting, secret, now()))], existing);
  };
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
