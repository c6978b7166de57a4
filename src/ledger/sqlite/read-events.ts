import { ConfigError, describe } from '../../base/errors.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import { DIMENSION_COLUMNS, eventFromRow, USAGE_COLUMNS } from '../event-row.ts';
import type { EventQuery } from '../ledger.ts';
import { joinedDays, type Span, summedPart } from '../plan.ts';
import { DAY } from '../time-buckets.ts';
import type { Row } from './statement.ts';
import { allOf, contextFilter, dimensionFilter, eventFilter, type Sql } from './where.ts';

/** What makes an event of a row. */
export const EVENT_COLUMNS: string = [
  'e.seq',
  'e.id',
  'e.adjusts',
  'e.time',
  'e.kept_at',
  'e.amount',
  ...USAGE_COLUMNS.map((name) => `e.${name}`),
  'e.other_usage',
  'e.context',
  'e.response_id',
  'e.trace_id',
  'e.details',
  's.facts AS shared',
  ...DIMENSION_COLUMNS.map((name) => `d.${name}`),
].join(', ');

export const EVENT_TABLES =
  'event e JOIN dimension d ON d.dim = e.dim JOIN shared_facts s ON s.shared = e.shared';

/** Events fetched at a time, so that no read holds back a checkpoint while the reader works on them. */
const PAGE = 500;
/** Between so many events other work of the process gets its turn. */
const BREATH = 100;

/** Asks the database; the answer may come from another thread. */
export type Ask = (statement: Sql) => Promise<readonly Row[]>;

/**
 * The events that pass the filter, oldest call first, or newest. `summed`: the context entries that the sums are kept by,
 * absent while these are rebuilt; by the sums, days without such an event are passed over.
 */
export async function* readEvents(
  ask: Ask,
  query: EventQuery,
  summed: readonly string[] | undefined,
): AsyncGenerator<CostEvent, void> {
  const direction = query.order === 'desc' ? DESCENDING : ASCENDING;
  const filter = allOf(among(query, summed), eventFilter(query), {
    sql: `e.time >= ? AND e.time < ? AND (e.time, e.seq) ${direction.after} (?, ?)`,
    values: [],
  });
  const sql = `SELECT ${EVENT_COLUMNS} FROM ${EVENT_TABLES} ${filter.sql}
    ORDER BY e.time ${direction.sql}, e.seq ${direction.sql} LIMIT ?`;
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  let after = await startOf(ask, query);
  let read = 0;
  for (const span of direction.inOrder(await spansOf(ask, query, summed))) {
    for (;;) {
      const size = Math.min(PAGE, left);
      // One bound at each end: of two, SQLite may go by the one that is further away.
      const [start, end] = direction.from(span, after[0]);
      if (size === 0 || start >= end) break;
      const page = await ask({ sql, values: [...filter.values, start, end, ...after, size] });
      for (const row of page) {
        yield eventFromRow(row);
        read += 1;
        if (read % BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      left -= page.length;
      const last = page.at(-1);
      if (last !== undefined) after = [Number(last.time), Number(last.seq)];
      if (page.length < size) break;
    }
    if (left === 0) return;
  }
}

type Place = readonly [time: number, seq: number];

/** What differs between reading forwards and backwards. */
interface Direction {
  readonly sql: 'ASC' | 'DESC';
  readonly after: '>' | '<';
  readonly first: Place;
  inOrder(spans: readonly Span[]): readonly Span[];
  /** What is left of a span from a time on, that time included. */
  from(span: Span, time: number): Span;
}

const [EARLIEST, LATEST] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];

const ASCENDING: Direction = {
  sql: 'ASC',
  after: '>',
  first: [EARLIEST, 0],
  inOrder: (spans) => spans,
  from: ([start, end], time) => [Math.max(start, time), end],
};

const DESCENDING: Direction = {
  sql: 'DESC',
  after: '<',
  first: [LATEST, LATEST],
  inOrder: (spans) => spans.toReversed(),
  from: ([start, end], time) => [start, Math.min(end, time + 1)],
};

/** The period of the query; without the days that have no event of the kind, where the sums tell. */
async function spansOf(
  ask: Ask,
  query: EventQuery,
  summed: readonly string[] | undefined,
): Promise<readonly Span[]> {
  const period: Span = [query.start?.getTime() ?? EARLIEST, query.end?.getTime() ?? LATEST];
  const slices = slicesOf(query, summed);
  if (slices.sql === '' || isLookup(query)) return [period];
  const days = await ask({
    sql: `SELECT DISTINCT start FROM roll_up WHERE days = 1 AND start > ? AND start < ?
      AND slice IN (SELECT slice FROM slice JOIN dimension USING (dim) ${slices.sql}) ORDER BY start`,
    values: [period[0] - DAY, period[1], ...slices.values],
  });
  return joinedDays(days.map(({ start }) => Number(start))).map(([start, end]) => [
    Math.max(start, period[0]),
    Math.min(end, period[1]),
  ]);
}

/** Found by an index of their own. */
function isLookup({ id, responseId, traceId, adjusts }: EventQuery): boolean {
  return [id, responseId, traceId, adjusts].some((given) => given !== undefined);
}

/** The part of a filter that slices answer; '' when there is none. */
function slicesOf(query: EventQuery, summed: readonly string[] | undefined): Sql {
  if (summed === undefined) return { sql: '', values: [] };
  const part = summedPart(query, summed);
  return allOf(dimensionFilter(part), contextFilter(part, 'slice.context'));
}

/** Asked of the index alone; only what passes is read. */
function among(query: EventQuery, summed: readonly string[] | undefined): Sql {
  const slices = slicesOf(query, summed);
  const { sql, values } = slices.sql === '' ? allOf(dimensionFilter(query)) : slices;
  const table = slices.sql === '' ? 'dimension' : 'slice JOIN dimension USING (dim)';
  return sql === '' ? { sql, values } : { sql: `e.dim IN (SELECT dim FROM ${table} ${sql})`, values };
}

/** Where to go on: behind the event that the cursor names. */
async function startOf(ask: Ask, { cursor, order }: EventQuery): Promise<Place> {
  if (cursor === undefined) return order === 'desc' ? DESCENDING.first : ASCENDING.first;
  const [row] = await ask({ sql: 'SELECT time, seq FROM event WHERE id = ?', values: [cursor] });
  if (row === undefined)
    throw new ConfigError(
      `ledger.events: expected 'cursor' to be the id of an event in this ledger, got ${describe(cursor)}.`,
    );
  return [Number(row.time), Number(row.seq)];
}
