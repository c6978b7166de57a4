import type { CostQuery } from '../ledger.ts';
import type { Span } from '../plan.ts';
import { DAY, HOUR } from '../time-buckets.ts';
import { LEVEL, type Level } from './levels.ts';
import {
  amountSums,
  bounded,
  groupOf,
  groupsOf,
  highOf,
  keysOf,
  lowOf,
  partOf,
  type Statement,
  USAGE_SUMS,
} from './statement.ts';
import { contextFilter, dimensionFilter, type Sql } from './where.ts';

/** From the sums of hours or days. */
export function sumsOf(query: CostQuery, span: Span, level: Level, size: number | undefined): Statement[] {
  const keys = keysOf(query, level);
  const { columns, by } = groupsOf(query, size, 'r.start');
  const isOneByOne = size !== undefined || isLookedUp(query, span, level);
  const sums = isOneByOne ? rollUpOf('roll_up', query, span, level) : ofSlices(query, span, level);
  const quantities = rollUpOf('roll_up_quantity', query, span, level);
  const [high, low] = isOneByOne
    ? [highOf('amount_rest'), lowOf('amount_rest')]
    : ['amount_high', 'amount_low'];
  return [
    {
      sql: `${keys.sql} SELECT ${columns}, sum(events) AS events, sum(r.unpriced) AS unpriced,
        sum(est * events) AS estimated, sum(err * events) AS errors,
        ${amountSums('amount', 'amount_whole', high, low)},
        ${amountSums('estimated', 'est * amount_whole', `est * ${high}`, `est * ${low}`)},
        ${USAGE_SUMS} FROM ${sums.sql} GROUP BY ${by}`,
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

/** Each slice added up over the span before it is asked what it is: numbers are grouped in half the time of names. */
function ofSlices(query: CostQuery, [start, end]: Span, level: Level): Sql {
  const isNarrow = [dimensionFilter(query), contextFilter(query, 'context')].some(({ sql }) => sql !== '');
  return {
    sql: `(SELECT slice, sum(events) AS events, sum(unpriced) AS unpriced, sum(amount_whole) AS amount_whole,
      sum(${highOf('amount_rest')}) AS amount_high, sum(${lowOf('amount_rest')}) AS amount_low, ${USAGE_SUMS}
      FROM roll_up WHERE days = ${level} AND start >= ? AND start < ?
      ${isNarrow ? 'AND slice IN (SELECT key FROM d)' : ''} GROUP BY slice) r CROSS JOIN d ON d.key = r.slice`,
    values: [bounded(start), bounded(end)],
  };
}

/** The rows of some customers are looked up day by day; for everybody the whole span is read. */
function rollUpOf(table: string, query: CostQuery, span: Span, level: Level): Sql {
  const [start, end] = span;
  if (isLookedUp(query, span, level)) {
    const step = stepOf(level);
    const starts = Array.from({ length: (end - start) / step }, (_, index) => start + index * step);
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

function isLookedUp(query: CostQuery, [start, end]: Span, level: Level): boolean {
  const isOfSome = typeof query.customer === 'string' || query.is?.customer !== undefined;
  return isOfSome && (end - start) / stepOf(level) <= MAX_LOOKED_UP;
}

function stepOf(level: Level): number {
  return level === LEVEL.hour || level === LEVEL.hourOfAll ? HOUR : DAY;
}

const MAX_LOOKED_UP = 400;
