import { resolve } from 'node:path';
import { SinkCounters } from '../../delivery/sink-counters.ts';
import type { Outbox } from '../../delivery/outbox.ts';
import type { SinkHealth } from '../../delivery/sink.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import type { BudgetStore } from '../budget-store.ts';
import type { CustomerRegistry } from '../customers.ts';
import type { CallMemory, CostLedger, CostQuery, CostRow, EventQuery } from '../ledger.ts';
import { sortedEvents } from '../sorted-events.ts';
import { Answers } from './answers.ts';
import { SqliteBudgetStore } from './budget-store.ts';
import { SqliteCallMemory } from './call-memory.ts';
import { SqliteCustomers } from './customers.ts';
import { EventKeeper } from './event-keeper.ts';
import { SqliteOutbox } from './outbox.ts';
import { checkedLedgerOptions, type SqliteLedgerOptions } from './sqlite-ledger-options.ts';

/**
 * The ledger in one SQLite file: append-only, every event once, exact money, read while others write.
 *
 * Several processes and threads may use one file. A file that cannot be used (read-only, full, damaged, not
 * ours) never stops the application: `diag` says once what to do, `health()` is `failing`, the file stays as it
 * is, up to 10,000 events wait in memory and are written when the file can be used again. A file that is removed,
 * renamed or replaced under the process is noticed within a second and written anew.
 *
 * @throws {ConfigError} for a wrong option.
 * @example
 * const ledger = new SqliteLedger({ path: 'costs.db' });
 * for (const row of await ledger.query({ groupBy: ['customer'] })) console.log(row.group.customer, row.amount);
 */
export class SqliteLedger implements CostLedger {
  readonly name: string;
  readonly outbox: Outbox;
  readonly memory: CallMemory;
  readonly budgets: BudgetStore;
  readonly customers: CustomerRegistry;
  readonly #counters = new SinkCounters();
  readonly #keeper: EventKeeper;
  readonly #memory: SqliteCallMemory;
  readonly #answers: Answers;

  constructor(options: SqliteLedgerOptions) {
    const { path: given, durability, fsync = false, name = 'sqlite' } = checkedLedgerOptions(options);
    const path = given === ':memory:' ? given : resolve(given);
    const isBatch = durability === 'batch';
    this.name = name;
    this.#keeper = new EventKeeper({ ...options, path, fsync, isBatch }, this.#counters);
    this.#answers = new Answers(path, () => this.#keeper.readable(), { beside: true });
    this.outbox = new SqliteOutbox(this.#keeper);
    this.#memory = new SqliteCallMemory(this.#keeper);
    this.memory = this.#memory;
    this.budgets = new SqliteBudgetStore(this.#keeper);
    this.customers = new SqliteCustomers(() => this.#keeper.readable());
  }

  /**
   * Keeps the events; what is already kept (same `id`) stays as it is. Objects of an event's fields, or of its JSON
   * form, are taken, too. Never throws for the state of the file.
   *
   * @throws {ConfigError} when an object is no event, after the others were kept.
   */
  write(events: readonly CostEvent[]): void {
    const { good, wrong } = sortedEvents(events);
    this.#keeper.keep(good);
    if (wrong === undefined) return;
    this.#counters.drop(events.length - good.length, wrong.message);
    throw wrong;
  }

  /** @throws {CostspanError} `LEDGER_UNUSABLE` when the file cannot be read: no answer is better than a wrong one. */
  async *events(query: EventQuery = {}): AsyncIterable<CostEvent> {
    await this.flush();
    yield* this.#answers.events(query);
  }

  /** @throws {CostspanError} `LEDGER_UNUSABLE` when the file cannot be read: no answer is better than a wrong one. */
  async query(query: CostQuery = {}): Promise<readonly CostRow[]> {
    await this.flush();
    return this.#answers.query(query);
  }

  async rebuild(): Promise<void> {
    await this.flush();
    this.#keeper.readable();
    await this.#keeper.opened?.rebuild();
  }

  /** Commits what waits. Resolves even when the file cannot take it; `health()` tells. */
  async flush(): Promise<void> {
    await this.#keeper.flush();
    this.#memory.flush();
  }

  async shutdown(): Promise<void> {
    await this.#keeper.shutdown(() => this.#memory.flush());
    this.#memory.stop();
  }

  health(): SinkHealth {
    const isDropping = this.#counters.dropped > 0;
    const status = this.#keeper.isFailing ? 'failing' : isDropping ? 'degraded' : 'ok';
    return this.#counters.health(this.name, status, { pending: this.#keeper.waiting, dead: 0 });
  }
}
