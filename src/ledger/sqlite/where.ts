import type { SQLInputValue } from 'node:sqlite';
import { type Exact, parseDecimal } from '../../base/decimal.ts';
import type { EventFilter } from '../ledger.ts';
import { likePattern } from '../plan.ts';
import { amountUnits } from './amount.ts';

/** A piece of SQL and the values of its question marks. */
export interface Sql {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** Reports show the key a customer was merged into; its events keep the key they were made under. */
const OWNER = `coalesce((SELECT into_key FROM customer_merge WHERE from_key = customer), customer)`;

/** What a dimension is called in SQL; `null` where the event does not say. Of an event `e` where only that knows it. */
export function dimensionSql(name: string, context: string): Sql {
  if (name === 'cost_reason') return { sql: COST_REASON, values: [] };
  if (name === 'customer') return { sql: OWNER, values: [] };
  if (name === 'model') return { sql: 'coalesce(response_model, request_model)', values: [] };
  if (!name.startsWith('context.')) return { sql: name, values: [] };
  return { sql: `(${contextValue(context)})`, values: [name.slice('context.'.length)] };
}

/** Events of the first format keep it with their other details. */
const COST_REASON = `coalesce((SELECT facts ->> '$.cost.reason' FROM shared_facts WHERE shared = e.shared),
  e.details ->> '$.cost.reason')`;

/** Whether neither a dimension nor a sum knows it. */
export function isOfEvent(dimension: string): boolean {
  return dimension === 'cost_reason' || dimension.startsWith('context.');
}

/** One entry of a context as text. */
function contextValue(context: string): string {
  return `SELECT CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
    ELSE CAST(value AS TEXT) END FROM json_each(${context}) WHERE key = ? AND type <> 'null'`;
}

/** The part of a filter that the table `dimension` answers; '' when there is none. */
export function dimensionFilter(filter: EventFilter): Sql {
  const { conditions, values, add } = collector();
  if (filter.customer === null) add('customer IS NULL');
  else if (filter.customer !== undefined) {
    const owner = `coalesce((SELECT into_key FROM customer_merge WHERE from_key = ?), ?)`;
    add(
      `customer IN (SELECT ${owner} UNION SELECT from_key FROM customer_merge WHERE into_key = ${owner})`,
      ...Array<string>(4).fill(filter.customer),
    );
  }
  for (const name of ['provider', 'operation', 'service', 'status'] as const)
    if (filter[name] !== undefined) add(`${name} = ?`, filter[name]);
  if (filter.costStatus !== undefined) add('cost_status = ?', filter.costStatus);
  if (filter.model !== undefined) add('? IN (request_model, response_model)', filter.model);
  if (filter.unattributed !== undefined)
    add(`${filter.unattributed ? '' : 'NOT '}(attribution_source IS NULL AND customer IS NULL)`);
  if (filter.unpriced === true) add(`kind = 'usage' AND cost_status = 'unpriced'`);
  for (const [name, wanted] of Object.entries(filter.is ?? {}))
    if (!isOfEvent(name)) addValue(add, dimensionSql(name, ''), wanted);
  return { sql: conditions.join(' AND '), values };
}

/** The part of a filter that only the events themselves answer, without their time; '' when there is none. */
export function eventFilter(filter: EventFilter): Sql {
  const { conditions, values, add } = collector();
  if (filter.id !== undefined) add('e.id = ?', filter.id);
  if (filter.responseId !== undefined) add('e.response_id = ?', filter.responseId);
  if (filter.traceId !== undefined) add('e.trace_id = ?', filter.traceId);
  if (filter.adjusts !== undefined) add('e.adjusts = ?', filter.adjusts);
  if (filter.unpriced === true) add(NOT_CORRECTED);
  if (filter.unpriced === false)
    add(`NOT (${NOT_CORRECTED} AND e.dim IN (SELECT dim FROM dimension
    WHERE kind = 'usage' AND cost_status = 'unpriced'))`);
  if (filter.minCost !== undefined) addBound(add, '>=', String(filter.minCost));
  if (filter.maxCost !== undefined) addBound(add, '<=', String(filter.maxCost));
  const context = contextFilter(filter, 'e.context');
  if (context.sql !== '') add(context.sql, ...context.values);
  return { sql: conditions.join(' AND '), values };
}

/** Whether no adjustment has priced the event since. */
export const NOT_CORRECTED = 'NOT EXISTS (SELECT 1 FROM event later WHERE later.adjusts = e.id)';

export function contextFilter({ context = {}, is = {} }: EventFilter, column: string): Sql {
  const { conditions, values, add } = collector();
  for (const [name, value] of Object.entries(context)) {
    const wanted = String(value);
    if (wanted === '*') add(`(${contextValue(column)}) IS NOT NULL`, name);
    else if (wanted.includes('*'))
      add(`(${contextValue(column)}) LIKE ? ESCAPE '\\'`, name, likePattern(wanted));
    else add(`(${contextValue(column)}) = ?`, name, wanted);
  }
  for (const [name, wanted] of Object.entries(is))
    if (isOfEvent(name)) addValue(add, dimensionSql(name, column), wanted);
  return { sql: conditions.join(' AND '), values };
}

/** One of the values of a dimension, or none. */
function addValue(
  add: Collector['add'],
  { sql, values }: Sql,
  wanted: NonNullable<EventFilter['is']>[string],
): void {
  const texts = [wanted].flat().filter((each) => each !== null);
  const among = `${sql} IN (${texts.map(() => '?').join(', ')})`;
  if (texts.length === [wanted].flat().length) add(among, ...values, ...texts);
  else add(`(${among} OR ${sql} IS NULL)`, ...values, ...texts, ...values);
}

/** Amounts that `amount_e15` cannot hold are compared as floats: they are far from any bound, or far too fine for it. */
function addBound(add: Collector['add'], operator: '>=' | '<=', amount: string): void {
  const units = amountUnits(amount) ?? clamped(parseDecimal(amount));
  add(
    `(e.amount_e15 ${operator} ? OR (e.amount_e15 IS NULL AND CAST(e.amount AS REAL) ${operator} ?))`,
    units,
    Number(amount),
  );
}

function clamped(value: Exact | undefined): bigint {
  const most = 2n ** 63n - 1n;
  if (value === undefined || value.digits === 0n) return 0n;
  const units = (value.digits * 10n ** 15n) / 10n ** BigInt(value.scale);
  if (units > most) return most;
  return units < -most ? -most : units;
}

interface Collector {
  readonly conditions: string[];
  readonly values: SQLInputValue[];
  readonly add: (condition: string, ...values: readonly SQLInputValue[]) => void;
}

function collector(): Collector {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  return {
    conditions,
    values,
    add: (condition, ...given) => {
      conditions.push(condition);
      values.push(...given);
    },
  };
}

/** `WHERE a AND b` from what is there of both. */
export function allOf(...parts: readonly Sql[]): Sql {
  const given = parts.filter(({ sql }) => sql !== '');
  return {
    sql: given.length === 0 ? '' : `WHERE ${given.map(({ sql }) => sql).join(' AND ')}`,
    values: given.flatMap(({ values }) => values),
  };
}
