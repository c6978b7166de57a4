import type { DatabaseSync } from 'node:sqlite';
import type { CostEvent } from '../../metering/cost-event.ts';
import { known } from '../../base/read.ts';
import { eventFromRow } from '../event-row.ts';
import { transaction } from '../transaction.ts';
import { EventWriter, type Refused } from './event-writer.ts';
import { FileInPlace } from './file-in-place.ts';
import { openDatabase } from './open-database.ts';
import { REGISTER_SINK } from './outbox.ts';
import { EVENT_COLUMNS, EVENT_TABLES } from './read-events.ts';
import { HOUR } from '../time-buckets.ts';
import { beginRebuild, closeHours, continueRebuild, rollUpState } from './rebuild.ts';
import { RollUps } from './roll-up.ts';

export interface OpenLedgerOptions {
  readonly path: string;
  readonly fsync: boolean;
  readonly maxBytes?: number;
  readonly rollUp?: readonly string[];
  readonly busyTimeoutMs?: number;
}

/** Events a sink had not had yet that are taken along when the file is lost. */
const MAX_UNDELIVERED = 10_000;

/** A ledger's file while it is open: what depends on this very handle. */
export class OpenLedger {
  readonly db: DatabaseSync;
  readonly #place: FileInPlace | undefined;
  readonly #writer: EventWriter;
  #rebuilding: NodeJS.Immediate | undefined;
  readonly #sums: RollUps;
  /** When there is another hour to sum coarsely. */
  #closesAt = 0;
  #closed = false;

  /** @throws {CostspanError} `LEDGER_UNUSABLE` */
  static open(options: OpenLedgerOptions): OpenLedger {
    const { path, fsync, busyTimeoutMs } = options;
    const db = openDatabase(path, { fsync, ...known({ busyTimeoutMs }) });
    try {
      return new OpenLedger(db, options);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  private constructor(db: DatabaseSync, { path, maxBytes, rollUp }: OpenLedgerOptions) {
    this.db = db;
    if (maxBytes !== undefined) limitSize(db, maxBytes);
    if (path !== ':memory:') this.#place = new FileInPlace(path);
    if (rollUp !== undefined) addUpBy(db, rollUp);
    this.#writer = new EventWriter(db);
    this.#sums = new RollUps(db);
    this.#continueSums();
  }

  write(events: readonly CostEvent[]): readonly Refused[] {
    const refused = this.#writer.write(events);
    if (this.#rebuilding === undefined && Date.now() >= this.#closesAt) this.#continueSums();
    return refused;
  }

  waitForLocks(ms: number): void {
    this.db.exec(`PRAGMA busy_timeout = ${ms}`);
  }

  /** The pages of the log after which this thread moves them into the database file by itself. */
  checkpointAfter(pages: number): void {
    if (!this.#closed) this.db.exec(`PRAGMA wal_autocheckpoint = ${pages}`);
  }

  isInPlace(): boolean {
    return this.#place?.check() ?? true;
  }

  /** The sinks, and what some of them have not had yet: read from a file that is no longer at its path. */
  undelivered(): { readonly sinks: readonly string[]; readonly events: readonly CostEvent[] } {
    try {
      const sinks = this.db.prepare('SELECT sink FROM outbox_sink').all();
      const events = this.db
        .prepare(
          `SELECT ${EVENT_COLUMNS} FROM ${EVENT_TABLES} WHERE e.seq > (SELECT min(cursor) FROM outbox_sink)
             OR e.seq IN (SELECT seq FROM outbox_entry WHERE state = 'parked') ORDER BY e.seq LIMIT ?`,
        )
        .all(MAX_UNDELIVERED);
      return { sinks: sinks.map(({ sink }) => String(sink)), events: events.map(eventFromRow) };
    } catch {
      return { sinks: [], events: [] };
    }
  }

  /** Sinks of a lost file: they get what is written from now on. */
  addSinks(sinks: readonly string[]): void {
    if (sinks.length === 0) return;
    try {
      const add = this.db.prepare(REGISTER_SINK);
      transaction(this.db, () => sinks.forEach((sink) => add.run(sink)));
    } catch {
      // They add themselves when they next ask.
    }
  }

  /** Adds up all sums again, giving other work its turn. */
  async rebuild(): Promise<void> {
    transaction(this.db, () => beginRebuild(this.db, rollUpState(this.db).context));
    while (!this.#closed && (continueRebuild(this.db, this.#sums) || closeHours(this.db, this.#sums)))
      await new Promise((resolve) => setImmediate(resolve));
  }

  close(): void {
    this.#closed = true;
    clearImmediate(this.#rebuilding);
    try {
      this.db.close();
    } catch {
      // Nothing is left to do with a file that cannot even be closed.
    }
  }

  /** Step by step in idle moments; a file that is locked or full meanwhile is left to the next process, or hour. */
  #continueSums(): void {
    this.#closesAt = nextHour();
    this.#rebuilding = setImmediate(() => {
      this.#rebuilding = undefined;
      if (this.#closed) return;
      try {
        if (continueRebuild(this.db, this.#sums) || closeHours(this.db, this.#sums)) this.#continueSums();
      } catch {
        this.#sums.forget();
      }
    }).unref();
  }
}

function nextHour(): number {
  return (Math.floor(Date.now() / HOUR) + 1) * HOUR;
}

/** Adds names to those the sums are kept by; other processes on the file may have named some already. */
function addUpBy(db: DatabaseSync, names: readonly string[]): void {
  const { context } = rollUpState(db);
  const all = [...new Set([...context, ...names])];
  if (all.length > context.length) transaction(db, () => beginRebuild(db, all));
}

/** SQLite refuses, as it does on a full disk, what would make the file larger; it never cuts one that is. */
function limitSize(db: DatabaseSync, maxBytes: number): void {
  const pageSize = Number(db.prepare('PRAGMA page_size').get()?.page_size);
  db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
}
