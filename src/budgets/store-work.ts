import { diag } from '../base/diag.ts';
import { isPromise, type MaybePromise } from '../base/promises.ts';

/** How the counters are doing. Counts are since the start of the process. */
export interface StoreWorkState {
  /** `failing`: the counters cannot be used now. `degraded`: calls were left uncounted. */
  readonly status: 'ok' | 'degraded' | 'failing';
  /** Attempts that the counters did not take. */
  readonly failures: number;
  /** Settlements that wait to be counted. */
  readonly pending: number;
  /** Settlements given up, because too many waited. */
  readonly lost: number;
}

interface Settlement {
  readonly act: () => MaybePromise<void>;
}

/**
 * What is told to the store beside calls. A settlement waits until the call has returned, and for as long as the store
 * is away: it is tried again until it is counted. Failures are counted, and said once per outage.
 */
export class StoreWork {
  #failures = 0;
  #lost = 0;
  #isAway = false;
  #waiting: Settlement[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #soon: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;

  get state(): StoreWorkState {
    const pending = this.#waiting.length + this.#underWay.size;
    const status = this.#isAway ? 'failing' : this.#lost > 0 ? 'degraded' : 'ok';
    return { status, failures: this.#failures, pending, lost: this.#lost };
  }

  /** Tries once. */
  attempt<T>(act: () => MaybePromise<T>, then: (value: T) => void = () => undefined): void {
    try {
      const acted = act();
      if (isPromise(acted)) acted.then(then).catch((error: unknown) => this.failed(error));
      else then(acted);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Counts a settlement as soon as the caller has gone on, and again until the store takes it. */
  settle<T>(act: () => MaybePromise<T>, then: (value: T) => void = () => undefined): void {
    const settled = (): MaybePromise<void> => {
      const acted = act();
      return isPromise(acted) ? acted.then(then) : then(acted);
    };
    this.#keep({ act: settled });
    if (this.#retry === undefined) this.#soon ??= setTimeout(() => this.drain(), DELAY_MS).unref();
  }

  /** Hands what waits to the store, unless that was away a moment ago. */
  drain(): void {
    if (this.#retry === undefined) this.#handAll();
  }

  /** Resolves when everything told so far was tried once more. */
  async flush(): Promise<void> {
    this.#tryAgain();
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  stop(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#soon);
    const { pending } = this.state;
    if (pending > 0)
      diag.error(`costspan: ${pending} calls are not counted in their budgets: the counters are away`);
  }

  failed(error: unknown): void {
    this.#failures++;
    if (!this.#isAway) diag.error('costspan: budgets cannot be kept: their counters cannot be used', error);
    this.#isAway = true;
  }

  succeeded(): void {
    this.#retryMs = FIRST_RETRY_MS;
    if (!this.#isAway) return;
    // Settlements that failed have the last word.
    if (this.#retry !== undefined) return this.#soonAgain();
    this.#isAway = false;
    diag.info('costspan: budgets can be kept again.');
  }

  #soonAgain(): void {
    this.#soon ??= setTimeout(() => this.#tryAgain(), DELAY_MS).unref();
  }

  #tryAgain(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#handAll();
  }

  /** A few at a time, so that a call that is to be held does not wait behind thousands of settlements. */
  #handAll(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    while (this.#underWay.size < MAX_UNDER_WAY) {
      const settlement = this.#waiting.shift();
      if (settlement === undefined) return;
      if (this.#hand(settlement)) continue;
      // The one that failed goes last: it may be the only one that cannot be counted.
      this.#waiting.push(settlement);
      return this.#later();
    }
  }

  /** False when the store refused at once. */
  #hand(settlement: Settlement): boolean {
    try {
      const acted = settlement.act();
      if (!isPromise(acted)) this.succeeded();
      else this.#follow(acted, settlement);
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  #follow(acted: Promise<void>, settlement: Settlement): void {
    const settling: Promise<void> = acted
      .then(
        () => this.succeeded(),
        (error: unknown) => {
          this.failed(error);
          this.#keep(settlement);
          this.#later();
        },
      )
      .finally(() => {
        this.#underWay.delete(settling);
        this.drain();
      });
    this.#underWay.add(settling);
  }

  #keep(settlement: Settlement): void {
    this.#waiting.push(settlement);
    if (this.#waiting.length <= MAX_WAITING) return;
    this.#waiting.shift();
    this.#lost++;
  }

  #later(): void {
    this.#retry ??= setTimeout(() => this.#tryAgain(), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}

const MAX_WAITING = 100_000;
/** By then the application has gone on with the reply. */
const DELAY_MS = 5;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5_000;
const MAX_UNDER_WAY = 16;
