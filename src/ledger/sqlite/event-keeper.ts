import type { DatabaseSync } from 'node:sqlite';
import { CostspanError } from '../../base/errors.ts';
import type { SinkCounters } from '../../delivery/sink-counters.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import type { DatabaseAccess } from './access.ts';
import { background } from './background.ts';
import { Checkpoints } from './checkpoints.ts';
import { LedgerFile } from './ledger-file.ts';
import { onExit } from './on-exit.ts';
import type { OpenLedger, OpenLedgerOptions } from './open-ledger.ts';
import { LOCK_RETRY_MS, LOCKED_TOO_LONG_MS, Trouble } from './trouble.ts';
import { WaitingEvents } from './waiting-events.ts';
import { leftBehind } from './waiting-file.ts';

export interface EventKeeperOptions extends Omit<OpenLedgerOptions, 'busyTimeoutMs'> {
  /** Events are committed together within milliseconds instead of each within its call. */
  readonly isBatch: boolean;
}

/** How long `batch` gathers events before it commits them. */
const BATCH_DELAY_MS = 5;
/** Events of one go that `call` writes one by one; those after them are written together. */
const MAX_SINGLE = 32;
/** Events written in one transaction; more go in the next, so that other work gets its turn in between. */
const MAX_TOGETHER = 1_000;
/** Whether the file is still in its place, and whether a killed process left events, is looked at this often. */
const LOOK_MS = 500;

/** Brings accepted events into the ledger's file, and never throws for the state of it. */
export class EventKeeper implements DatabaseAccess {
  readonly #options: EventKeeperOptions;
  readonly #counters: SinkCounters;
  readonly #file: LedgerFile;
  readonly #trouble: Trouble;
  readonly #waiting: WaitingEvents;
  readonly #checkpoints: Checkpoints;
  readonly #stopWatching: () => void;
  #timer: NodeJS.Timeout | undefined;
  #commitsInOneGo = 0;
  #isClosed = false;

  constructor(options: EventKeeperOptions, counters: SinkCounters) {
    const { path, isBatch } = options;
    this.#options = options;
    this.#counters = counters;
    this.#trouble = new Trouble(path, counters, (ms) => this.#commitWithin(ms));
    this.#file = new LedgerFile(options, this.#trouble);
    this.#waiting = new WaitingEvents(path, !isBatch && path !== ':memory:');
    this.#checkpoints = new Checkpoints(path, () => this.#file.opened);
    this.#file.open();
    this.#stopWatching = this.#watch();
    this.#takeOver(true);
  }

  get isFailing(): boolean {
    return this.#trouble.isFailing;
  }

  get waiting(): number {
    return this.#waiting.count;
  }

  get opened(): OpenLedger | undefined {
    return this.#file.opened;
  }

  usable(): boolean {
    return !this.#trouble.isFailing && this.#file.opened !== undefined;
  }

  database(): DatabaseSync | undefined {
    if (this.#waiting.count > 0 && !this.#trouble.isFailing && !this.#trouble.isLockedForLong) this.#commit();
    return this.#trouble.isFailing ? undefined : this.#file.opened?.db;
  }

  /**
   * The database for reading, with everything accepted so far in it.
   *
   * @throws {CostspanError} `LEDGER_UNUSABLE`
   */
  readable(): DatabaseSync {
    if (this.#waiting.count > 0) this.#commit();
    if (this.#file.opened !== undefined) return this.#file.opened.db;
    const { path } = this.#options;
    const reason = this.#isClosed ? `The ledger ${path} was shut down.` : this.#counters.lastError;
    throw new CostspanError('LEDGER_UNUSABLE', reason ?? `The ledger ${path} cannot be read.`);
  }

  /** In the request path: writes at once, or soon, or leaves it to the retry under way. */
  keep(events: readonly CostEvent[]): void {
    if (this.#isClosed) return this.#counters.drop(events.length, 'the ledger was shut down');
    this.#waiting.add(events);
    if (this.#trouble.isFailing || this.#trouble.isLockedForLong) this.#hold();
    else if (this.#options.isBatch) {
      if (this.#waiting.count >= MAX_TOGETHER) this.#commit();
      else this.#commitWithin(BATCH_DELAY_MS);
    } else {
      // What comes in one go (the lines of a file) is soon written together, and still before anybody goes on with it.
      if (this.#commitsInOneGo === 0) queueMicrotask(() => this.#endOfGo());
      this.#commitsInOneGo += 1;
      if (this.#commitsInOneGo <= MAX_SINGLE || this.#waiting.count >= MAX_TOGETHER) this.#commit();
    }
  }

  /** Commits what waits, and ends when nothing does or the file does not take it. */
  async flush(): Promise<void> {
    do {
      this.#commit();
      if (this.#waiting.count > 0) await new Promise((resolve) => setImmediate(resolve));
    } while (
      this.#waiting.count > 0 &&
      !this.#trouble.isFailing &&
      !this.#trouble.isLocked &&
      !this.#isClosed
    );
  }

  /** `last` writes what else is for the file, and says whether it took everything. */
  async shutdown(last: () => boolean): Promise<void> {
    if (this.#isClosed) return;
    this.#commit();
    if (this.#waiting.count > 0 || !last()) await this.#writeRest(last);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopWatching();
    clearTimeout(this.#timer);
    const left = this.#waiting.clear();
    if (left > 0) this.#counters.drop(left, this.#counters.lastError ?? 'the ledger was shut down');
    this.#file.close();
    await background.close(this.#options.path);
  }

  failed(error: unknown): void {
    this.#hold();
    this.#trouble.met(error);
  }

  /** What waits is given a second while another process has the file locked. */
  async #writeRest(last: () => boolean): Promise<void> {
    const deadline = performance.now() + LOCKED_TOO_LONG_MS;
    await this.flush();
    while ((this.#trouble.isLocked || (this.usable() && !last())) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
      this.#commit();
    }
    await this.flush();
    last();
  }

  #endOfGo(): void {
    this.#commitsInOneGo = 0;
    while (this.#waiting.count > 0 && !this.#trouble.isLockedForLong && this.#commit());
  }

  /** Writes what waits, up to `MAX_TOGETHER` events. An event that cannot be written as a row is dropped alone. */
  #commit(): boolean {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isClosed) return false;
    if (this.#trouble.isFailing) this.#file.reopen();
    else if (!this.#file.wasSeenLately) this.#look();
    if (this.#waiting.count === 0) this.#trouble.unlocked();
    const file = this.#file.opened;
    if (this.#trouble.isFailing || file === undefined || this.#waiting.count === 0) return false;
    const events = this.#waiting.take(MAX_TOGETHER);
    try {
      const refused = file.write(events);
      for (const { error } of refused)
        this.#counters.drop(1, `an event could not be written as a row: ${String(error)}`);
      this.#counters.sent += events.length - refused.length;
      this.#written(events);
      return true;
    } catch (error) {
      this.#waiting.putBack(events);
      this.failed(error);
      return false;
    }
  }

  #written(events: readonly CostEvent[]): void {
    this.#waiting.took(events.length);
    this.#trouble.over();
    this.#file.wrote(events);
    this.#checkpoints.wrote(events.length);
    if (this.#waiting.count > 0) this.#commitWithin(0);
  }

  #commitWithin(delayMs: number): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => this.#commit(), delayMs).unref();
  }

  #hold(): void {
    const dropped = this.#waiting.hold();
    if (dropped > 0)
      this.#counters.drop(dropped, this.#counters.lastError ?? `the ledger ${this.#options.path} is locked`);
  }

  /** Looks after the file now and then, and writes what is left when the process ends. Returns the way out. */
  #watch(): () => void {
    const timer = setInterval(() => {
      this.#look();
      this.#takeOver();
    }, LOOK_MS).unref();
    const forget = onExit(() => {
      while (this.#commit() && this.#waiting.count > 0);
    });
    return () => {
      clearInterval(timer);
      forget();
    };
  }

  /** Writes what went to a file that is gone to a new one. */
  #look(): void {
    const lost = this.#isClosed ? undefined : this.#file.lost();
    if (lost === undefined) return;
    this.#counters.sent -= lost.length;
    this.#waiting.putBefore(lost);
    this.#file.open();
    if (!this.#trouble.isFailing) this.#commitWithin(0);
  }

  /** Keeps what a process that was killed had written down beside the file. */
  #takeOver(isStart = false): void {
    const { path } = this.#options;
    if (path === ':memory:' || this.#trouble.isFailing) return;
    for (const { events, done } of leftBehind(path, isStart)) {
      this.#waiting.add(events);
      while (this.#waiting.count > 0 && this.#commit());
      if (this.#waiting.count === 0) done();
    }
  }
}
