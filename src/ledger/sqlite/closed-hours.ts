import { HOUR } from '../time-buckets.ts';

/** The setting that says how far the coarser sums go. */
export const CLOSED = 'roll_up_closed';

/** Hours before `start`, and of that hour the slices up to `slice`, are in the coarser sums as well. */
export interface Closed {
  readonly start: number;
  readonly slice: number;
}

export const NOTHING_CLOSED: Closed = { start: Number.MIN_SAFE_INTEGER, slice: -1 };

/** As it stands in the setting: `1795968000000 17`. */
export function closedUntil(value: unknown): Closed {
  const [start, slice] = typeof value === 'string' ? value.split(' ').map(Number) : [];
  return start === undefined || slice === undefined ? NOTHING_CLOSED : { start, slice };
}

export function isClosed(closed: Closed, { start, slice }: Closed): boolean {
  return start < closed.start || (start === closed.start && slice <= closed.slice);
}

/** Calls of the last hour may still come: one belongs to the hour in which it started. */
export function lastClosable(now: number): number {
  return Math.floor((now - HOUR) / HOUR) * HOUR;
}
