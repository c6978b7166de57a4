import { Recent } from '../../base/recent.ts';
import { type JsonObject, object } from '../../base/read.ts';
import type { CallMemory } from '../ledger.ts';
import { transaction } from '../transaction.ts';
import type { DatabaseAccess } from './access.ts';
import { onExit } from './on-exit.ts';

/** Facts kept beside the file too, so that a file that cannot be used does not make the process forget. */
const MAX_IN_MEMORY = 10_000;
/** What the file did not take is written after 20 ms, 40 ms … at most a minute. */
const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 60_000;

interface Fact {
  readonly kind: string;
  readonly key: string;
  readonly value: string;
  readonly at: number;
}

export class SqliteCallMemory implements CallMemory {
  readonly #access: DatabaseAccess;
  readonly #recent: Recent<string, JsonObject> = new Recent(MAX_IN_MEMORY);
  /** Not in the file yet. */
  readonly #unwritten: Recent<string, Fact> = new Recent(MAX_IN_MEMORY);
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #forgetExit: () => void = () => {};

  constructor(access: DatabaseAccess) {
    this.#access = access;
  }

  remember(kind: string, key: string, value: JsonObject): void {
    const id = JSON.stringify([kind, key]);
    this.#recent.set(id, value);
    this.#unwritten.set(id, { kind, key, value: JSON.stringify(value), at: Date.now() });
    try {
      this.#write();
    } catch (error) {
      this.#access.failed(error);
    }
    if (this.#unwritten.size > 0) this.#writeLater();
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

  /** Writes what the file has not taken yet; whether it has everything now. Never throws. */
  flush(): boolean {
    try {
      this.#write(0);
    } catch {
      // Locked still. What is wrong with the file for good, the events that wait for it say.
    }
    return this.#unwritten.size === 0;
  }

  /** No more retries. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#forgetExit();
  }

  #write(patienceMs?: number): void {
    if (this.#unwritten.size === 0) return;
    const db = this.#access.database();
    if (db === undefined) return;
    transaction(
      db,
      () => {
        const statement = db.prepare(REMEMBER);
        for (const { kind, key, value, at } of this.#unwritten.values()) statement.run(kind, key, value, at);
      },
      patienceMs,
    );
    this.#unwritten.clear();
    this.#retryMs = FIRST_RETRY_MS;
    this.stop();
  }

  #writeLater(): void {
    if (this.#timer !== undefined) return;
    this.#forgetExit();
    this.#forgetExit = onExit(() => this.flush());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.flush()) this.#writeLater();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}

/** What another process has learnt since stays. */
const REMEMBER = `INSERT INTO call_memory (kind, key, value, kept_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, kept_at = excluded.kept_at
  WHERE excluded.kept_at >= call_memory.kept_at`;
