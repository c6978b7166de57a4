import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CostspanError, messageOf } from '../../base/errors.ts';
import { primaryCode } from '../transaction.ts';

/** Turns an error of SQLite or the file system into one that says what to do. */
export function explain(path: string, error: unknown): CostspanError {
  if (error instanceof CostspanError) return error;
  const detail = messageOf(error);
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
    case SQLITE.ERROR:
      return 'has other tables than this version of Costspan knows. Update the costspan package, and report it if that does not help.';
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
const SQLITE = {
  ERROR: 1,
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
