import { ConfigError, describe } from '../base/errors.ts';
import { instantOf } from '../base/time-zone.ts';

/** `2026-11-20`, `2026-11-20T10:00[:00][Z|+01:00]` (in the time zone unless it says otherwise), or an age: `7d`, `24h`, `30m`. */
export function parseTime(text: string, now: () => number = Date.now, timeZone = 'UTC'): Date {
  const age = /^(\d+)([mhd])$/.exec(text);
  if (age !== null) return new Date(now() - Number(age[1]) * (UNITS_MS[age[2] ?? ''] ?? 0));
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (time !== null) {
    const [, clock, , , zone] = time;
    const date = new Date(clock !== undefined && zone === undefined ? `${text}Z` : text);
    if (!Number.isNaN(date.getTime()) && sameDay(text, date, zone))
      return zone === undefined ? inZone(date, timeZone) : date;
  }
  throw new ConfigError(
    `Expected a time like 2026-11-20, 2026-11-20T10:00Z, 7d, 24h or 30m, got ${describe(text)}.`,
  );
}

/** The instant at which the clocks of a time zone show what those of UTC show at `date`. */
function inZone(date: Date, timeZone: string): Date {
  const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  const hour = instantOf({ ...day, hour: date.getUTCHours() }, timeZone);
  return new Date(hour.getTime() + (date.getTime() % 3_600_000));
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Refuses the 31st of a short month, which `Date` would move into the next one. */
function sameDay(text: string, date: Date, zone: string | undefined): boolean {
  return (zone !== undefined && zone !== 'Z') || date.toISOString().startsWith(text.slice(0, 10));
}
