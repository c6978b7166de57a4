import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CostspanError } from '../../errors.ts';
import { transaction } from './access.ts';
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
  const { readOnly = false, fsync = false, busyTimeoutMs = 5000 } = options;
  let db: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') refuseForeignFile(path, readOnly);
    db = new DatabaseSync(path, { readOnly });
    // The first statement of all: switching to WAL takes a lock of its own, and two processes that open one new
    // file would otherwise meet in "database is locked". (The option `timeout` came with Node 22.16.)
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    if (readOnly) refuseOtherVersions(db, path);
    else prepare(db, path, fsync);
    return db;
  } catch (error) {
    db?.close();
    throw explain(path, error);
  }
}

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

function refuseForeignFile(path: string, readOnly: boolean): void {
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

/** Turns an error of SQLite or the file system into one that says what to do. */
export function explain(path: string, error: unknown): CostspanError {
  if (error instanceof CostspanError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new CostspanError('LEDGER_UNUSABLE', `The ledger ${path} ${advice(path, error)} (${detail})`, {
    cause: error,
  });
}

function advice(path: string, error: unknown): string {
  switch (primaryCode(error)) {
    case SQLITE.BUSY:
    case SQLITE.LOCKED:
      return 'is locked by another process. Look for a program that keeps a transaction open on it.';
    case SQLITE.READONLY:
      return 'cannot be written. Give this process write access to the file and its folder.';
    case SQLITE.FULL:
      return 'cannot grow: the disk is full. Free some space, or raise maxBytes where it is set; keeping resumes by itself.';
    case SQLITE.CORRUPT:
    case SQLITE.NOTADB:
      return 'is damaged. Move it away, recover what it holds with `sqlite3 <file> .recover`, and start with a new file.';
    case SQLITE.IOERR:
      return 'cannot be read or written by the file system. Check the disk.';
    default:
      return openAdvice(path, error);
  }
}

function openAdvice(path: string, error: unknown): string {
  const folder = dirname(path);
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return `cannot be opened: the folder ${folder} does not exist. Create it.`;
  if (!stats.isDirectory()) return `cannot be opened: ${folder} is no folder. Choose another path.`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EISDIR' || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    return 'cannot be opened: it is a folder. Choose another path.';
  return 'cannot be opened. Give this process read and write access to the file and its folder.';
}

/** SQLite's primary result codes, https://sqlite.org/rescode.html */
export const SQLITE = {
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  NOTADB: 26,
} as const;

/** A limit or a rule of one row, no trouble of the file. */
const ROW_CODES: ReadonlySet<number> = new Set([18, 19, 20]); // TOOBIG, CONSTRAINT, MISMATCH

/** Whether what failed was the row that was to be written: the file is fine. */
export function isRowError(error: unknown): boolean {
  const code = primaryCode(error);
  return code === undefined ? error instanceof TypeError || error instanceof RangeError : ROW_CODES.has(code);
}

/** The primary result code of an error of node:sqlite, whatever its extended code says. */
export function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
}

function countTables(db: DatabaseSync): number {
  return Number(db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables'] ?? 0);
}
