import { statSync } from 'node:fs';

/**
 * Whether the file that was opened is still the one at its path. SQLite goes on writing to a file that was removed,
 * renamed or replaced, and everything is gone when the process ends.
 */
export class FileInPlace {
  readonly #path: string;
  #database: string | undefined;
  #log: string | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#database = identity(path);
  }

  /** A path that cannot be looked at says nothing. */
  check(): boolean {
    if (this.#database === undefined) return true;
    const [database, log] = [identity(this.#path), identity(`${this.#path}-wal`)];
    if (database !== this.#database && database !== undefined) return false;
    // The log comes with the first write.
    this.#log ??= log === ABSENT ? undefined : log;
    return this.#log === undefined || log === undefined || log === this.#log;
  }
}

const ABSENT = 'absent';

function identity(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? ABSENT : `${stats.dev}:${stats.ino}`;
  } catch {
    return undefined;
  }
}
