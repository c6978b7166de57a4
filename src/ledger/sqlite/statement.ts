import type { RowPart } from '../cost-row.ts';
import { USAGE_COLUMNS } from '../event-row.ts';
import type { CostQuery } from '../ledger.ts';
import { isTime, labelOf } from '../time-buckets.ts';
import { joined } from './amount.ts';
import { conditionOf, type Level } from './levels.ts';
import { allOf, contextFilter, dimensionFilter, dimensionSql, isOfEvent, type Sql } from './where.ts';

/** A row as SQLite returns it. */
export type Row = Readonly<Record<string, unknown>>;

/** SQL, and how to read a row of its answer. */
export interface Statement extends Sql {
  read(row: Row): RowPart;
}

/** The groups of a query in SQL: the values of its dimensions, the currency, and the bucket of time. */
export function groupsOf(
  query: CostQuery,
  size: number | undefined,
  time: string,
): { columns: string; by: string } {
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
export function keysOf(query: CostQuery, source: Level | 'event'): Sql {
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

export function bounded(time: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, time));
}

/** The sums of the quantities with a column. */
export const USAGE_SUMS: string = USAGE_COLUMNS.map((name) => `sum(${name}) AS ${name}`).join(', ');

export function amountSums(name: string, whole: string, high: string, low: string): string {
  return [
    `CAST(sum(${whole}) AS TEXT) AS ${name}_whole`,
    `CAST(sum(${high}) AS TEXT) AS ${name}_high`,
    `CAST(sum(${low}) AS TEXT) AS ${name}_low`,
  ].join(', ');
}

/** A rest of 1e-15 units may use 64 bits, so its billions and what is below are added apart: no sum overflows. */
export function highOf(rest: string): string {
  return `(${rest}) / ${BILLION}`;
}

export function lowOf(rest: string): string {
  return `(${rest}) % ${BILLION}`;
}

const BILLION = 1_000_000_000n;

function amountOf(row: Row, name: string): RowPart['amount'] {
  const high = BigInt(textOrNull(row[`${name}_high`]) ?? '0');
  const low = BigInt(textOrNull(row[`${name}_low`]) ?? '0');
  return joined(row[`${name}_whole`], high * BILLION + low);
}

export function partOf(row: Row, query: CostQuery): RowPart {
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

export function groupOf(
  row: Row,
  { groupBy = [], timeZone }: CostQuery,
): Pick<RowPart, 'values' | 'currency'> {
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
