import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink, SinkHealth } from '../metering/sink.ts';
import type { Decimal } from '../pricing/price.ts';
import type { CallMemory } from '../providers/call-hub.ts';
import type { Usage } from '../usage/usage.ts';
import type { Outbox } from './outbox.ts';

/**
 * The append-only truth: a sink that keeps every event once (by `id`) and can be asked.
 * Implementations: `SqliteLedger` (`costspan/sqlite`), `PostgresLedger` (`costspan/postgres`).
 */
export interface CostLedger extends CostEventSink {
  readonly name: string;
  /** Sums over the events of a period, grouped. Money is summed exactly. */
  query(query?: CostQuery): Promise<readonly CostRow[]>;
  /** The events themselves, oldest first. */
  events(filter?: EventFilter): AsyncIterable<CostEvent>;
  flush(): Promise<void>;
  shutdown(): Promise<void>;
  /** How the keeping goes; delivery shows it as this sink's health. */
  health?(): SinkHealth;
  /** Present when the ledger keeps, for other sinks, what they have not had yet. */
  readonly outbox?: Outbox;
  /** Present when the ledger remembers small facts across processes. */
  readonly memory?: CallMemory;
}

export type { CallMemory };

/** Which events: period `[start, end)` of the call's start, and fixed values. */
export interface EventFilter {
  readonly start?: Date;
  readonly end?: Date;
  readonly id?: string;
  /** `null` = events without a customer. */
  readonly customer?: string | null;
  readonly provider?: string;
  readonly model?: string;
  /** Only events nobody was named for (explicit "nobody" is not among them). */
  readonly unattributed?: boolean;
  readonly unpriced?: boolean;
  readonly context?: Readonly<Record<string, string>>;
  readonly limit?: number;
}

export interface CostQuery extends EventFilter {
  /** One row per combination, in this order. Default: none, one row for everything. */
  readonly groupBy?: readonly Dimension[];
}

/**
 * What events can be grouped by; `context.<name>` reads one context entry, times are UTC. A `null`
 * `attribution_source` is an event nobody was named for, which a `null` customer alone does not tell.
 */
export type Dimension = (typeof DIMENSIONS)[number] | `context.${string}`;

export const DIMENSIONS = [
  'customer',
  'attribution_source',
  'model',
  'request_model',
  'provider',
  'operation',
  'service',
  'status',
  'cost_status',
  'usage_source',
  'service_tier',
  'currency',
  'hour',
  'day',
  'month',
] as const;

/** One group. `group` has a value per dimension asked for; `null` = unknown. */
export interface CostRow {
  readonly group: Readonly<Record<string, string | null>>;
  /** Calls; corrections of calls are in the amount and not counted. */
  readonly events: number;
  /** Sums of the quantities the events had. */
  readonly usage: Usage;
  readonly currency: string;
  /** The exact sum of the priced amounts in `currency`. Events without a price are not in it; see `unpriced`. */
  readonly amount: Decimal;
  readonly unpriced: number;
  readonly estimated: number;
  /** The part of `amount` that rests on estimated usage. */
  readonly estimatedAmount: Decimal;
  readonly errors: number;
}
