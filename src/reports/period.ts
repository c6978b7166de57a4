import { ConfigError, describe } from '../base/errors.ts';
import { kind, type Kind, optionsOf, required } from '../base/options.ts';
import { instantOf, isTimeZone, localTime, startOf } from '../base/time-zone.ts';

/** `[start, end)`. */
export interface Window {
  readonly start: Date;
  readonly end: Date;
}

/** What options take. */
export const month: Kind<string> = kind(
  "a month like '2026-11'",
  (value) => typeof value === 'string' && MONTH.test(value),
);
export const timeZone: Kind<string> = kind("a time zone like 'Europe/Berlin'", isTimeZone);

/** @throws {ConfigError} `trend: expected 'timeZone' to be a time zone like 'Europe/Berlin', got 'Berlin'.` */
export function checkZone(where: string, zone: string | undefined): void {
  if (zone !== undefined) optionsOf(where, { timeZone: zone }, { timeZone: required(timeZone) });
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** The query with its time zone. UTC is what every ledger takes for granted. */
export function inZone<T extends object>(query: T, zone: string): T {
  return zone === 'UTC' ? query : { ...query, timeZone: zone };
}

/**
 * A calendar month where the clocks are: `2026-11` in `Europe/Berlin` begins on October 31 at 23:00 UTC.
 *
 * @throws {ConfigError} for what is no month.
 */
export function monthWindow(text: string, zone = 'UTC'): Window {
  const match = MONTH.exec(text);
  if (match === null) throw new ConfigError(`Expected a month like 2026-11, got ${describe(text)}.`);
  const [year, index] = [Number(match[1]), Number(match[2])];
  return {
    start: instantOf({ year, month: index, day: 1 }, zone),
    end: instantOf({ year, month: index + 1, day: 1 }, zone),
  };
}

/** The month before the one that `now` is in: on December 1 in Berlin it is November, whatever London says. */
export function lastMonth(now: Date, zone = 'UTC'): string {
  const last = localTime(new Date(startOf('month', now, zone).getTime() - 1), zone);
  return `${last.year}-${String(last.month).padStart(2, '0')}`;
}
