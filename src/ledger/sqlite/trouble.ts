import { diag } from '../../base/diag.ts';
import type { SinkCounters } from '../../delivery/sink-counters.ts';
import { isLock } from '../transaction.ts';
import { explain } from './errors.ts';
import { MAX_WAITING } from './waiting-events.ts';

/** While the file cannot be used, it is tried again after 1 s, 2 s, 4 s … up to a minute. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** A file that is locked for so long is not tried again in the request path; the events wait in memory. */
const LOCKED_FOR_LONG_MS = 25;
/** A locked file is tried again so soon … */
export const LOCK_RETRY_MS = 20;
/** … and is failing when it has been locked for so long. */
export const LOCKED_TOO_LONG_MS = 1_000;

/** What keeps the file from taking events, and how soon it is tried again. A lock passes; anything else is said. */
export class Trouble {
  readonly #path: string;
  readonly #counters: SinkCounters;
  readonly #retry: (ms: number) => void;
  #isFailing = false;
  #lockedSince: number | undefined;
  #retryMs = FIRST_RETRY_MS;

  /** `retry` is told in how many milliseconds the file is to be tried again. */
  constructor(path: string, counters: SinkCounters, retry: (ms: number) => void) {
    this.#path = path;
    this.#counters = counters;
    this.#retry = retry;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  get isLocked(): boolean {
    return this.#lockedSince !== undefined;
  }

  get isLockedForLong(): boolean {
    return this.#lockedSince !== undefined && performance.now() - this.#lockedSince > LOCKED_FOR_LONG_MS;
  }

  /** The file did not take events, or did not answer. */
  met(error: unknown): void {
    if (!isLock(error)) return this.failed(error);
    this.#lockedSince ??= performance.now();
    if (performance.now() - this.#lockedSince > LOCKED_TOO_LONG_MS) return this.failed(error);
    this.#retry(LOCK_RETRY_MS);
  }

  /** The file cannot be used. */
  failed(error: unknown): void {
    const { message } = explain(this.#path, error);
    if (message !== this.#counters.lastError) {
      diag.error(
        `costspan: ${message} The application goes on; events wait in memory, up to ${MAX_WAITING}.`,
      );
    }
    this.#isFailing = true;
    this.#counters.failed += 1;
    this.#counters.note(message);
    this.#retry(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  /** The file is open; whether it takes events shows when some are written. */
  opened(): void {
    this.#isFailing = false;
  }

  /** Nothing waits for the lock any more. */
  unlocked(): void {
    this.#lockedSince = undefined;
  }

  /** The file took events. */
  over(): void {
    this.#lockedSince = undefined;
    this.#retryMs = FIRST_RETRY_MS;
  }
}
