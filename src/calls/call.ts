import type { Attribution } from '../attribution/attribution.ts';
import type { ShownAttribution } from '../attribution/shown.ts';
import type { JsonObject } from '../base/read.ts';
import type { ServiceQuantities } from '../pricing/price.ts';
import type { Usage } from '../usage/usage.ts';
import type { CallHints, Reading, RequestReading } from '../wire/reading.ts';
import type { RequestSize } from '../wire/request-size.ts';
import { boundedReading, boundedUsage } from './bounded.ts';

/** What a request says before it is sent, and to whom it goes. */
export interface CallDescription {
  readonly provider: string;
  readonly operation: string;
  readonly request: RequestReading;
  readonly serverAddress?: string;
  readonly serverPort?: number;
  /** Where the cloud runs the model, when the client says so; the price may depend on it. */
  readonly region?: string;
  /** What the application already tells the provider about its user; for `resolveCustomer`. */
  readonly hints?: CallHints;
  /** What a framework's telemetry says around the call, as attributes: `ai.telemetry.functionId`, `ai.telemetry.metadata.tenant`. */
  readonly telemetry?: JsonObject;
  /** How large the call can get; read from the request when a budget asks. */
  readonly size?: () => RequestSize | undefined;
}

/** A call under way, as a listener sees it. */
export interface OpenCall extends CallDescription {
  readonly id: string;
  readonly startTime: Date;
  /** As scope, baggage and inbound said: not resolved, not redacted. */
  readonly attribution: Attribution;
  /** Where the application made a call that nobody claimed; formatted when asked for. */
  readonly callSite?: () => string | undefined;
}

/** A finished call: everything the meter needs, and nothing that was said in it. Made by `settled` alone. */
export interface SettledCall extends OpenCall {
  readonly attribution: ShownAttribution;
  readonly durationMs?: number;
  readonly timeToFirstTokenMs?: number;
  readonly status: CallStatus;
  readonly errorType?: string;
  readonly retries: number;
  readonly requestId?: string;
  readonly reading: Reading;
  readonly consumed: Consumed;
  /** A listener refused the call before a byte was sent. */
  readonly denied?: boolean;
  /** The id of the call that started the work, where the event has an id that every reader of the work derives. */
  readonly startedAs?: string;
  /** Set for a line of a batch's results: it has no request of its own. */
  readonly batchId?: string;
  readonly traceId?: string;
  readonly spanId?: string;
}

export type CallStatus = 'ok' | 'error' | 'aborted' | 'partial';

/** What a call consumed, and how we know. */
export type Consumed =
  /** The provider's own figures. */
  | { readonly kind: 'counted'; readonly usage: Usage }
  /** The provider's figures never came; these were counted in passing. */
  | { readonly kind: 'estimated'; readonly usage: Usage }
  /** Nothing can have been billed: the call was refused, or never sent. */
  | { readonly kind: 'nothing'; readonly why: string }
  /** Something may have been billed, and nobody can say what. */
  | { readonly kind: 'unknown'; readonly why?: string }
  /** A service that no SDK patch sees (`recordUsage`), in its own units. */
  | { readonly kind: 'service'; readonly quantities: ServiceQuantities };

/** An open call whose attribution may be shown. */
export type ShownOpenCall = OpenCall & { readonly attribution: ShownAttribution };

/** How a call ended: what `settled` adds to the open call and the reading. */
export type Ending = Pick<SettledCall, 'status' | 'consumed'> &
  Partial<Omit<SettledCall, keyof OpenCall | 'reading' | 'status' | 'consumed'>>;

/** The one maker of finished calls. What the wire said in words is bounded here, whoever read it. */
export function settled(open: ShownOpenCall, reading: Reading, ending: Ending): SettledCall {
  const consumed = boundedConsumed(ending.consumed);
  return { ...open, retries: 0, ...ending, consumed, reading: boundedReading(reading) };
}

function boundedConsumed(consumed: Consumed): Consumed {
  if (consumed.kind !== 'counted' && consumed.kind !== 'estimated') return consumed;
  return { kind: consumed.kind, usage: boundedUsage(consumed.usage) };
}

/** The quantities a call consumed; none where they are unknown or a service's own. */
export function usageOf({ consumed }: SettledCall): Usage {
  return consumed.kind === 'counted' || consumed.kind === 'estimated' ? consumed.usage : NO_USAGE;
}

const NO_USAGE: Usage = {};

/** Where the quantities come from, in the event's words. */
export function usageSourceOf({ consumed }: SettledCall): 'provider' | 'estimated' | 'none' {
  return USAGE_SOURCES[consumed.kind];
}

const USAGE_SOURCES = {
  counted: 'provider',
  estimated: 'estimated',
  nothing: 'none',
  unknown: 'none',
  service: 'provider',
} as const;
