import { resolve } from 'node:path';
import { diag } from '../../base/diag.ts';
import { SinkCounters } from '../../delivery/sink-counters.ts';
import type { SinkHealth } from '../../delivery/sink.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import { checkCostQuery, checkEventQuery } from '../check-query.ts';
import type { CallMemory, CostLedger, CostQuery, CostRow, EventQuery } from '../ledger.ts';
import type { BudgetStore } from '../budget-store.ts';
import type { CustomerRegistry } from '../customers.ts';
import { sortedEvents } from '../sorted-events.ts';
import { Spool } from '../spool.ts';
import { PostgresBudgetStore } from './budget-store.ts';
import { PostgresCallMemory } from './call-memory.ts';
import { PostgresCustomers } from './customers.ts';
import { Database, explain } from './database.ts';
import { Drain } from './drain.ts';
import { PostgresOutbox } from './outbox.ts';
import { checkedLedgerOptions, type PostgresLedgerOptions } from './postgres-ledger-options.ts';
import { queryEvents } from './query.ts';
import { readEvents } from './read-events.ts';
import { rebuildSums } from './rebuild-sums.ts';

/** What is left when the process ends is given this long; then it waits in the spool for the next process. */
const LAST_CHANCE_MS = 5_000;

/**
 * The ledger in PostgreSQL, for many hosts: append-only, every event once, exact money in NUMERIC, a partition per month.
 *
 * An event is written to a spool on this host, within the call, and brought to the database from there, in batches and
 * by id: a database that is away loses nothing, doubles nothing and holds up nobody.
 *
 * @throws {ConfigError} for a wrong option.
 * @example
 * const ledger = new PostgresLedger({ connectionString: 'postgres://db.internal/costs' });
 * new CostSpanProcessor({ sinks: [ledger] });
 */
export class PostgresLedger implements CostLedger {
  readonly name: string;
  readonly outbox: PostgresOutbox;
  readonly memory: CallMemory;
  readonly budgets: BudgetStore;
  readonly customers: CustomerRegistry;
  readonly #database: Database;
  readonly #memory: PostgresCallMemory;
  readonly #spool: Spool;
  readonly #rollUp: readonly string[] | undefined;
  readonly #counters = new SinkCounters();
  readonly #drain: Drain;
  #isPrepared = false;
  #isClosed = false;

  constructor(options: PostgresLedgerOptions) {
    const {
      connectionString,
      pool,
      schema = 'costspan',
      spool = 'costspan-spool.db',
      rollUp,
      name = 'postgres',
    } = checkedLedgerOptions(options);
    this.name = name;
    this.#rollUp = rollUp;
    this.#database = new Database(pool ?? connectionString ?? '', schema);
    this.#spool = new Spool(spool === false ? undefined : resolve(spool));
    this.#drain = new Drain(this.#database, this.#spool, this.#counters, () => this.#prepare());
    this.outbox = new PostgresOutbox(this.#database, {
      isKeeping: () => this.#spool.isDurable || !this.#drain.isFailing,
      isDraining: () => this.#spool.count > 0 && !this.#drain.isFailing,
    });
    this.#memory = new PostgresCallMemory(this.#database);
    this.memory = this.#memory;
    this.budgets = new PostgresBudgetStore(this.#database);
    this.customers = new PostgresCustomers(this.#database);
    if (this.#spool.count > 0) this.#drain.soon();
  }

  /**
   * Keeps the events; what is already kept (same `id`) stays as it is. Objects of an event's fields, or of its JSON
   * form, are taken, too. Never throws for the state of the database.
   *
   * @throws {ConfigError} when an object is no event, after the others were kept.
   */
  write(events: readonly CostEvent[]): void {
    const { good, wrong } = sortedEvents(events);
    if (this.#isClosed) this.#counters.drop(good.length, 'the ledger was shut down');
    else if (good.length > 0) {
      const dropped = this.#spool.add(good);
      if (dropped > 0) this.#counters.drop(dropped, this.#counters.lastError ?? 'the database is too slow');
      this.#drain.soon();
    }
    if (wrong === undefined) return;
    this.#counters.drop(events.length - good.length, wrong.message);
    throw wrong;
  }

  /** @throws {CostspanError} `LEDGER_UNUSABLE` when the database cannot be read: no answer is better than a wrong one. */
  async *events(query: EventQuery = {}): AsyncIterable<CostEvent> {
    const asked = checkEventQuery(query);
    await this.flush();
    try {
      yield* readEvents(this.#database, asked);
    } catch (error) {
      throw explain(error);
    }
  }

  /** @throws {CostspanError} `LEDGER_UNUSABLE` when the database cannot be read: no answer is better than a wrong one. */
  async query(query: CostQuery = {}): Promise<readonly CostRow[]> {
    const asked = checkCostQuery(query);
    await this.flush();
    try {
      return await this.#database.transaction(async (run) => {
        await run('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
        return queryEvents(run, asked);
      });
    } catch (error) {
      throw explain(error);
    }
  }

  async rebuild(): Promise<void> {
    await this.flush();
    await rebuildSums(this.#database);
  }

  /** Sends what waits. Resolves even when the database cannot take it; `health()` tells. */
  async flush(): Promise<void> {
    if (this.#isClosed) return;
    this.#spool.recount();
    await this.#drain.now();
    await this.#memory.exchange();
  }

  async shutdown(): Promise<void> {
    if (this.#isClosed) return;
    let late: NodeJS.Timeout | undefined;
    await Promise.race([this.flush(), new Promise((wake) => (late = setTimeout(wake, LAST_CHANCE_MS)))]);
    clearTimeout(late);
    this.#isClosed = true;
    this.#drain.stop();
    this.#memory.stop();
    const left = this.#spool.count;
    const lost = this.#spool.close();
    this.#counters.drop(lost, this.#counters.lastError ?? 'the ledger was shut down');
    if (left > lost)
      diag.warn(
        `costspan: ${left - lost} events wait in the spool for the PostgreSQL ledger; the next process brings them.`,
      );
    await this.#database.close().catch(() => undefined);
  }

  health(): SinkHealth {
    const isDropping = this.#counters.dropped > 0;
    const status = this.#drain.isFailing ? 'failing' : isDropping ? 'degraded' : 'ok';
    return this.#counters.health(this.name, status, { pending: this.#spool.count, dead: 0 });
  }

  /** What the tables and sinks need before the first event. */
  async #prepare(): Promise<void> {
    await this.outbox.register();
    if (this.#isPrepared) return;
    if (this.#rollUp !== undefined) await rebuildSums(this.#database, this.#rollUp);
    this.#isPrepared = true;
  }
}
