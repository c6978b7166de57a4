import { compare, type Decimal, exact, ZERO } from '../base/decimal.ts';
import { ConfigError } from '../base/errors.ts';
import { checkKinds, checkOptions } from '../base/options.ts';
import {
  amountOf,
  anchorOf,
  checkChoices,
  eachOf,
  matchOf,
  modeOf,
  periodOf,
  plansOf,
  thresholdsOf,
  timeZoneOf,
  whereOf,
} from './budget-fields.ts';
import type { BudgetAction, BudgetMeasure, BudgetMode, BudgetOptions } from './budget-options.ts';
import type { BudgetPeriod } from './period.ts';

export type {
  BudgetAction,
  BudgetMeasure,
  BudgetMode,
  BudgetOptions,
  BudgetState,
} from './budget-options.ts';

/**
 * A limit on what calls may cost, in tokens or in number, for a customer, a feature, or everybody.
 *
 * @example
 * new Budget({ id: 'per-customer', each: ['customer'], limit: '50.00', period: 'month', action: 'block' });
 * @throws {ConfigError} for an option it does not know or cannot use.
 */
export class Budget {
  readonly id: string;
  readonly match: Readonly<Record<string, string>>;
  readonly each: readonly string[];
  readonly limit: Decimal;
  readonly plans: Readonly<Record<string, Decimal>>;
  readonly measure: BudgetMeasure;
  readonly currency: string;
  readonly period: BudgetPeriod;
  readonly timeZone: string;
  readonly anchorDay: number;
  readonly action: BudgetAction;
  readonly mode: BudgetMode;
  readonly thresholds: readonly number[];
  readonly onStoreError: 'allow' | 'block';
  readonly unpriced: 'allow' | 'block';
  readonly maxCost: Decimal | undefined;
  readonly onExceeded: BudgetOptions['onExceeded'];

  constructor(options: BudgetOptions) {
    const where = whereOf(options);
    checkOptions(where, options, OPTIONS);
    checkKinds(where, options, {
      id: 'text',
      match: 'object',
      plans: 'object',
      currency: 'text',
      onExceeded: 'function',
    });
    checkChoices(where, options);
    if (options.id === undefined)
      throw new ConfigError(`${where}: a budget needs an 'id', under which its counters are kept.`);
    this.id = options.id;
    this.match = Object.freeze(matchOf(where, options.match ?? {}));
    this.each = Object.freeze(eachOf(where, options.each ?? []));
    this.limit = amountOf(where, 'limit', options.limit);
    this.plans = Object.freeze(plansOf(where, options));
    this.measure = options.measure ?? 'cost';
    this.currency = options.currency ?? 'USD';
    this.period = periodOf(where, options.period);
    this.timeZone = timeZoneOf(where, options.timeZone ?? 'UTC');
    this.anchorDay = anchorOf(where, options);
    this.action = options.action ?? 'alert';
    this.mode = modeOf(where, options);
    this.thresholds = Object.freeze(thresholdsOf(where, options.thresholds ?? [50, 80, 100]));
    this.onStoreError = options.onStoreError ?? 'allow';
    this.unpriced = options.unpriced ?? 'allow';
    this.maxCost = options.maxCost === undefined ? undefined : amountOf(where, 'maxCost', options.maxCost);
    this.onExceeded = options.onExceeded;
    Object.freeze(this);
  }

  /** The same budget with another limit: that of one customer. Its counters are the same. */
  withLimit(limit: Decimal): Budget {
    const copy = Object.create(Budget.prototype) as Budget;
    return Object.freeze(Object.assign(copy, this, { limit }));
  }
}

const OPTIONS = [
  'id',
  'match',
  'each',
  'limit',
  'plans',
  'measure',
  'currency',
  'period',
  'timeZone',
  'anchorDay',
  'action',
  'mode',
  'thresholds',
  'onStoreError',
  'unpriced',
  'maxCost',
  'onExceeded',
] as const satisfies readonly (keyof BudgetOptions)[];

/** Two budgets of one id would share their counters. */
export function checkDistinct(budgets: readonly Budget[]): void {
  const seen = new Set<string>();
  for (const { id } of budgets) {
    if (seen.has(id)) throw new ConfigError(`budgets: two budgets have the id '${id}'. Give each its own.`);
    seen.add(id);
  }
}

/** A percentage for showing; the comparison with a threshold is exact elsewhere. */
export function percentOf(spent: Decimal, limit: Decimal): number {
  const whole = exact(limit);
  if (compare(whole, ZERO) === 0) return 100;
  return (Number(spent) / Number(limit)) * 100;
}
