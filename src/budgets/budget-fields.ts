import { compare, type Decimal, parseDecimal, ZERO } from '../base/decimal.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { didYouMean } from '../base/spelling.ts';
import { isTimeZone } from '../base/time-zone.ts';
import type { BudgetMode, BudgetOptions } from './budget-options.ts';
import { type BudgetPeriod, rollingMs } from './period.ts';

/** Options that take one of a few words. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  measure: ['cost', 'charge', 'tokens', 'calls'],
  action: ['alert', 'warn', 'block'],
  mode: ['observe', 'check', 'hold', 'strict'],
  onStoreError: ['allow', 'block'],
  unpriced: ['allow', 'block'],
};

const PERIODS = ['hour', 'day', 'week', 'month', 'total'] as const;

export function whereOf(options: unknown): string {
  const { id } = (typeof options === 'object' && options !== null ? options : {}) as { id?: unknown };
  return typeof id === 'string' ? `Budget '${id}'` : 'new Budget';
}

/** @throws {ConfigError} for a word that none of them takes. */
export function checkChoices(where: string, options: object): void {
  for (const [name, allowed] of Object.entries(CHOICES)) checkChoice(where, options, name, allowed);
}

function checkChoice(where: string, options: object, name: string, allowed: readonly string[]): void {
  const given: unknown = (options as Readonly<Record<string, unknown>>)[name];
  if (given === undefined || (typeof given === 'string' && allowed.includes(given))) return;
  const near = typeof given === 'string' ? didYouMean(given, allowed) : '';
  throw new ConfigError(
    `${where}: expected '${name}' to be one of ${allowed.join(', ')}, got ${describe(given)}.${near}`,
  );
}

export function matchOf(where: string, match: Readonly<Record<string, unknown>>): Record<string, string> {
  const fixed: Record<string, string> = {};
  for (const [key, value] of Object.entries(match)) {
    if (typeof value !== 'string' || value === '')
      throw new ConfigError(
        `${where}: expected match.${key} to be a non-empty string, got ${describe(value)}.`,
      );
    fixed[key] = value;
  }
  return fixed;
}

export function eachOf(where: string, each: unknown): string[] {
  if (Array.isArray(each) && each.every((key) => typeof key === 'string' && key !== ''))
    return [...each] as string[];
  throw new ConfigError(
    `${where}: expected 'each' to be a list of keys such as ['customer'], got ${describe(each)}.`,
  );
}

export function amountOf(where: string, name: string, given: unknown): Decimal {
  const text = typeof given === 'number' ? String(given) : given;
  const amount = typeof text === 'string' ? parseDecimal(text) : undefined;
  if (amount !== undefined && compare(amount, ZERO) >= 0) return String(text);
  throw new ConfigError(
    `${where}: expected '${name}' to be a decimal number of 0 or more such as '50.00', got ${describe(given)}.`,
  );
}

export function plansOf(
  where: string,
  { plans = {}, each = [], match = {} }: BudgetOptions,
): Record<string, Decimal> {
  const limits = Object.entries(plans);
  if (limits.length > 0 && !each.includes('customer') && !('customer' in match))
    throw new ConfigError(
      `${where}: 'plans' are those of customers, and the budget is one for all. Add each: ['customer'].`,
    );
  return Object.fromEntries(limits.map(([plan, limit]) => [plan, amountOf(where, `plans.${plan}`, limit)]));
}

export function periodOf(where: string, period: unknown): BudgetPeriod {
  if (typeof period === 'string') {
    const known = PERIODS.find((each) => each === period);
    if (known !== undefined) return known;
  }
  if (typeof period === 'object' && period !== null && 'rolling' in period) {
    const { rolling } = period;
    if (typeof rolling === 'string' && rollingMs({ rolling }) !== undefined)
      return Object.freeze({ rolling });
  }
  const near = typeof period === 'string' ? didYouMean(period, PERIODS) : '';
  throw new ConfigError(
    `${where}: expected 'period' to be one of ${PERIODS.join(', ')} or { rolling: '24h' }, got ${describe(period)}.${near}`,
  );
}

export function timeZoneOf(where: string, timeZone: unknown): string {
  if (isTimeZone(timeZone)) return timeZone;
  throw new ConfigError(
    `${where}: expected 'timeZone' to be an IANA name such as 'Europe/Berlin', got ${describe(timeZone)}.`,
  );
}

export function anchorOf(where: string, { anchorDay = 1, period }: BudgetOptions): number {
  if (!Number.isInteger(anchorDay) || anchorDay < 1 || anchorDay > 31) {
    throw new ConfigError(
      `${where}: expected 'anchorDay' to be a day of the month, 1 to 31, got ${describe(anchorDay)}.`,
    );
  }
  if (anchorDay !== 1 && period !== 'month') {
    throw new ConfigError(
      `${where}: 'anchorDay' is for the period 'month', and the period is ${describe(period)}.`,
    );
  }
  return anchorDay;
}

export function modeOf(
  where: string,
  { action = 'alert', mode, measure = 'cost' }: BudgetOptions,
): BudgetMode {
  if (mode === undefined) return action === 'block' ? 'hold' : 'observe';
  if (action !== 'block' && mode !== 'observe') {
    throw new ConfigError(
      `${where}: the mode '${mode}' is for the action 'block'; '${action}' refuses nothing. Leave 'mode' out, or block.`,
    );
  }
  if (mode === 'strict' && measure === 'charge') {
    throw new ConfigError(
      `${where}: a charge has no provable bound before the call. Use the mode 'hold', or measure 'cost'.`,
    );
  }
  return mode;
}

export function thresholdsOf(where: string, thresholds: unknown): number[] {
  const isPercent = (each: unknown): each is number => typeof each === 'number' && each > 0 && each <= 1000;
  if (Array.isArray(thresholds) && thresholds.every(isPercent))
    return [...new Set(thresholds)].sort((a, b) => a - b);
  throw new ConfigError(
    `${where}: expected 'thresholds' to be percentages of the limit such as [50, 80, 100], got ${describe(thresholds)}.`,
  );
}
