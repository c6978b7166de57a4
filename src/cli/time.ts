import { ConfigError, describe } from '../errors.ts';
import type { Period } from '../reports/report.ts';

/** `2026-11-20`, `2026-11-20T10:00[:00][Z|+01:00]` (UTC unless it says otherwise), or an age: `7d`, `24h`, `30m`. */
export function parseTime(text: string, now: () => number = Date.now): Date {
  const age = /^(\d+)([mhd])$/.exec(text);
  if (age !== null) return new Date(now() - Number(age[1]) * (UNITS_MS[age[2] ?? ''] ?? 0));
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (time !== null) {
    const [, clock, , , zone] = time;
    const date = new Date(clock !== undefined && zone === undefined ? `${text}Z` : text);
    if (!Number.isNaN(date.getTime()) && sameDay(text, date, zone)) return date;
  }
  throw new ConfigError(
    `Expected a time like 2026-11-20, 2026-11-20T10:00Z, 7d, 24h or 30m, got ${describe(text)}.`,
  );
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Refuses the 31st of a short month, which `Date` would move into the next one. */
function sameDay(text: string, date: Date, zone: string | undefined): boolean {
  return (zone !== undefined && zone !== 'Z') || date.toISOString().startsWith(text.slice(0, 10));
}

/** `2026-11` → from the first of November, 0:00 UTC, until the first of December. */
export function parseMonth(text: string): Period {
  const month = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  if (month === null) throw new ConfigError(`Expected a month like 2026-11, got ${describe(text)}.`);
  const [year, index] = [Number(month[1]), Number(month[2]) - 1];
  return { start: new Date(Date.UTC(year, index)), end: new Date(Date.UTC(year, index + 1)) };
}
