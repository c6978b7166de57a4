import type { DatabaseSync } from 'node:sqlite';
import type { JsonObject } from '../../base/read.ts';
import { USAGE_COLUMNS } from '../event-row.ts';
import { transaction } from '../transaction.ts';
import { CLOSED, closedUntil, lastClosable } from './closed-hours.ts';
import { RollUps } from './roll-up.ts';
import { NOT_CORRECTED } from './where.ts';

/** Events added in one go: a transaction of a few milliseconds. */
const STEP = 200;

/**
 * Throws the sums away and has them added up again, step by step; `context`: the entries they are kept by from now on.
 * Runs inside the transaction the caller opened.
 */
export function beginRebuild(db: DatabaseSync, context: readonly string[]): void {
  for (const table of ['roll_up', 'roll_up_quantity', 'slice']) db.exec(`DELETE FROM ${table}`);
  db.exec(`DELETE FROM setting WHERE name = '${CLOSED}'`);
  const set = db.prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)');
  set.run('roll_up_context', JSON.stringify(context));
  set.run('roll_up_from', '0');
  set.run('roll_up_to', String(db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM event').get()?.seq));
}

/** Adds up the next events of a rebuild, in a transaction of its own; `false` when there is nothing left to do. */
export function continueRebuild(db: DatabaseSync, rollUps: RollUps): boolean {
  return transaction(db, () => {
    const bounds = rebuildBounds(db);
    if (bounds === undefined) return false;
    const rows = db.prepare(EVENTS).all(bounds.from, bounds.to, STEP);
    rollUps.begin();
    for (const row of rows) {
      rollUps.add({
        seq: Number(row.seq),
        dim: Number(row.dim),
        time: Number(row.time),
        context: parsed(row.context),
        events: Number(row.events),
        unpriced: Number(row.unpriced),
        units: row.units === null ? null : BigInt(String(row.units)),
        usage: USAGE_COLUMNS.map((name) => (typeof row[name] === 'number' ? row[name] : null)),
        otherUsage: parsed(row.other_usage) as Readonly<Record<string, number>> | null,
      });
    }
    rollUps.flush();
    const last = rows.at(-1)?.seq;
    if (last === undefined || rows.length < STEP) db.exec(FINISH);
    else db.prepare(`UPDATE setting SET value = ? WHERE name = 'roll_up_from'`).run(String(last));
    return last !== undefined && rows.length === STEP;
  });
}

/** Sums further hours that are over coarsely, in a transaction of its own; `false` when there is nothing left to do. */
export function closeHours(db: DatabaseSync, rollUps: RollUps, now: number = Date.now()): boolean {
  return transaction(db, () => rebuildBounds(db) === undefined && rollUps.closeHours(lastClosable(now)));
}

/** Which events are still to be added; undefined when the sums are complete. */
function rebuildBounds(db: DatabaseSync): { from: number; to: number } | undefined {
  const value = (name: string): number | undefined => {
    const found = db.prepare('SELECT value FROM setting WHERE name = ?').get(name)?.value;
    return found === undefined ? undefined : Number(found);
  };
  const [from, to] = [value('roll_up_from'), value('roll_up_to')];
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** The context entries that the sums are kept by, whether these are complete, and until when there are coarser ones. */
export function rollUpState(db: DatabaseSync): {
  readonly context: readonly string[];
  readonly complete: boolean;
  readonly closed: number;
} {
  const text = db.prepare(`SELECT value FROM setting WHERE name = 'roll_up_context'`).get()?.value;
  return {
    context: JSON.parse(String(text ?? '[]')) as string[],
    complete: rebuildBounds(db) === undefined,
    closed: closedUntil(db.prepare(`SELECT value FROM setting WHERE name = '${CLOSED}'`).get()?.value).start,
  };
}

const FINISH = `DELETE FROM setting WHERE name IN ('roll_up_from', 'roll_up_to')`;

const EVENTS = `SELECT seq, e.dim, time, context, other_usage, CAST(amount_e15 AS TEXT) AS units,
    kind = 'usage' AS events, kind = 'usage' AND cost_status = 'unpriced' AND ${NOT_CORRECTED} AS unpriced,
    ${USAGE_COLUMNS.join(', ')}
  FROM event e JOIN dimension USING (dim) WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`;

function parsed(value: unknown): JsonObject | null {
  return typeof value === 'string' ? (JSON.parse(value) as JsonObject) : null;
}
