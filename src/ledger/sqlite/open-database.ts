import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { CostspanError } from '../../base/errors.ts';
import { transaction, whileLocked } from '../transaction.ts';
import { explain } from './errors.ts';
import { openSqlite } from '../load-sqlite.ts';
import { APPLICATION_ID, migrate, SCHEMA_VERSION } from './schema.ts';

export interface OpenDatabaseOptions {
  readonly readOnly?: boolean;
  /** Every commit reaches the disk before it returns, so that it survives a power cut too. */
  readonly fsync?: boolean;
  /** How long a statement waits for another process's transaction. Default: 5000. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens a ledger file, creating it when it is absent. A file that is not a ledger is recognised by its header
 * before SQLite touches it, and stays as it is.
 *
 * @throws {CostspanError} `LEDGER_UNUSABLE`, saying what is wrong with the file and what to do.
 */
export function openDatabase(path: string, options: OpenDatabaseOptions = {}): DatabaseSync {
  const { busyTimeoutMs = 5000 } = options;
  try {
    // Where two processes open one new file, SQLite does not always wait: both want to turn it into a WAL database, and
    // one of them hears at once that it is locked.
    return whileLocked(() => open(path, { ...options, busyTimeoutMs }), busyTimeoutMs, LOCK_RETRY_MS);
  } catch (error) {
    throw explain(path, error);
  }
}

function open(path: string, options: OpenDatabaseOptions & { readonly busyTimeoutMs: number }): DatabaseSync {
  const { readOnly = false, fsync = false, busyTimeoutMs } = options;
  let db: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') refuseForeignFile(path, readOnly);
    db = openSqlite(path, { readOnly, enableForeignKeyConstraints: false });
    // The first statement of all, since the others wait by it. (The option `timeout` came with Node 22.16.)
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    if (readOnly) refuseOtherVersions(db, path);
    else prepare(db, path, fsync);
    return db;
  } catch (error) {
    db?.close();
    throw error;
  }
}

const LOCK_RETRY_MS = 5;

/** Creates or migrates the tables; each step is atomic, so that several processes may start at once. */
function prepare(db: DatabaseSync, path: string, fsync: boolean): void {
  if (pragma(db, 'application_id') !== APPLICATION_ID || pragma(db, 'user_version') < SCHEMA_VERSION) {
    transaction(db, () => {
      const isNew = pragma(db, 'application_id') === 0 && countTables(db) === 0;
      if (!isNew && pragma(db, 'application_id') !== APPLICATION_ID) throw foreign(path);
      // The mark is written with the tables, before the file becomes a WAL database: it is in the header at once.
      if (isNew) db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      migrate(db, pragma(db, 'user_version'));
    });
  }
  refuseOtherVersions(db, path);
  db.exec('PRAGMA journal_mode = WAL');
  db.exec(`PRAGMA synchronous = ${fsync ? 'FULL' : 'NORMAL'}`);
}

function refuseOtherVersions(db: DatabaseSync, path: string): void {
  const version = pragma(db, 'user_version');
  if (version > SCHEMA_VERSION) {
    throw new CostspanError(
      'LEDGER_UNUSABLE',
      `The ledger ${path} was written by a newer Costspan (format ${version}, this one knows ${SCHEMA_VERSION}). Update the costspan package.`,
    );
  }
  if (version < SCHEMA_VERSION) {
    throw new CostspanError(
      'LEDGER_UNUSABLE',
      `The ledger ${path} was written by an older Costspan (format ${version}, this one needs ${SCHEMA_VERSION}). Start the application once with this version, which brings the file up to date.`,
    );
  }
}

/**
 * Tells by the header, before SQLite touches the file. Closing any handle of a file drops all locks that this process has
 * on it (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled), so a database that is open, which has a
 * `-shm` file, is told by SQLite itself.
 */
function refuseForeignFile(path: string, readOnly: boolean): void {
  if (statSync(`${path}-shm`, { throwIfNoEntry: false }) !== undefined) return;
  const header = readHeader(path);
  if (header === undefined || header.length === 0) {
    if (!readOnly) return;
    throw new CostspanError(
      'LEDGER_UNUSABLE',
      header === undefined
        ? `There is no ledger at ${path}. Name the file the application writes with --db or COSTSPAN_DB.`
        : `The file ${path} is empty: no event has been kept in it yet.`,
    );
  }
  const isSqlite = header.length === 100 && header.toString('latin1', 0, 16) === 'SQLite format 3\0';
  if (!isSqlite || header.readUInt32BE(68) !== APPLICATION_ID) throw foreign(path);
}

/** The first 100 bytes; undefined when there is no file. */
function readHeader(path: string): Buffer | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(100);
    return header.subarray(0, readSync(file, header, 0, 100, 0));
  } finally {
    closeSync(file);
  }
}

function foreign(path: string): CostspanError {
  return new CostspanError(
    'LEDGER_UNUSABLE',
    `The file ${path} is not a Costspan ledger, so it is left as it is. Choose another path for the ledger.`,
  );
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
}

function countTables(db: DatabaseSync): number {
  return Number(db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables ?? 0);
}
