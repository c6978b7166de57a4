import { ConfigError, describe } from '../base/errors.ts';
import { didYouMean } from '../base/spelling.ts';
import { instantOf, startOf, startOfNext } from '../base/time-zone.ts';
import { TIME_DIMENSIONS } from '../ledger/ledger.ts';
import { DAY, labelOf } from '../ledger/time-buckets.ts';
import { monthWindow, type Window } from '../reports/period.ts';

export type Unit = (typeof TIME_DIMENSIONS)[number];

/** An hour, day, week or month, as far as it lies in a period, under the ledger's name for it. */
export interface TimeBucket extends Window {
  readonly label: string;
}

/** What is shown at once; more would be a line of dust. */
const MAX_BUCKETS = 1_500;

/** The buckets of a period, in order and without gaps. */
export function bucketsOf(unit: Unit, { start, end }: Window, timeZone: string): readonly TimeBucket[] {
  const buckets: TimeBucket[] = [];
  for (let at = start; at < end; at = startOfNext(unit, at, timeZone)) {
    if (buckets.length === MAX_BUCKETS)
      throw new ConfigError(
        `query: more than ${MAX_BUCKETS} ${unit}s lie between ${start.toISOString()} and ${end.toISOString()}. Choose a larger 'unit', or a shorter period.`,
      );
    const next = startOfNext(unit, at, timeZone);
    const label = labelOf(unit, startOf(unit, at, timeZone).getTime(), timeZone);
    buckets.push({ label, start: at, end: next < end ? next : end });
  }
  return buckets;
}

/** The unit that was asked for, or one that suits the period. */
export function unitOf(given: string | undefined, { start, end }: Window): Unit {
  if (given === undefined) {
    const days = (end.getTime() - start.getTime()) / DAY;
    if (days <= 2) return 'hour';
    if (days <= 100) return 'day';
    return days <= 730 ? 'week' : 'month';
  }
  const unit = TIME_DIMENSIONS.find((each) => each === given);
  if (unit !== undefined) return unit;
  throw new ConfigError(
    `query: expected 'unit' to be one of ${TIME_DIMENSIONS.join(', ')}, got ${describe(given)}.${didYouMean(given, TIME_DIMENSIONS)}`,
  );
}

/** The time that a label of the ledger names; undefined for what is none. */
export function windowOfLabel(unit: Unit, label: string, timeZone: string): Window | undefined {
  const start = startOfLabel(unit, label, timeZone);
  return start === undefined ? undefined : { start, end: startOfNext(unit, start, timeZone) };
}

function startOfLabel(unit: Unit, label: string, timeZone: string): Date | undefined {
  if (unit === 'month') return monthWindow(label, timeZone).start;
  if (unit === 'hour') return new Date(label);
  const [, year = '', first = '', day = ''] = /^(\d{4})-W?(\d\d)(?:-(\d\d))?$/.exec(label) ?? [];
  if (year === '') return undefined;
  if (unit === 'day')
    return instantOf({ year: Number(year), month: Number(first), day: Number(day) }, timeZone);
  // The first week of a year is the one with January 4.
  const fourth = instantOf({ year: Number(year), month: 1, day: 4 + 7 * (Number(first) - 1) }, timeZone);
  return startOf('week', fourth, timeZone);
}
