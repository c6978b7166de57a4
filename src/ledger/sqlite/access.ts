import type { DatabaseSync } from 'node:sqlite';

/** What the parts of one ledger share. */
export interface DatabaseAccess {
  /** Whether the database can be used, as far as is known; asked in the request path, so nothing is tried. */
  usable(): boolean;
  /** The database with everything accepted so far in it; undefined while it cannot be used. */
  database(): DatabaseSync | undefined;
  /** Reports that it cannot be used after all. */
  failed(error: unknown): void;
}

/** Runs `work` in one write transaction. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    rollback(db);
    throw error;
  }
}

/** SQLite has often rolled back by itself (disk full); then there is nothing left to undo. */
function rollback(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // No transaction is open any more.
  }
}
