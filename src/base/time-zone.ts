/**
 * Calendar arithmetic in an IANA time zone, on nothing but `Intl`. A day may have 23 or 25 hours, and a local time
 * may come twice or never; instants are `Date`s and never ambiguous.
 */

/** A local date and time, as a clock on a wall shows it. `month` and `day` count from 1; `weekday` 0 is Monday. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
}

export type CalendarUnit = 'hour' | 'day' | 'week' | 'month' | 'year';

/** What the clocks of a time zone show at an instant. */
export function localTime(at: Date, timeZone: string): LocalTime {
  const shifted = new Date(at.getTime() + offsetAt(at.getTime(), timeZone));
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
    weekday: (shifted.getUTCDay() + 6) % 7,
  };
}

/**
 * The instant at which the clocks of a time zone show a local time. Fields overflow as those of `Date.UTC` do:
 * month 13 is January. A time that comes twice is the first of the two; one that is skipped is the instant at
 * which the clocks jump over it.
 */
export function instantOf(
  { year, month, day, hour = 0 }: { year: number; month: number; day: number; hour?: number },
  timeZone: string,
): Date {
  const local = Date.UTC(year, month - 1, day, hour);
  const candidates = [local - DAY, local + DAY]
    .map((near) => local - offsetAt(near, timeZone))
    .sort((a, b) => a - b);
  for (const candidate of candidates) {
    if (candidate + offsetAt(candidate, timeZone) === local) return new Date(candidate);
  }
  return new Date(jumpBetween(candidates[0] ?? local, candidates[1] ?? local, timeZone));
}

/** When the calendar unit that an instant lies in began. Weeks begin on Monday. */
export function startOf(unit: CalendarUnit, at: Date, timeZone: string): Date {
  // Hours are told by the minutes: local time cannot tell the two hours of an autumn night apart.
  if (unit === 'hour') return new Date(at.getTime() - sinceFullHour(at, timeZone));
  const { year, month, day, weekday } = localTime(at, timeZone);
  if (unit === 'day') return instantOf({ year, month, day }, timeZone);
  if (unit === 'week') return instantOf({ year, month, day: day - weekday }, timeZone);
  return instantOf({ year, month: unit === 'month' ? month : 1, day: 1 }, timeZone);
}

/** When the unit after the one that an instant lies in begins. */
export function startOfNext(unit: CalendarUnit, at: Date, timeZone: string): Date {
  const start = startOf(unit, at, timeZone);
  if (unit === 'hour') return new Date(start.getTime() + HOUR);
  const { year, month, day } = localTime(start, timeZone);
  if (unit === 'day') return instantOf({ year, month, day: day + 1 }, timeZone);
  if (unit === 'week') return instantOf({ year, month, day: day + 7 }, timeZone);
  return instantOf(
    unit === 'month' ? { year, month: month + 1, day: 1 } : { year: year + 1, month: 1, day: 1 },
    timeZone,
  );
}

/** Whether `Intl` knows a time zone: `Europe/Berlin`, `UTC`. */
export function isTimeZone(name: unknown): name is string {
  if (typeof name !== 'string' || name === '') return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Local time minus UTC at an instant, in milliseconds: 3 600 000 for Berlin in winter. */
export function offsetAt(instant: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const fields: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  return local - Math.floor(instant / 1000) * 1000;
}

function sinceFullHour(at: Date, timeZone: string): number {
  const local = at.getTime() + offsetAt(at.getTime(), timeZone);
  return ((local % HOUR) + HOUR) % HOUR;
}

/** The instant between two others at which the zone's offset changes. */
function jumpBetween(before: number, after: number, timeZone: string): number {
  const offset = offsetAt(before, timeZone);
  let low = before;
  let high = after;
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetAt(middle, timeZone) === offset) low = middle;
    else high = middle;
  }
  return high;
}

/** One format per zone: making one takes some fifty microseconds. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = FORMATS.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      calendar: 'iso8601',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    FORMATS.set(timeZone, format);
  }
  return format;
}
