import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { diag } from '../base/diag.ts';
import { type CostEvent, costEventFromJson } from '../metering/cost-event.ts';
import type { JsonObject } from '../base/read.ts';
import { openSqlite } from './load-sqlite.ts';
import { transaction } from './transaction.ts';

/** An event on its way to a database that is elsewhere. */
export interface Spooled {
  readonly position: number;
  readonly event: CostEvent;
}

/** Events kept in memory where no file can be written; more are dropped. */
const MAX_IN_MEMORY = 10_000;
/** Each waits some milliseconds for a lock. */
const LAST_TRIES = 200;
/** Several processes may open a new file at once. */
const OPEN_TIMEOUT_MS = 5_000;

/**
 * What waits on this host for a database elsewhere: in an SQLite file, which several processes may share and which a
 * killed process leaves to the next one; in memory, where there is no file or it cannot be written.
 */
export class Spool {
  #db: DatabaseSync | undefined;
  #insert: StatementSync | undefined;
  #memory: Spooled[] = [];
  #position = 0;
  #count = 0;

  /** `path` undefined: in memory. */
  constructor(path: string | undefined) {
    if (path === undefined) return;
    try {
      const db = openSqlite(path);
      db.exec(`PRAGMA busy_timeout = ${OPEN_TIMEOUT_MS}`);
      db.exec('PRAGMA journal_mode = WAL');
      db.exec('PRAGMA synchronous = NORMAL');
      db.exec(
        'CREATE TABLE IF NOT EXISTS spool (position INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)',
      );
      // From now on `transaction` waits.
      db.exec('PRAGMA busy_timeout = 0');
      this.#insert = db.prepare('INSERT INTO spool (event) VALUES (?)');
      this.#db = db;
      this.recount();
    } catch (error) {
      diag.error(
        `costspan: the spool ${path} cannot be used (${String(error)}). Events wait in memory, up to ${MAX_IN_MEMORY}; name another file with the option 'spool'.`,
      );
    }
  }

  /** Whether what waits outlives the process. */
  get isDurable(): boolean {
    return this.#db !== undefined;
  }

  /** What waits, as far as this process knows; others may have added to a shared file. */
  get count(): number {
    return this.#count + this.#memory.length;
  }

  /** Returns how many had to be dropped. */
  add(events: readonly CostEvent[]): number {
    return this.#toFile(events) ? 0 : this.#remember(events);
  }

  /** Writes the events to the file, with those that had to stay in memory while it was locked. */
  #toFile(events: readonly CostEvent[]): boolean {
    const [db, insert] = [this.#db, this.#insert];
    if (db === undefined || insert === undefined) return false;
    const all = [...this.#memory.map(({ event }) => event), ...events];
    try {
      transaction(db, () => all.forEach((event) => insert.run(JSON.stringify(event))));
    } catch (error) {
      diag.debug(`costspan: the spool could not be written: ${String(error)}`);
      return false;
    }
    this.#memory = [];
    this.#count += all.length;
    return true;
  }

  /** The oldest of what waits. */
  take(limit: number): readonly Spooled[] {
    const kept = this.#memory.slice(0, limit);
    if (this.#db === undefined || kept.length === limit) return kept;
    try {
      const rows = this.#db
        .prepare('SELECT position, event FROM spool ORDER BY position LIMIT ?')
        .all(limit - kept.length);
      return [
        ...kept,
        ...rows.map((row) => ({
          position: Number(row.position),
          event: costEventFromJson(JSON.parse(String(row.event)) as JsonObject),
        })),
      ];
    } catch {
      return kept;
    }
  }

  /** What has arrived waits no more. */
  remove(arrived: readonly Spooled[]): void {
    const positions = new Set(arrived.map(({ position }) => position));
    this.#memory = this.#memory.filter(({ position }) => !positions.has(position));
    const last = arrived.findLast(({ position }) => position > 0)?.position;
    if (this.#db === undefined || last === undefined) return;
    try {
      const db = this.#db;
      transaction(db, () => db.prepare('DELETE FROM spool WHERE position <= ?').run(last));
      this.recount();
    } catch {
      // It is sent once more and arrives once: the database knows the ids.
    }
  }

  recount(): void {
    this.#count = Number(this.#db?.prepare('SELECT count(*) AS count FROM spool').get()?.count ?? 0);
  }

  /** What only memory holds is written now, or lost; returns how many were. */
  close(): number {
    for (let tries = 0; tries < LAST_TRIES && this.#memory.length > 0 && this.#db !== undefined; tries++)
      this.#toFile([]);
    const lost = this.#memory.length;
    try {
      this.#db?.close();
    } catch {
      // Nothing is left to do.
    }
    this.#db = undefined;
    return lost;
  }

  /** Positions below zero, so that those in the file stay apart. */
  #remember(events: readonly CostEvent[]): number {
    const room = Math.max(0, MAX_IN_MEMORY - this.#memory.length);
    for (const event of events.slice(0, room)) {
      this.#position -= 1;
      this.#memory.push({ position: this.#position, event });
    }
    return Math.max(0, events.length - room);
  }
}
