import { Recent } from '../../base/recent.ts';
import { type JsonObject, object } from '../../base/read.ts';
import type { CallMemory } from '../ledger.ts';
import { transaction } from '../transaction.ts';
import type { DatabaseAccess } from './access.ts';

/** Facts kept beside the file too, so that a file that cannot be used does not make the process forget. */
const MAX_IN_MEMORY = 10_000;

export class SqliteCallMemory implements CallMemory {
  readonly #access: DatabaseAccess;
  readonly #recent: Recent<string, JsonObject> = new Recent(MAX_IN_MEMORY);

  constructor(access: DatabaseAccess) {
    this.#access = access;
  }

  remember(kind: string, key: string, value: JsonObject): void {
    const id = JSON.stringify([kind, key]);
    this.#recent.set(id, value);
    try {
      const db = this.#access.database();
      if (db === undefined) return;
      transaction(db, () => db.prepare(REMEMBER).run(kind, key, JSON.stringify(value), Date.now()));
    } catch (error) {
      this.#access.failed(error);
    }
  }

  recall(kind: string, key: string): JsonObject | undefined {
    const recent = this.#recent.get(JSON.stringify([kind, key]));
    if (recent !== undefined) return recent;
    try {
      const row = this.#access
        .database()
        ?.prepare('SELECT value FROM call_memory WHERE kind = ? AND key = ?')
        .get(kind, key);
      return row === undefined ? undefined : object(JSON.parse(String(row.value)));
    } catch (error) {
      this.#access.failed(error);
      return undefined;
    }
  }
}

const REMEMBER = `INSERT INTO call_memory (kind, key, value, kept_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, kept_at = excluded.kept_at`;
