import { localTime, offsetAt } from '../base/time-zone.ts';
import { type CostQuery, TIME_DIMENSIONS } from './ledger.ts';

const QUARTER = 900_000;
export const HOUR = 3_600_000;
export const DAY: number = 24 * HOUR;

type TimeDimension = (typeof TIME_DIMENSIONS)[number];

/**
 * How fine a ledger must tell times apart for a query, in milliseconds: what begins on a full hour in UTC begins so in
 * most zones; in a zone like India's on a quarter. Undefined when the query asks for no time.
 */
export function bucketSize({ groupBy = [], timeZone = 'UTC' }: CostQuery): number | undefined {
  const units = groupBy.filter(isTime);
  if (units.length === 0) return undefined;
  if (timeZone === 'UTC') return units.includes('hour') ? HOUR : DAY;
  return hasFullHours(timeZone) ? HOUR : QUARTER;
}

export function isTime(dimension: string): dimension is TimeDimension {
  return (TIME_DIMENSIONS as readonly string[]).includes(dimension);
}

/** The name of the hour, day, week or month that a bucket lies in: `2026-11-20T10:00Z`, `2026-11-20`, `2026-W47`, `2026-11`. */
export function labelOf(unit: TimeDimension, bucket: number, timeZone = 'UTC'): string {
  const names = labels(timeZone);
  const key = `${unit} ${bucket}`;
  const known = names.get(key);
  if (known !== undefined) return known;
  const label = format(unit, bucket, timeZone);
  if (names.size > MAX_LABELS) names.clear();
  names.set(key, label);
  return label;
}

const MAX_LABELS = 20_000;
const LABELS = new Map<string, Map<string, string>>();

function labels(timeZone: string): Map<string, string> {
  let names = LABELS.get(timeZone);
  if (names === undefined) LABELS.set(timeZone, (names = new Map()));
  return names;
}

function format(unit: TimeDimension, bucket: number, timeZone: string): string {
  const { year, month, day, hour } = localTime(new Date(bucket), timeZone);
  const date = `${year}-${two(month)}-${two(day)}`;
  if (unit === 'hour') return `${date}T${two(hour)}:00${offsetText(bucket, timeZone)}`;
  if (unit === 'day') return date;
  return unit === 'month' ? date.slice(0, 7) : isoWeek(Date.UTC(year, month - 1, day));
}

/** ISO 8601: weeks begin on Monday, and the first is the one with January's first Thursday. */
function isoWeek(date: number): string {
  const thursday = new Date(date + (3 - ((new Date(date).getUTCDay() + 6) % 7)) * DAY);
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY));
  return `${year}-W${two(week)}`;
}

function offsetText(instant: number, timeZone: string): string {
  if (timeZone === 'UTC') return 'Z';
  const minutes = offsetAt(instant, timeZone) / 60_000;
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Whether the zone has been whole hours away from UTC since there are calls to price, in summer and winter. */
function hasFullHours(timeZone: string): boolean {
  let full = FULL_HOURS.get(timeZone);
  if (full === undefined) {
    const years = Array.from({ length: 21 }, (_, index) => 2015 + index);
    full = years.every((year) =>
      [0, 6].every((month) => offsetAt(Date.UTC(year, month), timeZone) % HOUR === 0),
    );
    FULL_HOURS.set(timeZone, full);
  }
  return full;
}

const FULL_HOURS = new Map<string, boolean>();
