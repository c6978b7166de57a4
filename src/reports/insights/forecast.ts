import {
  add,
  type Decimal,
  exact,
  exactFromFloat,
  formatDecimal,
  roundDecimal,
  ZERO,
} from '../../base/decimal.ts';
import { localTime, startOf, startOfNext } from '../../base/time-zone.ts';
import type { CostLedger, EventFilter } from '../../ledger/ledger.ts';
import { checkZone, inZone, type Window } from '../period.ts';

export interface ForecastOptions extends Omit<EventFilter, 'start' | 'end'> {
  /** Default: `UTC`. */
  readonly timeZone?: string;
  /** Default: now. */
  readonly now?: Date;
  /** Default: `month`. */
  readonly period?: 'week' | 'month';
}

/** What a period will have cost when it ends. */
export interface Forecast {
  readonly period: Window;
  readonly currency: string;
  /** So far, exactly. */
  readonly spent: Decimal;
  readonly expected: Decimal;
  /** Four times in five the period ends between these. */
  readonly low: Decimal;
  readonly high: Decimal;
  /** Whole days of the past that it rests on; below 7 it is little more than a guess. */
  readonly days: number;
  readonly method: string;
}

const HISTORY_DAYS = 28;
const DAY = 86_400_000;
/** Of a normal distribution, four fifths lie within this many standard deviations. */
const FOUR_FIFTHS = 1.2816;

/**
 * What the month (or week) will have cost at its end, per currency: spent so far, plus for what is left of it the average
 * of the same weekday in the last 28 days. An estimate for planning; nothing is billed by it.
 */
export async function forecast(
  ledger: Pick<CostLedger, 'query'>,
  options: ForecastOptions = {},
): Promise<readonly Forecast[]> {
  const { timeZone = 'UTC', now = new Date(), period: unit = 'month', ...filter } = options;
  checkZone('forecast', timeZone);
  const period = { start: startOf(unit, now, timeZone), end: startOfNext(unit, now, timeZone) };
  const today = startOf('day', now, timeZone);
  const start = startOf('day', new Date(today.getTime() - HISTORY_DAYS * DAY + DAY / 2), timeZone);
  const history = await ledger.query(
    inZone({ ...filter, start, end: today, groupBy: ['day'] as const }, timeZone),
  );
  const spent = await ledger.query({ ...filter, start: period.start, end: now });
  const currencies = new Set([...history, ...spent].map(({ currency }) => currency));
  return [...currencies].sort().map((currency) => {
    const amounts = new Map(
      history
        .filter((row) => row.currency === currency)
        .map((row) => [row.group.day ?? '', Number(row.amount)]),
    );
    const days = daysBetween(start, today, timeZone);
    // The days before the first call ever are no history.
    const first = days.findIndex((day) => amounts.has(day.name));
    const known =
      first === -1 ? [] : days.slice(first).map((day) => ({ ...day, amount: amounts.get(day.name) ?? 0 }));
    const soFar = spent.find((row) => row.currency === currency)?.amount ?? '0';
    return {
      period,
      currency,
      spent: soFar,
      ...projected(soFar, known, remaining(now, period.end, timeZone)),
    };
  });
}

interface Day {
  readonly name: string;
  readonly weekday: number;
}

/** The parts of days that are still to come: of today what is left, then whole days. */
function remaining(now: Date, end: Date, timeZone: string): { weekday: number; part: number }[] {
  const parts: { weekday: number; part: number }[] = [];
  for (let at = now; at < end;) {
    const [start, next] = [startOf('day', at, timeZone), startOfNext('day', at, timeZone)];
    const part = (next.getTime() - at.getTime()) / (next.getTime() - start.getTime());
    parts.push({ weekday: localTime(at, timeZone).weekday, part });
    at = next;
  }
  return parts;
}

function daysBetween(start: Date, end: Date, timeZone: string): Day[] {
  const days: Day[] = [];
  for (let at = start; at < end; at = startOfNext('day', at, timeZone)) {
    const { year, month, day, weekday } = localTime(at, timeZone);
    days.push({ name: `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`, weekday });
  }
  return days;
}

function projected(
  spent: Decimal,
  days: readonly (Day & { readonly amount: number })[],
  left: readonly { readonly weekday: number; readonly part: number }[],
): Pick<Forecast, 'expected' | 'low' | 'high' | 'days' | 'method'> {
  const mean = average(days.map(({ amount }) => amount));
  const usual = (weekday: number): number => {
    const same = days.filter((day) => day.weekday === weekday);
    return same.length < 2 ? mean : average(same.map(({ amount }) => amount));
  };
  const more = left.reduce((sum, { weekday, part }) => sum + usual(weekday) * part, 0);
  const variance = average(days.map(({ weekday, amount }) => (amount - usual(weekday)) ** 2));
  const spread = FOUR_FIFTHS * Math.sqrt(variance * left.reduce((sum, { part }) => sum + part ** 2, 0));
  const at = (extra: number): Decimal =>
    roundDecimal(formatDecimal(add(exact(spent), exactFromFloat(Math.max(0, extra)) ?? ZERO)), 6);
  return {
    expected: at(more),
    low: at(more - spread),
    high: at(more + spread),
    days: days.length,
    method: `spent so far, and for each day to come the average of its weekday in the last ${HISTORY_DAYS} days; four times in five it ends in the range`,
  };
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
}
