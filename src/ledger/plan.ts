import type { CostQuery, EventFilter } from './ledger.ts';
import { DAY, HOUR } from './time-buckets.ts';

/** A period in milliseconds since 1970; open ends are infinite. */
export type Span = readonly [start: number, end: number];

/** Whether the sums tell apart what the query does. */
export function isSummed(
  query: CostQuery,
  summed: readonly string[] | undefined,
  size: number | undefined,
): boolean {
  if (summed === undefined || (size !== undefined && size < HOUR)) return false;
  const { id, responseId, traceId, adjusts, unpriced, minCost, maxCost, groupBy = [], is = {} } = query;
  if ([id, responseId, traceId, adjusts, unpriced, minCost, maxCost].some((given) => given !== undefined))
    return false;
  const dimensions = [...groupBy, ...Object.keys(is)];
  if (dimensions.includes('cost_reason')) return false;
  const named = [
    ...Object.keys(query.context ?? {}),
    ...dimensions.flatMap((name) => (name.startsWith('context.') ? [name.slice('context.'.length)] : [])),
  ];
  return named.every((name) => summed.includes(name));
}

/** A period as whole days, the whole hours around them, and what is left at the ends. */
export function split(
  start: number,
  end: number,
  size: number | undefined,
): Record<'days' | 'hours' | 'rest', Span[]> {
  const [firstHour, lastHour] = [Math.ceil(start / HOUR) * HOUR, Math.floor(end / HOUR) * HOUR];
  if (!(firstHour < lastHour)) return { days: [], hours: [], rest: [[start, end]] };
  const rest = [[start, firstHour] as const, [lastHour, end] as const].filter(isSpan);
  const [firstDay, lastDay] = [Math.ceil(start / DAY) * DAY, Math.floor(end / DAY) * DAY];
  if (size === HOUR || !(firstDay < lastDay)) return { days: [], hours: [[firstHour, lastHour]], rest };
  const hours = [[firstHour, firstDay] as const, [lastDay, lastHour] as const].filter(isSpan);
  return { days: [[firstDay, lastDay]], hours, rest };
}

/** The part of a filter that sums by these context entries answer, beside what only events do. */
export function summedPart<Filter extends EventFilter>(filter: Filter, summed: readonly string[]): Filter {
  const { context = {}, is = {} } = filter;
  return {
    ...filter,
    context: Object.fromEntries(Object.entries(context).filter(([name]) => summed.includes(name))),
    is: Object.fromEntries(
      Object.entries(is).filter(([name]) =>
        name.startsWith('context.') ? summed.includes(name.slice('context.'.length)) : name !== 'cost_reason',
      ),
    ),
  };
}

/** Days that follow one another as one span. */
export function joinedDays(days: readonly number[]): Span[] {
  const spans: [number, number][] = [];
  for (const day of days) {
    const last = spans.at(-1);
    if (last?.[1] === day) last[1] = day + DAY;
    else spans.push([day, day + DAY]);
  }
  return spans;
}

/** Open ends make spans of nothing: ∞ to ∞. */
function isSpan([start, end]: Span): boolean {
  return start < end;
}

/** `support-*` as a pattern of SQL's LIKE with the escape sign `\\`. */
export function likePattern(wildcard: string): string {
  return wildcard.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%');
}
