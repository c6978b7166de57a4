import type { DatabaseSync } from 'node:sqlite';
import type { CostEvent } from '../../metering/cost-event.ts';
import type { BudgetStore } from '../budget-store.ts';
import type { DatabaseAccess } from './access.ts';
import { SqliteBudgetStore } from './budget-store.ts';
import { SqliteCallMemory } from './call-memory.ts';
import { diag } from '../../base/diag.ts';
import { costEventFrom } from '../../metering/check-event.ts';
import type { CallMemory, CostQuery, CostRow, EventQuery, OpenedLedger } from '../ledger.ts';
import type { CustomerRegistry } from '../customers.ts';
import type { OutboxAdmin } from '../../delivery/outbox.ts';
import { transaction } from '../transaction.ts';
import { Answers } from './answers.ts';
import { SqliteCustomers } from './customers.ts';
import { explain } from './errors.ts';
import { EventWriter } from './event-writer.ts';
import { keepLookupIndex } from './lookup-index.ts';
import { openDatabase } from './open-database.ts';
import { SqliteOutboxAdmin } from './outbox-admin.ts';
import { background } from './background.ts';
import { beginRebuild, closeHours, continueRebuild, rollUpState } from './rebuild.ts';
import { RollUps } from './roll-up.ts';
import { leftBehind } from './waiting-file.ts';

export interface OpenOptions {
  /** Default: `true`. */
  readonly readOnly?: boolean;
  /** A program that answers many at once reads beside its own thread. Default: `false`. */
  readonly beside?: boolean;
}

/**
 * Opens an existing ledger file for a program that wants an answer rather than to go on without one: whatever
 * is wrong with the file throws.
 *
 * @throws {CostspanError} `LEDGER_UNUSABLE`: absent, not a ledger, damaged, written by another version.
 */
export function openLedgerFile(
  path: string,
  { readOnly = true, beside = false }: OpenOptions = {},
): OpenedLedger {
  const db = openDatabase(path, { readOnly });
  bringIn(path);
  return new SqliteLedgerFile(path, db, beside);
}

/** What processes left that were killed while the file was locked: without it, every answer would be too small. */
function bringIn(path: string): void {
  const left = leftBehind(path, false).filter(({ events }) => events.length > 0);
  if (left.length === 0) return;
  try {
    const db = openDatabase(path);
    try {
      const writer = new EventWriter(db);
      for (const { events, done } of left) if (writer.write(events).length === 0) done();
    } finally {
      db.close();
    }
  } catch (error) {
    const count = left.reduce((sum, { events }) => sum + events.length, 0);
    diag.warn(
      `costspan: ${count} events of a process that was killed stand beside ${path} and could not be brought into it; no answer counts them. The next application that writes to the ledger brings them.`,
      error,
    );
  }
}

class SqliteLedgerFile implements OpenedLedger {
  readonly name = 'sqlite';
  readonly outboxAdmin: OutboxAdmin;
  readonly customers: CustomerRegistry;
  readonly #path: string;
  readonly #beside: boolean;
  readonly #db: DatabaseSync;
  readonly memory: CallMemory;
  readonly budgets: BudgetStore;
  readonly #answers: Answers;
  #writer: EventWriter | undefined;
  #closed = false;

  constructor(path: string, db: DatabaseSync, beside: boolean) {
    this.#beside = beside;
    this.#path = path;
    this.#db = db;
    this.#answers = new Answers(path, () => db, { beside });
    this.outboxAdmin = new SqliteOutboxAdmin(db);
    const access: DatabaseAccess = {
      usable: () => !this.#closed,
      database: () => db,
      failed: (error) => {
        throw explain(path, error);
      },
    };
    this.memory = new SqliteCallMemory(access);
    this.budgets = new SqliteBudgetStore(access);
    this.customers = new SqliteCustomers(() => db);
  }

  write(events: readonly CostEvent[]): void {
    const checked = events.map(costEventFrom);
    this.#writer ??= new EventWriter(this.#db);
    try {
      const [refused] = this.#writer.write(checked);
      if (refused !== undefined) throw refused.error;
    } catch (error) {
      throw explain(this.#path, error);
    }
  }

  events(query: EventQuery = {}): AsyncIterable<CostEvent> {
    return this.#answers.events(query);
  }

  query(query: CostQuery = {}): Promise<readonly CostRow[]> {
    return this.#answers.query(query);
  }

  async rebuild(): Promise<void> {
    rebuildAll(this.#db);
  }

  keepLookupIndex(wanted: boolean): void {
    keepLookupIndex(this.#db, wanted);
  }

  /** Sums that a change of format left to be added up are. */
  async flush(): Promise<void> {
    if (!rollUpState(this.#db).complete || this.#writer !== undefined) finishRebuild(this.#db);
  }

  async shutdown(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#beside) await background.close(this.#path);
    this.#db.close();
  }
}

/** Adds up all sums again in one go. */
export function rebuildAll(db: DatabaseSync): void {
  transaction(db, () => beginRebuild(db, rollUpState(db).context));
  finishRebuild(db);
}

function finishRebuild(db: DatabaseSync): void {
  const rollUps = new RollUps(db);
  while (continueRebuild(db, rollUps) || closeHours(db, rollUps));
}
