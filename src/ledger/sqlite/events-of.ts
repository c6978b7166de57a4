import type { SQLInputValue } from 'node:sqlite';
import { exact } from '../../base/decimal.ts';
import type { CostQuery } from '../ledger.ts';
import type { Span } from '../plan.ts';
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
import { dimensionSql, eventFilter, isOfEvent, NOT_CORRECTED } from './where.ts';

/** From the events themselves. */
export function eventsOf(query: CostQuery, span: Span, size: number | undefined): Statement[] {
  const sums = eventSource(query, span, size, '');
  const quantities = eventSource(query, span, size, ', json_each(e.other_usage) other');
  return [
    {
      sql: `${sums.with} SELECT ${sums.columns}, sum(is_call) AS events, sum(unp AND ${NOT_CORRECTED}) AS unpriced,
        sum(est) AS estimated, sum(err) AS errors,
        ${amountSums('amount', '0', highOf('amount_e15'), lowOf('amount_e15'))},
        ${amountSums('estimated', '0', highOf('est * amount_e15'), lowOf('est * amount_e15'))},
        ${USAGE_SUMS} FROM ${sums.from} GROUP BY ${sums.by}`,
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
export function fineAmounts(query: CostQuery, span: Span, size: number | undefined): Statement {
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
