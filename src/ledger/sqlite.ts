import { resolve } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { diag } from '../attribution/diag.ts';
import { checkOptions, ConfigError, CostspanError, describe } from '../errors.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { SinkHealth } from '../metering/sink.ts';
import { known } from '../usage/read.ts';
import type { CallMemory, CostLedger, CostQuery, CostRow, EventFilter } from './ledger.ts';
import type { Outbox } from './outbox.ts';
import { transaction } from './sqlite/access.ts';
import { SqliteCallMemory } from './sqlite/call-memory.ts';
import { onExit } from './sqlite/on-exit.ts';
import { eventToRow, INSERT_EVENT } from './sqlite/event-row.ts';
import { explain, isRowError, openDatabase } from './sqlite/open-database.ts';
import { SqliteOutbox } from './sqlite/outbox.ts';
import { queryEvents } from './sqlite/query.ts';
import { readEvents } from './sqlite/read-events.ts';

/** Options of `SqliteLedger`. */
export interface SqliteLedgerOptions {
  /** The database file, created when absent; `:memory:` keeps nothing. Must be on a local disk, not on NFS. */
  readonly path: string;
  /**
   * `call` (default): an event is committed before the awaited call returns; `kill -9` loses nothing.
   * `batch`: events are committed together within milliseconds; `kill -9` loses those milliseconds.
   */
  readonly durability?: 'call' | 'batch';
  /**
   * Each commit also reaches the disk before it returns, so that a power cut loses nothing either; costs one
   * disk write per commit. Default: `false`, where a power cut or a crash of the machine may lose the last commits.
   */
  readonly fsync?: boolean;
  /**
   * The most the file may grow to, in bytes. Default: what the disk has. A full file is treated like a full disk:
   * nothing in it is touched, up to 10,000 events wait in memory, more are dropped and counted, `health()` is
   * `failing`. Raise it, or move the file away, and what waits is written.
   */
  readonly maxBytes?: number;
  /** The name in `health()`. Default: `sqlite`. */
  readonly name?: string;
}

const OPTIONS: readonly string[] = [
  'path',
  'durability',
  'fsync',
  'maxBytes',
  'name',
] satisfies (keyof SqliteLedgerOptions)[];

/** How long `batch` gathers events before it commits them. */
const BATCH_DELAY_MS = 5;
/** Events kept in memory while the file cannot take them; more are counted as dropped. */
const MAX_WAITING = 10_000;
/** While the file cannot be used, it is tried again after 1 s, 2 s, 4 s … up to a minute. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** In the request path a lock of another process is waited for no longer than this. */
const BUSY_TIMEOUT_MS = 1_000;
/** A file that is tried again beside the application's work is tried again later: nothing waits for it. */
const RETRY_BUSY_TIMEOUT_MS = 20;

/**
 * The ledger in one SQLite file: append-only, every event once, exact money, read while others write.
 *
 * Several processes and threads may use one file. A file that cannot be used (read-only, full, damaged, not
 * ours) never stops the application: `diag` says once what to do, `health()` is `failing`, the file stays as it
 * is, up to 10,000 events wait in memory and are written when the file can be used again.
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
  readonly #path: string;
  readonly #batch: boolean;
  readonly #fsync: boolean;
  readonly #maxBytes: number | undefined;
  readonly #forgetExit: () => void;
  #db: DatabaseSync | undefined;
  #insert: StatementSync | undefined;
  #busyTimeoutMs: number | undefined;
  #waiting: CostEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #failing = false;
  #closed = false;
  #sent = 0;
  #failed = 0;
  #dropped = 0;
  #lastError: string | undefined;
  #lastErrorAt: Date | undefined;

  constructor(options: SqliteLedgerOptions) {
    const { path, durability = 'call', fsync = false, maxBytes, name = 'sqlite' } = checked(options);
    this.name = name;
    this.#path = path === ':memory:' ? path : resolve(path);
    this.#batch = durability === 'batch';
    this.#fsync = fsync;
    this.#maxBytes = maxBytes;
    const access = {
      usable: (): boolean => !this.#failing && this.#db !== undefined,
      database: (): DatabaseSync | undefined => {
        if (this.#waiting.length > 0 && !this.#failing) this.#commit();
        return this.#failing ? undefined : this.#db;
      },
      failed: (error: unknown): void => this.#fail(error),
    };
    this.outbox = new SqliteOutbox(access);
    this.memory = new SqliteCallMemory(access);
    this.#open();
    this.#forgetExit = onExit(() => this.#commit());
  }

  /** Keeps the events; what is already kept (same `id`) stays as it is. Never throws. */
  write(events: readonly CostEvent[]): void {
    if (this.#closed) this.#drop(events.length, 'the ledger was shut down');
    else if (this.#failing) this.#wait(events);
    else if (this.#batch) {
      this.#wait(events);
      this.#commitWithin(BATCH_DELAY_MS);
    } else {
      this.#waiting.push(...events);
      this.#commit();
    }
  }

  /** @throws {CostspanError} `LEDGER_UNUSABLE` when the file cannot be read: no answer is better than a wrong one. */
  async *events(filter: EventFilter = {}): AsyncIterable<CostEvent> {
    try {
      yield* readEvents(this.#readable(), filter);
    } catch (error) {
      throw explain(this.#path, error);
    }
  }

  /** @throws {CostspanError} `LEDGER_UNUSABLE` when the file cannot be read: no answer is better than a wrong one. */
  async query(query: CostQuery = {}): Promise<readonly CostRow[]> {
    try {
      return queryEvents(this.#readable(), query);
    } catch (error) {
      throw explain(this.#path, error);
    }
  }

  /** Commits what waits. Resolves even when the file cannot take it; `health()` tells. */
  async flush(): Promise<void> {
    this.#commit();
  }

  async shutdown(): Promise<void> {
    if (this.#closed) return;
    this.#commit();
    this.#closed = true;
    this.#forgetExit();
    clearTimeout(this.#timer);
    const left = this.#waiting.splice(0).length;
    if (left > 0) this.#drop(left, this.#lastError ?? 'the ledger was shut down');
    this.#close();
  }

  health(): SinkHealth {
    return {
      name: this.name,
      status: this.#failing ? 'failing' : this.#dropped > 0 ? 'degraded' : 'ok',
      sent: this.#sent,
      pending: this.#waiting.length,
      failed: this.#failed,
      dead: 0,
      dropped: this.#dropped,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#lastErrorAt === undefined ? {} : { lastErrorAt: this.#lastErrorAt }),
    };
  }

  /** The database for reading, with everything accepted so far in it. */
  #readable(): DatabaseSync {
    this.#commit();
    if (this.#db !== undefined) return this.#db;
    const reason = this.#closed ? `The ledger ${this.#path} was shut down.` : this.#lastError;
    throw new CostspanError('LEDGER_UNUSABLE', reason ?? `The ledger ${this.#path} cannot be read.`);
  }

  #open(busyTimeoutMs?: number): void {
    try {
      this.#db = openDatabase(this.#path, { fsync: this.#fsync, ...known({ busyTimeoutMs }) });
      this.#waitForLocks(busyTimeoutMs ?? BUSY_TIMEOUT_MS);
      if (this.#maxBytes !== undefined) limitSize(this.#db, this.#maxBytes);
      this.#insert = this.#db.prepare(INSERT_EVENT);
      this.#failing = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  #waitForLocks(ms: number): void {
    if (ms === this.#busyTimeoutMs) return;
    this.#db?.exec(`PRAGMA busy_timeout = ${ms}`);
    this.#busyTimeoutMs = ms;
  }

  #close(): void {
    try {
      this.#db?.close();
    } catch {
      // Nothing is left to do with a file that cannot even be closed.
    }
    this.#db = undefined;
    this.#busyTimeoutMs = undefined;
    this.#insert = undefined;
  }

  /** Writes what waits in one transaction. An event that cannot be written as a row is dropped alone. */
  #commit(retryTimeoutMs: number = BUSY_TIMEOUT_MS): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closed) return;
    if (this.#failing) this.#reopen(retryTimeoutMs);
    if (this.#failing || this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    const rows = events.flatMap((event) => this.#rowOf(event));
    try {
      this.#insertRows(rows);
      this.#retryMs = FIRST_RETRY_MS;
      this.#waitForLocks(BUSY_TIMEOUT_MS);
    } catch (error) {
      this.#fail(error);
      this.#wait(events);
    }
  }

  /** All or none; but a row that no file would take is dropped alone. */
  #insertRows(rows: readonly SQLInputValue[][]): void {
    const [insert, db, [first]] = [this.#insert, this.#db, rows];
    if (insert === undefined || db === undefined || first === undefined) return;
    try {
      if (rows.length === 1) insert.run(...first);
      else transaction(db, () => rows.forEach((row) => insert.run(...row)));
      this.#sent += rows.length;
    } catch (error) {
      if (!isRowError(error)) throw error;
      if (rows.length === 1) this.#drop(1, `an event could not be written as a row: ${String(error)}`);
      else for (const row of rows) this.#insertRows([row]);
    }
  }

  #rowOf(event: CostEvent): SQLInputValue[][] {
    try {
      return [eventToRow(event, Date.now())];
    } catch (error) {
      this.#drop(1, `an event could not be written as a row: ${String(error)}`);
      return [];
    }
  }

  /** Starts afresh with the file: what was wrong with it may have been put right. */
  #reopen(busyTimeoutMs: number): void {
    if (this.#path === ':memory:' && this.#db !== undefined) this.#failing = false;
    else {
      this.#close();
      this.#open(busyTimeoutMs);
    }
    if (!this.#failing) diag.info(`costspan: the ledger ${this.#path} can be written again.`);
  }

  #wait(events: readonly CostEvent[]): void {
    const room = Math.max(0, MAX_WAITING - this.#waiting.length);
    this.#waiting.push(...events.slice(0, room));
    const dropped = events.length - room;
    if (dropped > 0) this.#drop(dropped, this.#lastError ?? 'the ledger is too slow');
  }

  #commitWithin(delayMs: number): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => this.#commit(RETRY_BUSY_TIMEOUT_MS), delayMs).unref();
  }

  #fail(error: unknown): void {
    const { message } = explain(this.#path, error);
    if (message !== this.#lastError) {
      diag.error(
        `costspan: ${message} The application goes on; events wait in memory, up to ${MAX_WAITING}.`,
      );
    }
    this.#failing = true;
    this.#failed += 1;
    this.#lastError = message;
    this.#lastErrorAt = new Date();
    this.#commitWithin(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #drop(count: number, reason: string): void {
    if (this.#dropped === 0) diag.error(`costspan: events are being dropped, because ${reason}`);
    this.#dropped += count;
    this.#lastError = reason;
    this.#lastErrorAt = new Date();
  }
}

/** SQLite refuses, as it does on a full disk, what would make the file larger; it never cuts one that is. */
function limitSize(db: DatabaseSync, maxBytes: number): void {
  const pageSize = Number(db.prepare('PRAGMA page_size').get()?.['page_size']);
  db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
}

function checked(options: SqliteLedgerOptions): SqliteLedgerOptions {
  checkOptions('new SqliteLedger', options ?? {}, OPTIONS);
  const { path, durability, fsync, maxBytes, name } = options ?? {};
  if (typeof path !== 'string' || path === '') {
    throw new ConfigError(
      `new SqliteLedger: expected 'path' to be a file name, got ${describe(path)}. Example: { path: 'costs.db' }.`,
    );
  }
  if (durability !== undefined && durability !== 'call' && durability !== 'batch') {
    throw new ConfigError(
      `new SqliteLedger: expected 'durability' to be 'call' or 'batch', got ${describe(durability)}.`,
    );
  }
  if (fsync !== undefined && typeof fsync !== 'boolean') {
    throw new ConfigError(`new SqliteLedger: expected 'fsync' to be true or false, got ${describe(fsync)}.`);
  }
  if (maxBytes !== undefined && !(Number.isFinite(maxBytes) && maxBytes > 0)) {
    throw new ConfigError(
      `new SqliteLedger: expected 'maxBytes' to be a number of bytes above 0, got ${describe(maxBytes)}.`,
    );
  }
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw new ConfigError(
      `new SqliteLedger: expected 'name' to be a non-empty string, got ${describe(name)}.`,
    );
  }
  return options;
}
