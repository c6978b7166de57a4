import type { Decimal } from '../base/decimal.ts';
import type { MaybePromise } from '../base/promises.ts';

/**
 * Where budgets count: in the database of a ledger, so that every process on it sees the same figures. Each method is
 * one transaction, and locks counters in the order given, which is sorted: two calls never wait for each other.
 *
 * Methods throw or reject when the database cannot be used; what that means for a call is the budget's to say.
 */
export interface BudgetStore {
  /** Takes every hold of a call, or none: the first counter without room refuses. Expired holds make room first. */
  hold(request: HoldRequest): MaybePromise<HoldResult>;
  /** Keeps the holds of a call that is still under way; what has expired by `now` is gone for good. */
  renew(callId: string, expiresAt: Date, now: Date): MaybePromise<void>;
  /** Counts what a call consumed, once per event, and gives its holds back. Always counts, whatever the limit is by now. */
  settle(request: SettleRequest): MaybePromise<readonly ThresholdCrossing[]>;
  /** Gives the holds of a call back that consumed nothing. */
  release(callId: string): MaybePromise<void>;
  /** What stands in counters, as of now. */
  read(keys: readonly CounterKey[], now: Date): MaybePromise<readonly CounterState[]>;
  /** The counters of a budget that have counted something in a part from `from` on, newest part first. */
  counters(budgetId: string, from: number): MaybePromise<readonly StoredCounter[]>;
  /**
   * Customers that have a plan or budgets of their own: how many, and those that changed at or after an instant (epoch
   * milliseconds).
   */
  customers(
    since: number,
  ): MaybePromise<{ readonly total: number; readonly changed: readonly StoredCustomer[] }>;
  /** Definitions kept beside the counters, for processes that were not told in code. */
  readonly definitions: BudgetDefinitions;
  /** What has to be told, and what was. */
  readonly notices: BudgetNotices;
}

/** A counter, and the parts of it that make up the period: those in `[from, to)`. */
export interface CounterKey {
  readonly budgetId: string;
  readonly counter: string;
  /** The part that is counted in now (epoch milliseconds). */
  readonly bucket: number;
  readonly from: number;
  readonly to: number;
}

export interface HoldRequest {
  readonly callId: string;
  readonly now: Date;
  readonly expiresAt: Date;
  readonly entries: readonly HoldEntry[];
}

export interface HoldEntry extends CounterKey {
  readonly amount: Decimal;
  readonly limit: Decimal;
  /** The amount is a guess at the most: where less is left, that is held instead. */
  readonly shrinks: boolean;
}

export type HoldResult =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly counter: string; readonly spent: Decimal; readonly held: Decimal };

export interface SettleRequest {
  readonly callId: string;
  /** Settling the same event again changes nothing. */
  readonly eventId: string;
  readonly now: Date;
  readonly entries: readonly SettleEntry[];
}

export interface SettleEntry extends CounterKey {
  readonly amount: Decimal;
  readonly limit: Decimal;
  /** Percent of the limit, ascending; the store answers with those that this event passed first. */
  readonly thresholds: readonly number[];
  /** JSON of the scope's values, kept beside the counter so that it can be shown. */
  readonly scope: string;
}

export interface ThresholdCrossing {
  readonly counter: string;
  readonly percent: number;
  readonly spent: Decimal;
}

export interface CounterState {
  readonly counter: string;
  readonly spent: Decimal;
  readonly held: Decimal;
}

export interface StoredCounter {
  readonly counter: string;
  readonly scope: string;
  readonly bucket: number;
  readonly spent: Decimal;
}

export interface StoredCustomer {
  readonly key: string;
  readonly plan: string | undefined;
  /** JSON of a list. */
  readonly budgets: string | undefined;
  readonly updatedAt: number;
}

/** Budgets as JSON, by id. */
export interface BudgetDefinitions {
  list(): MaybePromise<readonly { readonly id: string; readonly definition: string }[]>;
  put(id: string, definition: string): MaybePromise<void>;
  /** `false` when there is none. */
  remove(id: string): MaybePromise<boolean>;
}

/** Notices wait here until they are told, so that a crash loses none; each is told by one process. */
export interface BudgetNotices {
  add(notice: StoredNotice): MaybePromise<void>;
  /** Takes notices that are due, under a lease until `until`. */
  claim(now: Date, until: Date, limit: number): MaybePromise<readonly StoredNotice[]>;
  /** Told, or given up. */
  done(id: string): MaybePromise<void>;
  retry(id: string, dueAt: Date): MaybePromise<void>;
  history(limit: number): MaybePromise<readonly StoredNotice[]>;
}

export interface StoredNotice {
  readonly id: string;
  readonly createdAt: Date;
  /** JSON of the notice. */
  readonly body: string;
  readonly attempts: number;
  readonly told: boolean;
}
