import type { MaybePromise } from '../base/promises.ts';
import type { CostEvent } from '../metering/cost-event.ts';

/**
 * What a durable ledger keeps for the other sinks: per sink, how far it has got, what waits for another attempt
 * and what was refused for good. Several processes may work on one outbox; a lease per sink keeps them apart.
 */
export interface Outbox {
  /** `false` while the ledger cannot keep events; delivery then brings them to the sinks from memory. */
  readonly available: boolean;
  /** The queue of one sink. From its first opening on, every event of the ledger is meant for it. */
  queue(sink: string): SinkQueue;
}

/** One sink's share of an outbox. Methods of an unavailable outbox answer "nothing" and never throw. */
export interface SinkQueue {
  /** Takes up to `limit` events that are due, under this process's lease on the sink. */
  claim(limit: number): MaybePromise<Claim>;
  /** Writes down what became of claimed entries: a run from the front of the claim, whole. */
  settle(entries: readonly OutboxEntry[], outcome: Outcome): MaybePromise<void>;
  /** Gives the lease back, so that another process may go on. */
  release(): MaybePromise<void>;
  /** Nobody may offer this sink anything before then: it said so itself (`Retry-After`). */
  holdOff(delayMs: number): MaybePromise<void>;
  /** How much waits, as far as is known without waiting. */
  backlog(): Backlog;
}

export interface OutboxEntry {
  /** Where the event stands in the ledger. */
  readonly position: number;
  readonly event: CostEvent;
  /** When the ledger got it. */
  readonly keptAt: Date;
  /** Attempts made with this event alone. */
  readonly attempts: number;
  /** Set aside for an attempt of its own, so that it holds up nobody. */
  readonly parked: boolean;
}

/** What may be offered now; when nothing may, why not and when to ask again. */
export interface Claim {
  readonly entries: readonly OutboxEntry[];
  readonly wait?: { readonly ms: number; readonly reason: 'leased' | 'held' | 'parked' };
}

/** `sent`: the sink has it. `later`: set aside until `delayMs` from now. `dead`: refused for good. */
export type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'later'; readonly delayMs: number; readonly failure: Failure }
  | { readonly kind: 'dead'; readonly failure: Failure };

/** Why an attempt failed, as the sink said it. */
export interface Failure {
  readonly message: string;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** The beginning of the answer. */
  readonly response?: string;
}

export interface Backlog {
  readonly pending: number;
  readonly dead: number;
  readonly oldest?: Date;
}

/** What a person may want to see and do about an outbox; for the command line. */
export interface OutboxAdmin {
  sinks(): MaybePromise<readonly OutboxSummary[]>;
  deadLetters(sink?: string): MaybePromise<readonly DeadLetter[]>;
  /** Offers events to a sink again; returns how many. */
  requeue(selection: OutboxSelection): MaybePromise<number>;
  /** Deletes dead letters, not the events; returns how many. */
  purge(selection: OutboxSelection): MaybePromise<number>;
  /** Forgets a sink that is no more, with all that waits for it; `false` when there is none of that name. */
  forget(sink: string): MaybePromise<boolean>;
}

export interface OutboxSummary {
  readonly sink: string;
  readonly pending: number;
  readonly dead: number;
  /** When the ledger got the oldest event that waits. */
  readonly oldest?: Date;
}

/** An event a sink refused for good, and what it said. */
export interface DeadLetter {
  readonly sink: string;
  readonly eventId: string;
  readonly failedAt: Date;
  readonly failure: Failure;
}

/** Dead letters of a sink (default: of all), those with the ids (default: all). */
export interface OutboxSelection {
  readonly sink?: string;
  readonly ids?: readonly string[];
}
