import { ConfigError, describe } from '../../base/errors.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import { eventFromRow } from '../event-row.ts';
import type { EventQuery } from '../ledger.ts';
import type { Database, Row } from './database.ts';
import { addDimensionFilter, addEventFilter, Conditions } from './where.ts';

/** Events fetched at a time; between two fetches other work gets its turn. */
const PAGE = 200;

/** The events that pass the filter, oldest call first, or newest. */
export async function* readEvents(database: Database, query: EventQuery): AsyncGenerator<CostEvent, void> {
  const descending = query.order === 'desc';
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  let after = query.cursor === undefined ? undefined : await placeOf(database, query.cursor);
  while (left > 0) {
    const conditions = new Conditions();
    if (query.start !== undefined) conditions.add(`time >= ${conditions.value(query.start)}`);
    if (query.end !== undefined) conditions.add(`time < ${conditions.value(query.end)}`);
    addDimensionFilter(query, conditions);
    addEventFilter(query, conditions);
    if (after !== undefined) {
      const place = `(${conditions.value(after.time)}::timestamptz, ${conditions.value(after.id)}::text)`;
      conditions.add(`(time, e.id) ${descending ? '<' : '>'} ${place}`);
    }
    const direction = descending ? 'DESC' : 'ASC';
    const size = Math.min(PAGE, left);
    const page = await database.query(
      `SELECT *, time::text AS exact_time FROM cost_event e
       ${conditions.toString()} ORDER BY time ${direction}, e.id ${direction} LIMIT ${conditions.value(size)}`,
      conditions.values,
    );
    for (const row of page) yield eventOf(row);
    const last = page.at(-1);
    if (last === undefined || page.length < size) return;
    after = { time: String(last.exact_time), id: String(last.id) };
    left -= page.length;
  }
}

/** `time` is a `Date` as the driver gives it, to the millisecond that events are known to. */
export function eventOf(row: Row): CostEvent {
  return eventFromRow({ ...row, time: row.time instanceof Date ? row.time.getTime() : row.time });
}

async function placeOf(database: Database, cursor: string): Promise<{ time: string; id: string }> {
  const [row] = await database.query('SELECT time::text AS time FROM cost_event WHERE id = $1', [cursor]);
  if (row === undefined)
    throw new ConfigError(
      `ledger.events: expected 'cursor' to be the id of an event in this ledger, got ${describe(cursor)}.`,
    );
  return { time: String(row.time), id: cursor };
}
