import { type JsonObject, object } from '../../usage/read.ts';
import type { CallMemory } from '../ledger.ts';
import type { DatabaseAccess } from './access.ts';

/** Facts kept beside the file too, so that a file that cannot be used does not make the process forget. */
const MAX_IN_MEMORY = 10_000;

export class SqliteCallMemory implements CallMemory {
  readonly #access: DatabaseAccess;
  readonly #recent: Map<string, JsonObject> = new Map();

  constructor(access: DatabaseAccess) {
    this.#access = access;
  }

  remember(kind: string, key: string, value: JsonObject): void {
    const id = JSON.stringify([kind, key]);
    this.#recent.delete(id);
    this.#recent.set(id, value);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > MAX_IN_MEMORY && oldest !== undefined) this.#recent.delete(oldest);
    try {
      this.#access
        .database()
        ?.prepare(
          `INSERT INTO call_memory (kind, key, value, kept_at) VALUES (?, ?, ?, ?)
           ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, kept_at = excluded.kept_at`,
        )
        .run(kind, key, JSON.stringify(value), Date.now());
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
      return row === undefined ? undefined : object(JSON.parse(String(row['value'])));
    } catch (error) {
      this.#access.failed(error);
      return undefined;
    }
  }
}
