import type { DatabaseSync } from 'node:sqlite';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostLedger, CostQuery, CostRow, EventFilter } from './ledger.ts';
import type { OutboxAdmin } from './outbox.ts';
import { eventToRow, INSERT_EVENT } from './sqlite/event-row.ts';
import { explain, openDatabase } from './sqlite/open-database.ts';
import { SqliteOutboxAdmin } from './sqlite/outbox-admin.ts';
import { queryEvents } from './sqlite/query.ts';
import { readEvents } from './sqlite/read-events.ts';

/** A ledger file, opened by hand. */
export interface LedgerFile extends CostLedger {
  readonly outboxAdmin: OutboxAdmin;
}

/**
 * Opens an existing ledger file for a program that wants an answer rather than to go on without one: whatever
 * is wrong with the file throws.
 *
 * @throws {CostspanError} `LEDGER_UNUSABLE`: absent, not a ledger, damaged, written by another version.
 */
export function openLedgerFile(path: string, options: { readonly readOnly?: boolean } = {}): LedgerFile {
  const db = openDatabase(path, { readOnly: options.readOnly ?? true });
  return new SqliteLedgerFile(path, db);
}

class SqliteLedgerFile implements LedgerFile {
  readonly name = 'sqlite';
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly outboxAdmin: OutboxAdmin;
  #closed = false;

  constructor(path: string, db: DatabaseSync) {
    this.#path = path;
    this.#db = db;
    this.outboxAdmin = new SqliteOutboxAdmin(db);
  }

  write(events: readonly CostEvent[]): void {
    this.#explained(() => {
      const insert = this.#db.prepare(INSERT_EVENT);
      for (const event of events) insert.run(...eventToRow(event, Date.now()));
    });
  }

  async *events(filter: EventFilter = {}): AsyncIterable<CostEvent> {
    try {
      yield* readEvents(this.#db, filter);
    } catch (error) {
      throw explain(this.#path, error);
    }
  }

  async query(query: CostQuery = {}): Promise<readonly CostRow[]> {
    return this.#explained(() => queryEvents(this.#db, query));
  }

  async flush(): Promise<void> {}

  async shutdown(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#db.close();
  }

  #explained<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explain(this.#path, error);
    }
  }
}
