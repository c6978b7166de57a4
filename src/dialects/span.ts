import type { JsonObject } from '../base/read.ts';

/** A span that ended, whoever made it and however it came here: from a span processor, or over OTLP. */
export interface EndedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** The span is a request to somebody else, as its kind says. */
  readonly isClient: boolean;
  /** Wall clock, in milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: JsonObject;
  readonly scope: { readonly name: string; readonly version?: string };
  readonly failed: boolean;
  /** The type of the exception that was recorded last. */
  readonly exceptionType?: string;
  /** `service.name` of the process that made it. */
  readonly service?: string;
  /** Tells one sending process from another; absent when there is only one. */
  readonly process?: string;
}

/** What a span is to a bill. Only a `call` is ever billed. */
export type SpanRole =
  /** One request to a model. */
  | 'call'
  /** An agent or a tool: calls below it are calls of their own, and no calls above it are theirs. */
  | 'agent'
  | 'tool'
  /** Chains, workflows, steps, retrievers, and all that only groups others. */
  | 'group';

/** What a span is that is never billed. */
export type OtherRole = Exclude<SpanRole, 'call'>;
