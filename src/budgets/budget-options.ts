import type { Decimal } from '../base/decimal.ts';
import type { BudgetedCall } from './budgeted-call.ts';
import type { BudgetPeriod } from './period.ts';

/** What a budget counts. */
export type BudgetMeasure = 'cost' | 'charge' | 'tokens' | 'calls';

/**
 * `alert`: thresholds are told. `warn`: also a warning where warnings go. `block`: calls beyond the limit are refused
 * before they are sent.
 */
export type BudgetAction = 'alert' | 'warn' | 'block';

/**
 * `observe`: counts only, costs nothing on the request path. `check`: refuses once the limit is reached, by a figure
 * read before. `hold`: sets an estimate aside for each call under way. `strict`: sets the provable most aside, and
 * refuses what has no bound.
 */
export type BudgetMode = 'observe' | 'check' | 'hold' | 'strict';

/** A limit, for whom, and what happens at it. */
export interface BudgetOptions {
  /** Stable and unique: counters are kept under it. */
  readonly id: string;
  /** Fixed values of `customer`, `provider`, `model`, `operation` or a context key; all must hold. Default: every call. */
  readonly match?: Readonly<Record<string, string>>;
  /** One budget per value of these: `['customer']`. A call without the value is not held to the budget. Default: one for all. */
  readonly each?: readonly string[];
  /** A decimal amount such as `'50.00'`, or a number of tokens or calls. 0 admits nothing. */
  readonly limit: Decimal | number;
  /** Other limits for customers of these plans, as `ledger.customers` knows them: `{ free: '5', pro: '500' }`. */
  readonly plans?: Readonly<Record<string, Decimal | number>>;
  /** Default: `cost`. */
  readonly measure?: BudgetMeasure;
  /** Of `cost` and `charge`. Amounts in another currency are not counted, and that is said. Default: `USD`. */
  readonly currency?: string;
  readonly period: BudgetPeriod;
  /** IANA name; where the days and months of the period begin. Default: `UTC`. */
  readonly timeZone?: string;
  /** Day of the month on which a monthly period begins, 1 to 31; shorter months begin on their last day. Default: 1. */
  readonly anchorDay?: number;
  /** Default: `alert`. */
  readonly action?: BudgetAction;
  /** Default: `hold` for `block`, else `observe`. */
  readonly mode?: BudgetMode;
  /** Percent of the limit; each is told once per scope and period. Default: 50, 80, 100. */
  readonly thresholds?: readonly number[];
  /** What happens to calls while the counters cannot be read. Default: `allow`. */
  readonly onStoreError?: 'allow' | 'block';
  /** What happens to calls whose price nobody knows. Default: `allow`; they are not counted. */
  readonly unpriced?: 'allow' | 'block';
  /** The most that one request may cost: one whose bound is above it is refused. */
  readonly maxCost?: Decimal | number;
  /** Asked instead of refusing: name a cheaper model, or return undefined to refuse. */
  readonly onExceeded?: (call: BudgetedCall, state: BudgetState) => { readonly model: string } | undefined;
}

/** How far a budget is used, for one scope and period. Amounts are decimal text. */
export interface BudgetState {
  readonly id: string;
  /** The values of `each`, and of `match`: `{ customer: 'acme' }`. */
  readonly scope: Readonly<Record<string, string>>;
  readonly period: { readonly start?: Date; readonly end?: Date };
  readonly limit: Decimal;
  /** Settled calls. */
  readonly spent: Decimal;
  /** Set aside for calls under way. */
  readonly held: Decimal;
  /** `limit - spent - held`, and never below 0. */
  readonly remaining: Decimal;
  /** Spent, in percent of the limit; 100 for a limit of 0. */
  readonly percent: number;
  readonly resetsAt?: Date;
  /** What is spent in an hour, on average of the period so far; absent for `total`. */
  readonly perHour?: Decimal;
  /** When the limit is reached if that goes on; absent where it is not before the period ends, or is already. */
  readonly reachesLimitAt?: Date;
}
