import type { CostEvent } from '../metering/cost-event.ts';

/**
 * Takes cost events: the port every destination implements, and any object will do.
 *
 * Delivery is at-least-once: the same event (same `id`) may arrive again after a failure, so a sink that
 * counts must deduplicate by `id`.
 *
 * @example
 * const slack: CostEventSink = { name: 'slack', write: async (events) => post(events.map((e) => e.toJSON())) };
 */
export interface CostEventSink {
  /** The key under which delivery keeps this sink's progress. Default: `sink`. */
  readonly name?: string;
  /**
   * `true`: hears the events of its own process only, from memory, and none again after a restart. Default:
   * `false`; beside a durable ledger the sink then misses nothing, and gets what other processes on that ledger
   * keep as well.
   */
  readonly transient?: boolean;
  /**
   * `true`: what it takes outlives the process (a file, a service, a ledger), so it gets no event of a scope with
   * `persist: false`. Default: `false`, a callback that hears of every event.
   */
  readonly durable?: boolean;
  /** The most events one `write` takes. Default: what delivery is set to, 100. */
  readonly batchSize?: number;
  /** Resolves when the events are accepted; throws or rejects when they must be offered again. */
  write(events: readonly CostEvent[]): void | Promise<void>;
  flush?(): void | Promise<void>;
  shutdown?(): void | Promise<void>;
}

/**
 * Brings events to sinks: the port between the meter and whatever keeps and retries.
 * `accept` is called in the request path: it never throws and never waits.
 */
export interface Delivery {
  /** `persist: false`: the event is for callbacks alone; no durable sink gets it. Default: `true`. */
  accept(event: CostEvent, options?: { readonly persist?: boolean }): void;
  /** Resolves when every accepted event was offered to every sink once more, or the deadline passed. */
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
  health(): readonly SinkHealth[];
}

/** How one sink is doing. Counts are events, since the start of the process. */
export interface SinkHealth {
  readonly name: string;
  readonly status: 'ok' | 'degraded' | 'failing';
  readonly sent: number;
  /** Accepted and not yet delivered. */
  readonly pending: number;
  /** Attempts that failed and will be repeated. */
  readonly failed: number;
  /** Refused for good; kept as dead letters where there is a ledger. */
  readonly dead: number;
  /** Given up because a bound was reached; never silently. */
  readonly dropped: number;
  readonly oldestPendingAgeMs?: number;
  readonly lastError?: string;
  readonly lastErrorAt?: Date;
}
