import { diag } from '../../base/diag.ts';
import { type JsonObject, object } from '../../base/read.ts';
import type { CallMemory } from '../ledger.ts';
import type { Database } from './database.ts';
import { jsonText } from './json-text.ts';

/** The newest facts, kept in memory: a fact is asked for in the request path, where nothing may wait for a database. */
const MAX_KNOWN = 100_000;
/** How often facts of other processes are fetched. */
const FETCH_MS = 2_000;
const FETCHED_AT_START = 10_000;

/** Facts between calls, shared by all processes on the database within seconds. */
export class PostgresCallMemory implements CallMemory {
  readonly #database: Database;
  readonly #facts: Map<string, JsonObject> = new Map();
  readonly #unsaved: Map<string, readonly [kind: string, key: string, value: JsonObject]> = new Map();
  readonly #timer: NodeJS.Timeout;
  #fetchedTo: string | undefined;
  #busy = false;

  constructor(database: Database) {
    this.#database = database;
    this.#timer = setInterval(() => void this.exchange(), FETCH_MS).unref();
    void this.exchange();
  }

  remember(kind: string, key: string, value: JsonObject): void {
    const id = JSON.stringify([kind, key]);
    this.#know(id, value);
    this.#unsaved.set(id, [kind, key, value]);
    void this.exchange();
  }

  recall(kind: string, key: string): JsonObject | undefined {
    return this.#facts.get(JSON.stringify([kind, key]));
  }

  /** Saves what is new here, and fetches what is new elsewhere. Never rejects. */
  async exchange(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await this.#save();
      await this.#fetch();
    } catch (error) {
      diag.debug(`costspan: facts between calls stay in this process for now: ${String(error)}`);
    } finally {
      this.#busy = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #save(): Promise<void> {
    for (const [id, fact] of this.#unsaved) {
      const [kind, key, value] = fact;
      await this.#database.query(
        `INSERT INTO call_memory (kind, key, value) VALUES ($1, $2, $3)
         ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, kept_at = clock_timestamp()`,
        [kind, key, jsonText(value)],
      );
      if (this.#unsaved.get(id) === fact) this.#unsaved.delete(id);
    }
  }

  /** Overlaps by some seconds: a transaction may become visible later than its time says. */
  async #fetch(): Promise<void> {
    const rows = await this.#database.query(
      `SELECT kind, key, value, kept_at::text AS kept_at FROM call_memory
       WHERE kept_at > coalesce($1::timestamptz - interval '10 seconds', '-infinity') ORDER BY kept_at DESC LIMIT $2`,
      [this.#fetchedTo ?? null, FETCHED_AT_START],
    );
    for (const row of rows.toReversed()) {
      const id = JSON.stringify([row.kind, row.key]);
      const value = object(row.value);
      if (value !== undefined && !this.#unsaved.has(id)) this.#know(id, value);
    }
    const [newest] = rows;
    if (newest !== undefined) this.#fetchedTo = String(newest.kept_at);
  }

  #know(id: string, value: JsonObject): void {
    this.#facts.delete(id);
    this.#facts.set(id, value);
    const [oldest] = this.#facts.keys();
    if (this.#facts.size > MAX_KNOWN && oldest !== undefined) this.#facts.delete(oldest);
  }
}
