import type { DatabaseSync } from 'node:sqlite';
import type { CostEvent } from '../../metering/cost-event.ts';
import type { EventFilter } from '../ledger.ts';
import { eventFromRow } from './event-row.ts';
import { where } from './where.ts';

/** Events fetched at a time, so that no read holds back a checkpoint while the reader works on them. */
const PAGE = 500;

/** The events that pass the filter, oldest call first. */
export function* readEvents(db: DatabaseSync, filter: EventFilter): Iterable<CostEvent> {
  const { sql, values } = where(filter);
  const statement = db.prepare(
    `SELECT seq, time, event FROM cost_event ${sql} ${sql === '' ? 'WHERE' : 'AND'} (time, seq) > (?, ?)
     ORDER BY time, seq LIMIT ?`,
  );
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  let after: readonly [number, number] = [Number.MIN_SAFE_INTEGER, 0];
  while (left > 0) {
    const size = Math.min(PAGE, left);
    const page = statement.all(...values, ...after, size);
    for (const row of page) yield eventFromRow(row['event']);
    const last = page.at(-1);
    if (last === undefined || page.length < size) return;
    after = [Number(last['time']), Number(last['seq'])];
    left -= page.length;
  }
}
