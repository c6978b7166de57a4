/** What keeps a hold from expiring, and at which times. */
export interface HoldClock {
  now(): Date;
  /** How long a hold lasts without a sign of life, in milliseconds. */
  readonly holdMs: number;
  renew(callId: string, until: Date, now: Date): void;
}

/**
 * The calls of this process that hold something. Their holds are renewed for as long as they are under way: a stream may
 * take longer than a hold lasts, and only a process that died gives no sign of life.
 */
export class HeldCalls {
  readonly #clock: HoldClock;
  readonly #calls = new Set<string>();
  /** Runs only while there are calls. */
  #renewing: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(clock: HoldClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#calls.size;
  }

  add(callId: string): void {
    this.#calls.add(callId);
    if (this.#stopped) return;
    this.#renewing ??= setInterval(() => this.#renew(), this.#clock.holdMs / 3).unref();
  }

  /** Whether it held something. */
  delete(callId: string): boolean {
    return this.#calls.delete(callId);
  }

  /** Renews nothing more: what calls under way hold expires, unless they settle before. */
  stop(): void {
    this.#stopped = true;
    this.#pause();
  }

  #renew(): void {
    if (this.#calls.size === 0) return this.#pause();
    const now = this.#clock.now();
    const until = new Date(now.getTime() + this.#clock.holdMs);
    for (const callId of this.#calls) this.#clock.renew(callId, until, now);
  }

  #pause(): void {
    clearInterval(this.#renewing);
    this.#renewing = undefined;
  }
}
