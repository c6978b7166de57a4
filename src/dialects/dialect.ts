import type { CallStatus } from '../calls/call.ts';
import type { JsonObject } from '../base/read.ts';
import type { Reading, RequestReading } from '../wire/reading.ts';
import type { EndedSpan, OtherRole } from './span.ts';

/**
 * One way in which instrumentations write model calls on spans. Adding one is a file with such an object, its test,
 * and a line in `dialects.ts`.
 */
export interface Dialect {
  readonly name: string;
  /** Undefined when the span is not in this dialect. */
  readonly read: (span: EndedSpan) => SpanReading | undefined;
}

/** What a dialect makes of a span. */
export type SpanReading =
  | { readonly role: OtherRole }
  | { readonly role: 'call'; readonly layer: Layer; readonly call: SpanCall };

/**
 * `wire`: the span is made where the request is sent. `framework`: something below may have made a span, too, which
 * then is nearer to the truth.
 */
export type Layer = 'wire' | 'framework';

/** The facts of a call as a span tells them. */
export interface SpanCall {
  /** OTel's well-known name where there is one; `unknown` when the span does not say. */
  readonly provider: string;
  readonly operation: string;
  readonly request: RequestReading;
  readonly reading: Reading;
  readonly status: CallStatus;
  readonly errorType?: string;
  readonly serverAddress?: string;
  readonly serverPort?: number;
  readonly region?: string;
  readonly timeToFirstTokenMs?: number;
  /** Set on spans of our own instrumentations: the event's id. */
  readonly eventId?: string;
  /** Where this dialect keeps what the application said about a call: customer, user, session. */
  readonly metadata?: JsonObject;
}
