import type { Endpoint, ReadingContext } from '../../wire/reading.ts';

/** What is done about a request. */
export type Plan =
  /** It is a billable call. */
  | Bill
  /** It costs nothing itself, and its reply tells of work that does: a batch, and its results. */
  | { readonly kind: 'watch'; readonly watch: Watch }
  /** It is none of our business. */
  | { readonly kind: 'leave' };

export interface Bill {
  readonly kind: 'bill';
  readonly endpoint: Endpoint;
  /** How the reply is read: the facts of the request that a reader may need. */
  readonly context: ReadingContext;
  readonly streaming: boolean;
  /** The text that is sent, for counting what was said when the usage never came. */
  readonly sent?: string;
}

/** Sees a reply that is not billable itself, as the application reads it. */
export interface Watch {
  /** It hands in work that is billed when its results are read: whoever may say no is asked now. */
  readonly handsIn?: true;
  /** The reply, where it is one JSON value. */
  reply?(body: unknown): void;
  /** Every event of a stream. */
  event?(event: unknown): void;
  /** Every line of a file of JSON lines. */
  line?(line: unknown): void;
}

export const LEAVE: Plan = { kind: 'leave' };
