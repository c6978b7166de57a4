import type { SQLInputValue } from 'node:sqlite';
import { ConfigError, describe, didYouMean } from '../../errors.ts';
import { type Dimension, DIMENSIONS, type EventFilter } from '../ledger.ts';

/** A piece of SQL and the values of its question marks. */
export interface Sql {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

const CONTEXT_VALUE = `SELECT CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
  ELSE CAST(value AS TEXT) END FROM json_each(cost_event.context) WHERE key = ?`;

/** A call whose cost is still unknown: no adjustment has priced it since. */
export const UNPRICED = `(cost_event.kind = 'usage' AND cost_event.cost_status = 'unpriced'
  AND NOT EXISTS (SELECT 1 FROM cost_event AS later WHERE later.adjusts = cost_event.id))`;

/** The events a filter lets through, as a `WHERE` clause. */
export function where(filter: EventFilter): Sql {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (condition: string, ...given: SQLInputValue[]): void => {
    conditions.push(condition);
    values.push(...given);
  };
  if (filter.start !== undefined) add('time >= ?', milliseconds('start', filter.start));
  if (filter.end !== undefined) add('time < ?', milliseconds('end', filter.end));
  if (filter.id !== undefined) add('id = ?', filter.id);
  if (filter.customer === null) add('customer IS NULL');
  else if (filter.customer !== undefined) add('customer = ?', filter.customer);
  if (filter.provider !== undefined) add('provider = ?', filter.provider);
  if (filter.model !== undefined) add('(model = ? OR request_model = ?)', filter.model, filter.model);
  if (filter.unattributed === true) add('attribution_source IS NULL AND customer IS NULL');
  if (filter.unpriced === true) add(UNPRICED);
  for (const [name, value] of Object.entries(filter.context ?? {}))
    add(`(${CONTEXT_VALUE}) = ?`, name, value);
  return { sql: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}

/** What a dimension is called in SQL; `null` where the event does not say. */
export function dimension(name: Dimension): Sql {
  const time = TIMES[name];
  if (time !== undefined) return { sql: `strftime('${time}', time / 1000, 'unixepoch')`, values: [] };
  if ((DIMENSIONS as readonly string[]).includes(name)) return { sql: name, values: [] };
  if (/^context\../.test(name)) return { sql: `(${CONTEXT_VALUE})`, values: [name.slice('context.'.length)] };
  throw new ConfigError(
    `There is no dimension ${describe(name)}.${didYouMean(name, DIMENSIONS)} Dimensions: ${DIMENSIONS.join(', ')}, and context.<name>.`,
  );
}

/** UTC, each a beginning of an ISO time. */
const TIMES: Readonly<Record<string, string>> = {
  hour: '%Y-%m-%dT%H:00Z',
  day: '%Y-%m-%d',
  month: '%Y-%m',
};

function milliseconds(name: string, date: Date): number {
  const time = date instanceof Date ? date.getTime() : Number.NaN;
  if (Number.isNaN(time))
    throw new ConfigError(`Expected '${name}' to be a valid Date, got ${describe(date)}.`);
  return time;
}
