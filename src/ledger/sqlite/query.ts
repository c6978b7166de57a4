import type { RowPart } from '../cost-row.ts';
import type { CostQuery } from '../ledger.ts';
import { isSummed, type Span, split } from '../plan.ts';
import { bucketSize, DAY } from '../time-buckets.ts';
import { eventsOf, fineAmounts } from './events-of.ts';
import { LEVEL, type Level, levelsFor } from './levels.ts';
import type { Row } from './statement.ts';
import { sumsOf } from './sums-of.ts';
import type { Sql } from './where.ts';

/** What to ask, and how to read what comes back, statement by statement. */
export interface QueryPlan {
  readonly statements: readonly Sql[];
  parts(results: readonly (readonly Row[])[]): Iterable<RowPart>;
}

/**
 * How a query is answered: whole hours and days from the sums kept beside the events, where these know what is asked
 * for; the ragged ends, and everything else, from the events.
 *
 * @param summed the context entries that the sums are kept by; undefined while they are being rebuilt.
 * @param closed until when there are coarser sums, too.
 */
export function planQuery(
  query: CostQuery,
  summed: readonly string[] | undefined,
  closed: number = -Infinity,
): QueryPlan {
  const size = bucketSize(query);
  const [start, end] = [query.start?.getTime() ?? -Infinity, query.end?.getTime() ?? Infinity];
  const { days, hours, rest } = isSummed(query, summed, size)
    ? split(start, end, size)
    : { days: [], hours: [], rest: [[start, end] as const] };
  const levels = levelsFor(query);
  const asked = [
    ...days.flatMap((span) =>
      layered(span, levels.days, LEVEL.day, Math.floor(closed / DAY) * DAY).map(([level, part]) =>
        sumsOf(query, part, level, size),
      ),
    ),
    ...hours.flatMap((span) =>
      layered(span, levels.hours, LEVEL.hour, closed).map(([level, part]) =>
        sumsOf(query, part, level, size),
      ),
    ),
    ...rest.map((span) => eventsOf(query, span, size)),
  ].flat();
  const statements = [...asked, fineAmounts(query, [start, end], size)];
  return {
    statements: statements.map(({ sql, values }) => ({ sql, values })),
    *parts(results) {
      for (const [index, statement] of statements.entries())
        for (const row of results[index] ?? []) yield statement.read(row);
    },
  };
}

/** What is closed from the coarse level, the rest from the fine one. */
function layered([start, end]: Span, coarse: Level, fine: Level, closed: number): (readonly [Level, Span])[] {
  if (coarse === fine) return [[fine, [start, end]]];
  const at = Math.max(start, Math.min(end, closed));
  return [
    ...(start < at ? [[coarse, [start, at]] as const] : []),
    ...(at < end ? [[fine, [at, end]] as const] : []),
  ];
}
