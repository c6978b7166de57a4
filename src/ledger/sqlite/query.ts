import type { SQLInputValue } from 'node:sqlite';
import { exact } from '../../base/decimal.ts';
import type { RowPart } from '../cost-row.ts';
import { USAGE_COLUMNS } from '../event-row.ts';
import type { CostQuery } from '../ledger.ts';
import { isSummed, type Span, split } from '../plan.ts';
import { bucketSize, DAY, HOUR, isTime, labelOf } from '../time-buckets.ts';
import { joined } from './amount.ts';
import { conditionOf, LEVEL, type Level, levelsFor } from './levels.ts';
import {
  allOf,
  contextFilter,
  dimensionFilter,
  dimensionSql,
  eventFilter,
  isOfEvent,
  NOT_CORRECTED,
  type Sql,
} from './where.ts';

/** A row as SQLite returns it. */
export type Row = Readonly<Record<string, unknown>>;

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

interface Statement extends Sql {
  read(row: Row): RowPart;
}

/** The groups of a query in SQL: the values of its dimensions, the currency, and the bucket of time. */
function groupsOf(query: CostQuery, size: number | undefined, time: string): { columns: string; by: string } {
  const names = (query.groupBy ?? []).flatMap((name, index) => (isTime(name) ? [] : [`d${index}`]));
  const bucket = size === undefined ? [] : [`${floor(time, size)} AS bucket`];
  return {
    columns: [...names, 'cur', ...bucket].join(', '),
    by: [...names, 'cur', ...(size === undefined ? [] : ['bucket'])].join(', '),
  };
}

/** SQLite divides towards zero; times before 1970 are nobody's. */
function floor(time: string, size: number): string {
  return `${time} / ${size} * ${size}`;
}

/** The slices or dimensions that the filter lets through, with the values of the query's dimensions. */
function keysOf(query: CostQuery, source: Level | 'event'): Sql {
  const dimensions = (query.groupBy ?? []).flatMap((name, index) => {
    if (isTime(name) || (source === 'event' && isOfEvent(name))) return [];
    const { sql, values } = dimensionSql(name, 'context');
    return [{ sql: `${sql} AS d${index}`, values }];
  });
  const filter = allOf(
    dimensionFilter(query),
    source === 'event' ? NONE : contextFilter(query, 'context'),
    source === 'event' ? NONE : { sql: conditionOf(source) ?? '', values: [] },
  );
  const columns = [
    source === 'event' ? 'dim AS key' : 'slice AS key',
    ...dimensions.map(({ sql }) => sql),
    `currency AS cur, usage_source = 'estimated' AS est, status = 'error' AS err, kind = 'usage' AS is_call`,
    `kind = 'usage' AND cost_status = 'unpriced' AS unp`,
  ];
  return {
    sql: `WITH d AS MATERIALIZED (SELECT ${columns.join(', ')}
      FROM ${source === 'event' ? 'dimension' : 'dimension CROSS JOIN slice USING (dim)'} ${filter.sql})`,
    values: [...dimensions.flatMap(({ values }) => values), ...filter.values],
  };
}

const NONE: Sql = { sql: '', values: [] };

/** From the sums of hours or days. */
function sumsOf(query: CostQuery, span: Span, level: Level, size: number | undefined): Statement[] {
  const keys = keysOf(query, level);
  const { columns, by } = groupsOf(query, size, 'r.start');
  const from = (table: string): Sql => rollUpOf(table, query, span, level);
  const sums = from('roll_up');
  const quantities = from('roll_up_quantity');
  return [
    {
      sql: `${keys.sql} SELECT ${columns}, sum(events) AS events, sum(r.unpriced) AS unpriced,
        sum(est * events) AS estimated, sum(err * events) AS errors,
        ${amountSums('amount', 'amount_whole', 'amount_rest')},
        ${amountSums('estimated', 'est * amount_whole', 'est * amount_rest')},
        ${USAGE_COLUMNS.map((name) => `sum(${name}) AS ${name}`).join(', ')}
        FROM ${sums.sql} GROUP BY ${by}`,
      values: [...keys.values, ...sums.values],
      read: (row) => partOf(row, query),
    },
    {
      sql: `${keys.sql} SELECT ${columns}, quantity, sum(sum) AS total FROM ${quantities.sql}
        GROUP BY ${by}, quantity`,
      values: [...keys.values, ...quantities.values],
      read: (row) => ({ ...groupOf(row, query), usage: { [String(row.quantity)]: Number(row.total) } }),
    },
  ];
}

/** The rows of some customers are looked up day by day; for everybody the whole span is read. */
function rollUpOf(table: string, query: CostQuery, [start, end]: Span, level: Level): Sql {
  const step = level === LEVEL.hour || level === LEVEL.hourOfAll ? HOUR : DAY;
  const count = (end - start) / step;
  const isOfSome = typeof query.customer === 'string' || query.is?.customer !== undefined;
  if (isOfSome && count <= MAX_LOOKED_UP) {
    const starts = Array.from({ length: count }, (_, index) => start + index * step);
    return {
      sql: `d CROSS JOIN ${table} r ON r.days = ${level} AND r.start IN (${starts.join(',')}) AND r.slice = d.key`,
      values: [],
    };
  }
  return {
    sql: `${table} r CROSS JOIN d ON d.key = r.slice WHERE r.days = ${level} AND r.start >= ? AND r.start < ?`,
    values: [bounded(start), bounded(end)],
  };
}

const MAX_LOOKED_UP = 400;

function bounded(time: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, time));
}

/** From the events themselves. */
function eventsOf(query: CostQuery, span: Span, size: number | undefined): Statement[] {
  const sums = eventSource(query, span, size, '');
  const quantities = eventSource(query, span, size, ', json_each(e.other_usage) other');
  return [
    {
      sql: `${sums.with} SELECT ${sums.columns}, sum(is_call) AS events, sum(unp AND ${NOT_CORRECTED}) AS unpriced,
        sum(est) AS estimated, sum(err) AS errors,
        ${amountSums('amount', '0', 'amount_e15')}, ${amountSums('estimated', '0', 'est * amount_e15')},
        ${USAGE_COLUMNS.map((name) => `sum(${name}) AS ${name}`).join(', ')}
        FROM ${sums.from} GROUP BY ${sums.by}`,
      values: sums.values,
      read: (row) => partOf(row, query),
    },
    {
      sql: `${quantities.with} SELECT ${quantities.columns}, other.key AS quantity, sum(other.value) AS total
        FROM ${quantities.from} AND e.other_usage IS NOT NULL GROUP BY ${quantities.by}, other.key`,
      values: quantities.values,
      read: (row) => ({ ...groupOf(row, query), usage: { [String(row.quantity)]: Number(row.total) } }),
    },
  ];
}

/** The few amounts that no integer of SQLite holds; they are added one by one. */
function fineAmounts(query: CostQuery, span: Span, size: number | undefined): Statement {
  const source = eventSource(query, span, size, '', 'INDEXED BY event_fine');
  return {
    sql: `${source.with} SELECT ${source.columns}, amount, est FROM ${source.from}
      AND e.amount_e15 IS NULL AND e.amount IS NOT NULL`,
    values: source.values,
    read: (row) => {
      const amount = exact(String(row.amount));
      return { ...groupOf(row, query), amount, ...(row.est === 1 ? { estimatedAmount: amount } : {}) };
    },
  };
}

interface EventSource {
  readonly with: string;
  readonly columns: string;
  readonly from: string;
  readonly by: string;
  readonly values: readonly SQLInputValue[];
}

function eventSource(
  query: CostQuery,
  [start, end]: Span,
  size: number | undefined,
  more: string,
  index = '',
): EventSource {
  const keys = keysOf(query, 'event');
  const { columns, by } = groupsOf(query, size, 'e.time');
  const own = (query.groupBy ?? []).flatMap((name, index) => {
    if (!isOfEvent(name)) return [];
    const { sql, values } = dimensionSql(name, 'e.context');
    return [{ name: `d${index}`, sql: `${sql} AS d${index}`, values }];
  });
  const filter = eventFilter(query);
  return {
    with: keys.sql,
    columns: columns
      .split(', ')
      .map((column) => own.find(({ name }) => name === column)?.sql ?? column)
      .join(', '),
    from: `event e ${index} CROSS JOIN d ON d.key = e.dim ${more}
      WHERE e.time >= ? AND e.time < ? ${filter.sql === '' ? '' : `AND ${filter.sql}`}`,
    by,
    values: [
      ...keys.values,
      ...own.flatMap(({ values }) => values),
      bounded(start),
      bounded(end),
      ...filter.values,
    ],
  };
}

/** A rest of 1e-15 units may use 64 bits, so its billions and what is below are added apart: no sum overflows. */
function amountSums(name: string, whole: string, rest: string): string {
  return [
    `CAST(sum(${whole}) AS TEXT) AS ${name}_whole`,
    `CAST(sum((${rest}) / ${BILLION}) AS TEXT) AS ${name}_high`,
    `CAST(sum((${rest}) % ${BILLION}) AS TEXT) AS ${name}_low`,
  ].join(', ');
}

const BILLION = 1_000_000_000n;

function amountOf(row: Row, name: string): RowPart['amount'] {
  const high = BigInt(textOrNull(row[`${name}_high`]) ?? '0');
  const low = BigInt(textOrNull(row[`${name}_low`]) ?? '0');
  return joined(row[`${name}_whole`], high * BILLION + low);
}

function partOf(row: Row, query: CostQuery): RowPart {
  const usage: Record<string, number> = {};
  for (const name of USAGE_COLUMNS) if (typeof row[name] === 'number') usage[name] = row[name];
  return {
    ...groupOf(row, query),
    events: Number(row.events),
    unpriced: Number(row.unpriced),
    estimated: Number(row.estimated),
    errors: Number(row.errors),
    amount: amountOf(row, 'amount') ?? { digits: 0n, scale: 0 },
    estimatedAmount: amountOf(row, 'estimated') ?? { digits: 0n, scale: 0 },
    usage,
  };
}

function groupOf(row: Row, { groupBy = [], timeZone }: CostQuery): Pick<RowPart, 'values' | 'currency'> {
  return {
    values: groupBy.map((name, index) =>
      isTime(name) ? labelOf(name, Number(row.bucket), timeZone) : textOrNull(row[`d${index}`]),
    ),
    currency: textOrNull(row.cur),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}
