import {
  baggageEntryMetadataFromString,
  type Context,
  propagation,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';
import { checkOptions } from '../errors.ts';
import { UNATTRIBUTED } from './attribution.ts';
import { attributionFromEntries, type WireEntry } from './baggage-entries.ts';
import { BaggageHeader, parseBaggageHeader } from './baggage-header.ts';
import { clientDestination } from './client-destination.ts';
import { withTrustedInbound } from './inbound.ts';
import { compileInboundRule, type InboundRule } from './inbound-rule.ts';
import { isAlreadyWritten, watchOutboundRequests } from './outbound-requests.ts';
import { compileOutboundRule, isTracingSuppressed } from './outbound-rule.ts';
import { isAttributionEntry, type OutboundRule, processSlot } from './process-slot.ts';
import { ensureTrustBoundary } from './trust-boundary.ts';

/** Looks at what a request came with, usually its headers. A method's type, so that it may be declared narrower. */
export type CarrierCheck = {
  check(carrier: { readonly [name: string]: unknown }): boolean;
}['check'];

/** What inbound baggage may say, and where attribution may go. */
export interface CostBaggagePropagatorOptions {
  /**
   * Whether attribution that comes with a request is believed: never; when one of `secrets` signed it; or when the
   * function, given the carrier (the request's headers), returns true. Default: `none`.
   */
  readonly inbound?: 'none' | 'signed' | CarrierCheck;
  /** HMAC keys, newest first: the first one signs, all of them verify. */
  readonly secrets?: readonly (string | undefined)[];
  /** How old a signature may be, in milliseconds; a sender's clock may run ahead as much. Default: 60 000. */
  readonly maxAgeMs?: number;
  /**
   * For how long a signature is remembered and refused when another request brings it, in milliseconds; 0 turns
   * that off. Default: 2 × `maxAgeMs`, the longest that a signature can be valid.
   */
  readonly replayWindowMs?: number;
  /** `allow`: hosts that are told the attribution: `orders.internal`, `*.internal`, `localhost:8080`. Default: none. */
  readonly outbound?: { readonly allow?: readonly string[] };
  /** Wall clock in milliseconds. Default: `Date.now`. */
  readonly now?: () => number;
}

/**
 * The trust boundary, and W3C baggage propagation for everything else: put it where `W3CBaggagePropagator` was. What
 * comes in counts only as far as `inbound` allows; what goes out goes to allow-listed hosts only, never to a model
 * provider. The application's own baggage passes unchanged.
 *
 * @throws {ConfigError} for an unknown option, a pattern that is no host, or `signed` without secrets.
 * @example
 * new NodeSDK({
 *   textMapPropagator: new CompositePropagator({
 *     propagators: [
 *       new W3CTraceContextPropagator(),
 *       new CostBaggagePropagator({
 *         inbound: 'signed',
 *         secrets: [process.env.COSTSPAN_SECRET],
 *         outbound: { allow: ['*.internal'] },
 *       }),
 *     ],
 *   }),
 * });
 */
export class CostBaggagePropagator implements TextMapPropagator {
  readonly #inbound: InboundRule;
  readonly #outbound: OutboundRule;

  constructor(options: CostBaggagePropagatorOptions = {}) {
    checkOptions('new CostBaggagePropagator', options, OPTIONS);
    checkOptions('new CostBaggagePropagator: outbound', options.outbound, ['allow']);
    const allow = options.outbound?.allow ?? [];
    this.#inbound = compileInboundRule(options);
    this.#outbound = compileOutboundRule({
      allow,
      secret: options.secrets?.[0],
      now: options.now ?? Date.now,
    });
    processSlot().outbound = this.#outbound;
    if (allow.length > 0) watchOutboundRequests();
    ensureTrustBoundary();
  }

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    if (isTracingSuppressed(context)) return;
    const header = new BaggageHeader();
    for (const entry of applicationEntries(context)) header.add(entry);
    const own = header.toString();
    const destination = clientDestination(context);
    const told = destination !== undefined && !isAlreadyWritten(destination);
    const ours = told ? this.#outbound(context, destination, own) : '';
    const value = [own, ours].filter((part) => part !== '').join(',');
    if (value !== '') setter.set(carrier, 'baggage', value);
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const entries = parseBaggageHeader(getter.get(carrier, 'baggage'));
    if (entries.length === 0) return context;
    const claimed = entries.filter(({ name }) => isAttributionEntry(name));
    const extracted = setApplicationBaggage(
      context,
      entries.filter(({ name }) => !isAttributionEntry(name)),
    );
    if (claimed.length === 0 || !this.#inbound(claimed, carrier)) return extracted;
    const said = attributionFromEntries(claimed);
    return withTrustedInbound(extracted, Object.freeze({ ...UNATTRIBUTED, ...said, source: 'inbound' }));
  }

  fields(): string[] {
    return ['baggage'];
  }
}

const OPTIONS = ['inbound', 'secrets', 'maxAgeMs', 'replayWindowMs', 'outbound', 'now'] as const;

function applicationEntries(context: Context): readonly WireEntry[] {
  const entries = propagation.getBaggage(context)?.getAllEntries() ?? [];
  return entries
    .filter(([name]) => !isAttributionEntry(name))
    .map(([name, { value, metadata }]) => ({
      name,
      value,
      ...(metadata === undefined ? {} : { metadata: metadata.toString() }),
    }));
}

function setApplicationBaggage(context: Context, entries: readonly WireEntry[]): Context {
  if (entries.length === 0) return propagation.deleteBaggage(context);
  let baggage = propagation.createBaggage();
  for (const { name, value, metadata } of entries) {
    baggage = baggage.setEntry(
      name,
      metadata === undefined ? { value } : { value, metadata: baggageEntryMetadataFromString(metadata) },
    );
  }
  return propagation.setBaggage(context, baggage);
}
