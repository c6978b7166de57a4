import type { EventFilter } from '../ledger.ts';
import { likePattern } from '../plan.ts';
import type { Queries } from './database.ts';
import { jsonText } from './json-text.ts';

/** Conditions that share one list of values: `$1`, `$2`, … */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #conditions: string[] = [];

  /** Stands for a value in SQL. */
  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  add(condition: string): void {
    this.#conditions.push(condition);
  }

  /** `WHERE a AND b`, or nothing. */
  toString(): string {
    return this.#conditions.length === 0 ? '' : `WHERE ${this.#conditions.join(' AND ')}`;
  }
}

/** Reports show the key a customer was merged into; its events keep the key they were made under. */
const OWNER = '(SELECT into_key FROM customer_merge WHERE from_key = customer)';

/** What a dimension is called in SQL. */
export function dimensionSql(name: string, conditions: Conditions): string {
  if (name === 'customer') return `coalesce(${OWNER}, customer)`;
  if (name === 'model') return 'coalesce(response_model, request_model)';
  if (name === 'cost_reason') return `coalesce(shared #>> '{cost,reason}', details #>> '{cost,reason}')`;
  if (!name.startsWith('context.')) return name;
  return contextValue(name.slice('context.'.length), conditions);
}

function contextValue(name: string, conditions: Conditions): string {
  return `(context ->> ${conditions.value(name)}::text)`;
}

/** The keys that events of the customers in question stand under; absent where the filter names none. */
export type Keys = readonly string[] | undefined;

/** Asked first, and given as values: then PostgreSQL knows how rare a customer is. */
export async function keysOf(query: Queries, { customer, is = {} }: EventFilter): Promise<Keys> {
  const named = typeof customer === 'string' ? [customer] : [is.customer ?? null].flat();
  if (customer === null || named.includes(null)) return undefined;
  const rows = await query(
    `WITH owner AS (
       SELECT coalesce(into_key, named) AS key FROM unnest($1::text[]) AS named
       LEFT JOIN customer_merge ON from_key = named
     )
     SELECT key FROM owner UNION SELECT from_key FROM customer_merge JOIN owner ON into_key = key`,
    [named],
  );
  return rows.map(({ key }) => String(key));
}

/** What slices can answer: dimensions and the context they are kept by. */
export function addDimensionFilter(filter: EventFilter, conditions: Conditions, keys: Keys): void {
  if (filter.customer === null) conditions.add('customer IS NULL');
  if (keys !== undefined) conditions.add(`customer = ANY(${conditions.value(keys)}::text[])`);
  for (const name of ['provider', 'operation', 'service', 'status'] as const)
    if (filter[name] !== undefined) conditions.add(`${name} = ${conditions.value(filter[name])}`);
  if (filter.costStatus !== undefined) conditions.add(`cost_status = ${conditions.value(filter.costStatus)}`);
  if (filter.model !== undefined)
    conditions.add(`${conditions.value(filter.model)} IN (request_model, response_model)`);
  if (filter.unattributed !== undefined)
    conditions.add(`${filter.unattributed ? '' : 'NOT '}(attribution_source IS NULL AND customer IS NULL)`);
  for (const [name, value] of Object.entries(filter.context ?? {})) {
    const column = contextValue(name, conditions);
    const wanted = String(value);
    if (wanted === '*') conditions.add(`${column} IS NOT NULL`);
    else if (wanted.includes('*')) conditions.add(`${column} LIKE ${conditions.value(likePattern(wanted))}`);
    else {
      addIndexed(name, [wanted], conditions);
      conditions.add(`${column} = ${conditions.value(wanted)}`);
    }
  }
  for (const [name, wanted] of Object.entries(filter.is ?? {})) {
    const column = dimensionSql(name, conditions);
    const texts = [wanted].flat().filter((each) => each !== null);
    if (name.startsWith('context.') && texts.length === [wanted].flat().length)
      addIndexed(name.slice('context.'.length), texts, conditions);
    const among = `${column} = ANY(${conditions.value(texts)}::text[])`;
    conditions.add(texts.length === [wanted].flat().length ? among : `(${among} OR ${column} IS NULL)`);
  }
}

/** Says the same as the exact condition beside it, in the words that the index of contexts knows. */
function addIndexed(name: string, texts: readonly string[], conditions: Conditions): void {
  // The text of a list or an object may be written in many ways.
  if (texts.length === 0 || texts.length > MAX_INDEXED || texts.some((text) => /^[[{]/.test(text))) return;
  const contained = texts
    .flatMap((text) =>
      /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(text) ? [text, jsonText(text)] : [jsonText(text)],
    )
    .map((value) => `context @> ${conditions.value(`{${jsonText(name)}:${value}}`)}::jsonb`);
  conditions.add(`(${contained.join(' OR ')})`);
}

const MAX_INDEXED = 20;

export const IS_UNPRICED = `(kind = 'usage' AND cost_status = 'unpriced'
  AND NOT EXISTS (SELECT 1 FROM cost_event later WHERE later.adjusts = e.id))`;

/** What only the events themselves answer. */
export function addEventFilter(filter: EventFilter, conditions: Conditions): void {
  if (filter.id !== undefined) conditions.add(`e.id = ${conditions.value(filter.id)}`);
  if (filter.responseId !== undefined) conditions.add(`response_id = ${conditions.value(filter.responseId)}`);
  if (filter.traceId !== undefined) conditions.add(`trace_id = ${conditions.value(filter.traceId)}`);
  if (filter.adjusts !== undefined) conditions.add(`e.adjusts = ${conditions.value(filter.adjusts)}`);
  if (filter.unpriced !== undefined) conditions.add(`${filter.unpriced ? '' : 'NOT '}${IS_UNPRICED}`);
  if (filter.minCost !== undefined)
    conditions.add(`amount >= ${conditions.value(String(filter.minCost))}::numeric`);
  if (filter.maxCost !== undefined)
    conditions.add(`amount <= ${conditions.value(String(filter.maxCost))}::numeric`);
}
