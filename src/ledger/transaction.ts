import type { DatabaseSync } from 'node:sqlite';

/** A transaction of another process is waited for no longer than this, unless the caller has less time. */
const PATIENCE_MS = 5;
/** How long that of another ledger takes; SQLite's own waiting sleeps for whole milliseconds and misses its turn. */
const TRY_AGAIN_MS = 0.2;

/**
 * Runs `work` in one write transaction.
 *
 * @throws what SQLite throws; `isLock` tells that another process had its transaction open all the time.
 */
export function transaction<T>(db: DatabaseSync, work: () => T, patienceMs: number = PATIENCE_MS): T {
  begin(db, patienceMs);
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

function begin(db: DatabaseSync, patienceMs: number): void {
  whileLocked(() => db.exec('BEGIN IMMEDIATE'), patienceMs, TRY_AGAIN_MS);
}

/**
 * Tries again while another process is in the way: for at most `patienceMs`, with pauses in which this thread sleeps.
 *
 * @throws what `work` threw last.
 */
export function whileLocked<T>(work: () => T, patienceMs: number, pauseMs: number): T {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isLock(error) || performance.now() > deadline) throw error;
      Atomics.wait(NEVER, 0, 0, pauseMs);
    }
  }
}

const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** The primary result code of an error of node:sqlite, whatever its extended code says. */
export function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

/** SQLite's primary result codes, https://sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;

/** Whether another process's transaction is in the way. */
export function isLock(error: unknown): boolean {
  const code = primaryCode(error);
  return code === BUSY || code === LOCKED;
}
