import {
  baggageEntryMetadataFromString,
  type Context,
  propagation,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';
import { checkOptions } from '../../base/options.ts';
import { UNATTRIBUTED } from '../attribution.ts';
import { attributionFromEntries, type WireEntry } from './entries.ts';
import { BaggageHeader, parseBaggageHeader } from './header.ts';
import { clientDestination } from './client-destination.ts';
import { withTrustedInbound } from './inbound.ts';
import { compileInboundRule, type InboundOptions, type InboundRule } from './inbound-rule.ts';
import { isAlreadyWritten, writeOnOutboundRequests } from './outbound-requests.ts';
import {
  compileOutboundRule,
  isTracingSuppressed,
  joinOutboundRule,
  type OutboundRule,
} from './outbound-rule.ts';
import { isAttributionEntry } from '../names.ts';
import { ensureTrustBoundary } from './trust-boundary.ts';

/** What inbound baggage may say, and where attribution may go. */
export interface CostBaggagePropagatorOptions extends InboundOptions {
  /** `allow`: hosts that are told the attribution: `orders.internal`, `*.internal`, `localhost:8080`. Default: none. */
  readonly outbound?: { readonly allow?: readonly string[] };
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
  readonly #leave: readonly (() => void)[];

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
    this.#leave = [
      joinOutboundRule(this.#outbound),
      ...(allow.length > 0 ? [writeOnOutboundRequests()] : []),
    ];
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

  /** Stops writing on outbound requests by its rule; the propagator constructed before it counts again. */
  shutdown(): void {
    for (const leave of this.#leave) leave();
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
