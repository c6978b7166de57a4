import { type CalendarUnit, instantOf, localTime, startOf, startOfNext } from '../base/time-zone.ts';

/** How long a budget lasts before it starts anew. */
export type BudgetPeriod = CalendarPeriod | 'total' | RollingPeriod;

export type CalendarPeriod = Exclude<CalendarUnit, 'year'>;

/** A window that moves along: `{ rolling: '24h' }`. Units: `m`, `h`, `d`. */
export interface RollingPeriod {
  readonly rolling: string;
}

/** The period `[start, end)` an instant falls into, and the part of it that a call is counted in. */
export interface PeriodWindow {
  /** Absent for `total`. */
  readonly start?: Date;
  /** When what is counted now no longer counts; absent for `total`. */
  readonly end?: Date;
  /** What is spent at the instant is counted here (epoch milliseconds); a sum goes over the parts `[from, to)`. */
  readonly bucket: number;
  readonly from: number;
  readonly to: number;
}

/** A window that moves along counts what a process with a faster clock has spent in a part yet to come. */
export const FOR_EVER: number = Number.MAX_SAFE_INTEGER;

/** Parts of a rolling window: its accuracy is one of them, 24 minutes in a day. */
const BUCKETS = 60;

/**
 * Which period an instant belongs to. The start of the period is a part of the counter's key, so that a new period
 * begins by itself: nothing is reset, and a late call counts for the period in which it was made.
 */
export function windowOf(
  period: BudgetPeriod,
  at: Date,
  { timeZone = 'UTC', anchorDay = 1 }: { readonly timeZone?: string; readonly anchorDay?: number } = {},
): PeriodWindow {
  if (period === 'total') return { bucket: 0, from: 0, to: FOR_EVER };
  if (typeof period === 'object') return rollingWindow(rollingMs(period) ?? 0, at);
  const [start, end] =
    period === 'month' && anchorDay !== 1
      ? billingMonth(at, timeZone, anchorDay)
      : [startOf(period, at, timeZone), startOfNext(period, at, timeZone)];
  return { start, end, bucket: start.getTime(), from: start.getTime(), to: end.getTime() };
}

/** `24h` → 86 400 000; undefined for what is not a duration. */
export function rollingMs({ rolling }: RollingPeriod): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,6})([mhd])$/.exec(rolling) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? 0);
  return ms > 0 ? ms : undefined;
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The window ends with the part the instant lies in, and is as long as it says. */
function rollingWindow(length: number, at: Date): PeriodWindow {
  const step = Math.max(1, Math.floor(length / BUCKETS));
  const bucket = Math.floor(at.getTime() / step) * step;
  const from = bucket - length + step;
  return { start: new Date(from), end: new Date(from + step + length), bucket, from, to: FOR_EVER };
}

/** From the anchor day to the next one. A month without that day starts on its last day. */
function billingMonth(at: Date, timeZone: string, anchorDay: number): [Date, Date] {
  const { year, month } = localTime(at, timeZone);
  const anchor = (offset: number): Date => {
    const days = new Date(Date.UTC(year, month + offset, 0)).getUTCDate();
    return instantOf({ year, month: month + offset, day: Math.min(anchorDay, days) }, timeZone);
  };
  return at.getTime() >= anchor(0).getTime() ? [anchor(0), anchor(1)] : [anchor(-1), anchor(0)];
}
