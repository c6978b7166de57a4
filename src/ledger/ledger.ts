import type { BudgetStore } from './budget-store.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink, SinkHealth } from '../delivery/sink.ts';
import type { Decimal } from '../base/decimal.ts';
import type { CallMemory } from '../calls/hub.ts';
import type { Usage } from '../usage/usage.ts';
import type { Outbox, OutboxAdmin } from '../delivery/outbox.ts';
import type { CustomerRegistry } from './customers.ts';

/**
 * The append-only truth: a sink that keeps every event once (by `id`) and can be asked.
 * Implementations: `SqliteLedger` (`costspan/sqlite`), `PostgresLedger` (`costspan/postgres`).
 */
export interface CostLedger extends CostEventSink {
  readonly name: string;
  /** Sums over the events of a period, grouped. Money is summed exactly. */
  query(query?: CostQuery): Promise<readonly CostRow[]>;
  /** The events themselves, oldest first. */
  events(filter?: EventQuery): AsyncIterable<CostEvent>;
  /** Who the customers are: names, plans, budgets; the events know only keys. */
  readonly customers?: CustomerRegistry;
  flush(): Promise<void>;
  shutdown(): Promise<void>;
  /** Adds up the sums behind reports again, from the events; they are never wrong, so this is for the mind's peace. */
  rebuild?(): Promise<void>;
  /** How the keeping goes; delivery shows it as this sink's health. */
  health?(): SinkHealth;
  /** Present when the ledger keeps, for other sinks, what they have not had yet. */
  readonly outbox?: Outbox;
  /** Present when the ledger can count budgets. */
  readonly budgets?: BudgetStore;
  /** Present when the ledger remembers small facts across processes. */
  readonly memory?: CallMemory;
}

export type { CallMemory };

/** A ledger that a program opened by hand: it can do all a ledger can, and what is wrong with it throws. */
export interface OpenedLedger extends CostLedger {
  readonly customers: CustomerRegistry;
  readonly memory: CallMemory;
  readonly outboxAdmin: OutboxAdmin;
  rebuild(): Promise<void>;
  /** Whether response and trace ids are found by an index; absent where they always are. */
  keepLookupIndex?(wanted: boolean): void;
}

/**
 * Which events: period `[start, end)` of the call's start, and fixed values. `costspan` names a filter it does not know
 * in a `ConfigError`.
 */
export interface EventFilter {
  readonly start?: Date;
  readonly end?: Date;
  readonly id?: string;
  readonly responseId?: string;
  readonly traceId?: string;
  /** The corrections of the event with this id. */
  readonly adjusts?: string;
  /** `null` = events without a customer. The key of a merged customer finds what it was merged into. */
  readonly customer?: string | null;
  readonly provider?: string;
  /** The model that was asked for, or the one that answered. */
  readonly model?: string;
  readonly operation?: string;
  readonly service?: string;
  readonly status?: CostEvent['status'];
  readonly costStatus?: CostEvent['cost']['status'];
  /** Only events nobody was named for (explicit "nobody" is not among them); `false`: only the others. */
  readonly unattributed?: boolean;
  /** Only calls whose cost is unknown; one that was priced later is not among them. */
  readonly unpriced?: boolean;
  /** Context entries, all of them; numbers and flags match by their text, `*` stands for any text: `{ team: '*' }`. */
  readonly context?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Exact values of dimensions, `null` where an event has none: the `group` of a row finds the events it sums. A list
   * takes any of its values. Of times give `start` and `end`.
   */
  readonly is?: Readonly<Record<string, string | null | readonly (string | null)[]>>;
  /** The least an event costs: `'0.5'`. Events without a known cost are left out. */
  readonly minCost?: Decimal | number;
  /** The most an event costs, itself included. */
  readonly maxCost?: Decimal | number;
}

/** Which events, in which order, and how many. */
export interface EventQuery extends EventFilter {
  /** By the call's start. Default: `asc`, the oldest first. */
  readonly order?: 'asc' | 'desc';
  readonly limit?: number;
  /** The id of an event: what comes after it. Take the last event's `id` to get the next page. */
  readonly cursor?: string;
}

export interface CostQuery extends EventFilter {
  /** One row per combination, in this order. Default: none, one row for everything. */
  readonly groupBy?: readonly Dimension[];
  /** Where hours, days, weeks and months begin: `Europe/Berlin`. Default: `UTC`. */
  readonly timeZone?: string;
  /** By the groups' values. Default: `asc`. */
  readonly order?: 'asc' | 'desc';
  readonly limit?: number;
  /** The `cursor` of a row: the rows after it. */
  readonly cursor?: string;
}

/**
 * What events can be grouped by; `context.<name>` reads one context entry. A `null` `attribution_source` is an event
 * nobody was named for, which a `null` customer alone does not tell. `cost_reason` says why a cost is unknown or free.
 */
export type Dimension =
  | (typeof FACT_DIMENSIONS)[number]
  | (typeof TIME_DIMENSIONS)[number]
  | `context.${string}`;

export const TIME_DIMENSIONS = ['hour', 'day', 'week', 'month'] as const;

const FACT_DIMENSIONS = [
  'customer',
  'attribution_source',
  'model',
  'request_model',
  'response_model',
  'provider',
  'operation',
  'service',
  'status',
  'error_type',
  'cost_status',
  'cost_reason',
  'usage_source',
  'service_tier',
  'currency',
] as const;

export const DIMENSIONS: readonly Dimension[] = [...FACT_DIMENSIONS, ...TIME_DIMENSIONS];

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
  /** Where this row stands among those of its query; give it as `cursor` to get the rows after it. */
  readonly cursor?: string;
}
