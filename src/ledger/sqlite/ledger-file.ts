import { diag } from '../../base/diag.ts';
import { known } from '../../base/read.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import { background } from './background.ts';
import { OpenLedger, type OpenLedgerOptions } from './open-ledger.ts';
import type { Trouble } from './trouble.ts';

/** A file that was in its place so lately is not looked at again in the request path. */
const SEEN_LATELY_MS = 250;
/** A file that is opened again beside the application's work is waited for no longer than this. */
const REOPEN_TIMEOUT_MS = 5;

/** The file at the ledger's path: the one that is open, and what becomes of it when it is removed or replaced. */
export class LedgerFile {
  readonly #options: Omit<OpenLedgerOptions, 'busyTimeoutMs'>;
  readonly #trouble: Trouble;
  #opened: OpenLedger | undefined;
  /** Written since the file was last seen in its place. */
  #recent: CostEvent[] = [];
  /** Sinks of a file that is gone; the next one serves them from its first event on. */
  #sinks: readonly string[] = [];
  #lookedAt = 0;

  constructor(options: Omit<OpenLedgerOptions, 'busyTimeoutMs'>, trouble: Trouble) {
    this.#options = options;
    this.#trouble = trouble;
  }

  get opened(): OpenLedger | undefined {
    return this.#opened;
  }

  get wasSeenLately(): boolean {
    return performance.now() - this.#lookedAt <= SEEN_LATELY_MS;
  }

  /** Never throws: what is wrong with the file is trouble. */
  open(busyTimeoutMs?: number): void {
    try {
      const opened = OpenLedger.open({ ...this.#options, ...known({ busyTimeoutMs }) });
      this.#opened = opened;
      opened.addSinks(this.#sinks);
      opened.waitForLocks(0);
      this.#sinks = [];
      this.#trouble.opened();
      this.#lookedAt = performance.now();
    } catch (error) {
      this.#trouble.failed(error);
    }
  }

  /** Starts afresh with the file: what was wrong with it may have been put right. */
  reopen(): void {
    const { path } = this.#options;
    if (path === ':memory:' && this.#opened !== undefined) this.#trouble.opened();
    else {
      this.close();
      this.open(REOPEN_TIMEOUT_MS);
    }
    if (!this.#trouble.isFailing) diag.info(`costspan: the ledger ${path} can be written again.`);
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }

  wrote(events: readonly CostEvent[]): void {
    for (const event of events) this.#recent.push(event);
  }

  /**
   * Looks whether the file is still in its place. One that was removed, renamed or replaced is closed; what went there
   * since it was last seen, and what its sinks have not had, is returned, for a new one. Undefined where all is well.
   */
  lost(): readonly CostEvent[] | undefined {
    this.#lookedAt = performance.now();
    const file = this.#opened;
    if (file === undefined) return undefined;
    if (file.isInPlace()) {
      this.#recent = [];
      return undefined;
    }
    const { path } = this.#options;
    diag.warn(
      `costspan: the ledger ${path} was removed, renamed or replaced while in use; it is written anew. Shut the application down before moving it.`,
    );
    const { sinks, events } = file.undelivered();
    this.#sinks = sinks;
    void background.close(path);
    this.close();
    return [...events, ...this.#recent.splice(0)];
  }
}
