import type { DatabaseSync, DatabaseSyncOptions } from 'node:sqlite';

/**
 * Opens a database with Node's own SQLite. Node 22 warns on stderr that the module is experimental; whoever installed
 * this package can do nothing about it, so the application's stderr stays as it is.
 */
export function openSqlite(path: string, options: DatabaseSyncOptions = {}): DatabaseSync {
  sqlite ??= withoutWarning(() => process.getBuiltinModule('node:sqlite'));
  return new sqlite.DatabaseSync(path, options);
}

let sqlite: typeof import('node:sqlite') | undefined;

/** The warning is given while the module loads, by the one function that all warnings go through. */
function withoutWarning<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (!/sqlite/i.test(String(warning))) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
