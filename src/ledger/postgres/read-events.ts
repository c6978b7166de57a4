import { ConfigError, describe } from '../../base/errors.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import { eventFromRow } from '../event-row.ts';
import type { EventQuery } from '../ledger.ts';
import type { Database, Row } from './database.ts';
import { placesOf } from './places.ts';
import { addDimensionFilter, addEventFilter, Conditions, keysOf } from './where.ts';

/** Events fetched at a time; between two fetches other work gets its turn. */
const PAGE = 200;

/** The events that pass the filter, oldest call first, or newest. */
export async function* readEvents(database: Database, query: EventQuery): AsyncGenerator<CostEvent, void> {
  const { keys, places } = await database.transaction(async (run) => {
    const keys = await keysOf(run, query);
    return { keys, places: await placesOf(run, query, keys) };
  });
  const descending = query.order === 'desc';
  const direction = descending ? 'DESC' : 'ASC';
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  let after = query.cursor === undefined ? undefined : await placeOf(database, query.cursor);
  const spans = places.days ?? [[undefined, undefined] as const];
  for (const [start, end] of descending ? spans.toReversed() : spans) {
    while (left > 0) {
      const conditions = new Conditions();
      for (const from of [query.start, start]) if (from !== undefined) addTime('>=', from, conditions);
      for (const until of [query.end, end]) if (until !== undefined) addTime('<', until, conditions);
      addDimensionFilter(query, conditions, keys);
      addEventFilter(query, conditions);
      if (after !== undefined) {
        const place = `(${conditions.value(after.time)}::timestamptz, ${conditions.value(after.id)}::text)`;
        conditions.add(`(time, e.id) ${descending ? '<' : '>'} ${place}`);
      }
      const size = Math.min(PAGE, left);
      const order = `ORDER BY time ${direction}, e.id ${direction} LIMIT ${conditions.value(size)}`;
      const page = await database.query(
        `SELECT e.*, e.time::text AS exact_time FROM ${sourceOf(places.keys, conditions, order)} ${order}`,
        conditions.values,
      );
      for (const row of page) yield eventOf(row);
      const last = page.at(-1);
      if (last !== undefined) after = { time: String(last.exact_time), id: String(last.id) };
      left -= page.length;
      if (page.length < size) break;
    }
  }
}

function addTime(operator: '>=' | '<', time: Date | number, conditions: Conditions): void {
  conditions.add(`time ${operator} ${conditions.value(new Date(time))}`);
}

/** Customer by customer, each in the order of its index: so the newest of a rare one are found without the others. */
function sourceOf(keys: readonly string[] | undefined, conditions: Conditions, order: string): string {
  if (keys === undefined) return `cost_event e ${conditions.toString()}`;
  const each = `unnest(${conditions.value(keys)}::text[]) AS of_key`;
  conditions.add('e.customer = of_key');
  return `${each} CROSS JOIN LATERAL (SELECT * FROM cost_event e ${conditions.toString()} ${order}) e`;
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
