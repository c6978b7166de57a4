/** The bounds of delivery. Times are milliseconds. */
export interface Bounds {
  /** Events offered to a sink at a time. */
  readonly batchSize: number;
  /** How long events gather before they are offered. */
  readonly batchDelayMs: number;
  /** Events kept in memory per sink where no ledger keeps them; more are dropped and counted. */
  readonly maxQueue: number;
  /** An event that could not be delivered for so long becomes a dead letter. */
  readonly maxAgeMs: number;
  /** The first retry comes after about this. */
  readonly firstRetryMs: number;
  /** No two attempts are further apart than this, unless the receiver asks for it. */
  readonly lastRetryMs: number;
  /** How long a sink that refuses everything is left alone. */
  readonly pauseMs: number;
  /** A sink that has not answered by then has failed. */
  readonly attemptTimeoutMs: number;
  /** `forceFlush` and `shutdown` end by then. */
  readonly flushTimeoutMs: number;
}

export const DEFAULT_BOUNDS: Bounds = Object.freeze({
  batchSize: 100,
  batchDelayMs: 100,
  maxQueue: 10_000,
  maxAgeMs: 7 * 86_400_000,
  firstRetryMs: 1_000,
  lastRetryMs: 300_000,
  pauseMs: 300_000,
  attemptTimeoutMs: 30_000,
  flushTimeoutMs: 10_000,
});
