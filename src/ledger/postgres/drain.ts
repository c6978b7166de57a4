import { diag } from '../../base/diag.ts';
import type { SinkCounters } from '../../delivery/sink-counters.ts';
import type { Spool, Spooled } from '../spool.ts';
import { type Database, explain, isPassing } from './database.ts';
import { writeEvents } from './event-writer.ts';

/** Events gather for so long before they are sent. */
const GATHER_MS = 10;
/** Events sent in one transaction. */
const MAX_TOGETHER = 500;
/** While the database cannot be reached, it is tried again after 0.25 s, 0.5 s … up to 15 s. */
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 15_000;
/** Brings what waits in the spool to the database, in batches, and again while the database cannot be reached. */
export class Drain {
  readonly #database: Database;
  readonly #spool: Spool;
  readonly #counters: SinkCounters;
  readonly #prepare: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #isFailing = false;
  #isStopped = false;

  /** `prepare`: what the tables need before the first event; asked before every batch. */
  constructor(database: Database, spool: Spool, counters: SinkCounters, prepare: () => Promise<void>) {
    this.#database = database;
    this.#spool = spool;
    this.#counters = counters;
    this.#prepare = prepare;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Events have come in; those that follow soon go with them. */
  soon(): void {
    this.#within(GATHER_MS);
  }

  /** Resolves when nothing waits, or the database does not take it. Never rejects. */
  async now(): Promise<void> {
    this.#rest();
    if (this.#isStopped) return;
    await this.#run();
    // What came in meanwhile.
    if (this.#spool.count > 0 && !this.#isFailing) await this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #within(delayMs: number): void {
    if (this.#isStopped || this.#draining !== undefined) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#run();
    }, delayMs).unref();
  }

  /** One at a time. */
  #run(): Promise<void> {
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
      if (this.#spool.count > 0) this.#within(this.#isFailing ? this.#retryMs : GATHER_MS);
    });
    return this.#draining;
  }

  async #drain(): Promise<void> {
    try {
      await this.#prepare();
      for (;;) {
        const batch = this.#spool.take(MAX_TOGETHER);
        if (batch.length === 0 || this.#isStopped) break;
        await this.#send(batch);
        this.#spool.remove(batch);
        this.#worked();
      }
      this.#worked();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** All or none; but an event that no table takes is dropped alone. */
  async #send(batch: readonly Spooled[]): Promise<void> {
    try {
      await writeEvents(
        this.#database,
        batch.map(({ event }) => event),
      );
      this.#counters.sent += batch.length;
    } catch (error) {
      if (isPassing(error)) throw error;
      if (batch.length === 1)
        return this.#counters.drop(1, `an event could not be written as a row: ${String(error)}`);
      const middle = Math.ceil(batch.length / 2);
      await this.#send(batch.slice(0, middle));
      await this.#send(batch.slice(middle));
    }
  }

  #worked(): void {
    if (this.#isFailing) diag.info('costspan: the PostgreSQL ledger takes events again.');
    this.#isFailing = false;
    this.#retryMs = FIRST_RETRY_MS;
  }

  #fail(error: unknown): void {
    const { message } = explain(error);
    if (!this.#isFailing)
      diag.error(
        `costspan: ${message} The application goes on; events wait ${this.#spool.isDurable ? 'in the spool' : 'in memory'}.`,
      );
    else this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    this.#isFailing = true;
    this.#counters.failed += 1;
    this.#counters.note(message);
  }
}
