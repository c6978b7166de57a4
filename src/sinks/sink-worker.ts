import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { diag } from '../attribution/diag.ts';
import type { Backlog, Claim, MaybePromise, OutboxEntry, SinkQueue } from '../ledger/outbox.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink, SinkHealth } from '../metering/sink.ts';
import type { Clock } from './clock.ts';
import { chain, isPromise } from './maybe-promise.ts';
import { MemoryQueue } from './memory-queue.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** The bounds of delivery, with their defaults in `DEFAULT_BOUNDS`. */
export interface Bounds {
  /** Events offered to a sink at a time. */
  readonly batchSize: number;
  /** How long events gather before they are offered. */
  readonly batchDelayMs: number;
  /** Events kept in memory per sink where no ledger keeps them; more are dropped and counted. */
  readonly maxQueue: number;
  /** An event that could not be delivered for so long becomes a dead letter. */
  readonly maxAgeMs: number;
  /** The first retry comes after about this. */
  readonly firstRetryMs: number;
  /** No two attempts are further apart than this, unless the receiver asks for it. */
  readonly lastRetryMs: number;
  /** How long a sink that refuses our key is left alone. */
  readonly pauseMs: number;
  /** A sink that has not answered by then has failed. */
  readonly attemptTimeoutMs: number;
  /** `forceFlush` and `shutdown` end by then. */
  readonly flushTimeoutMs: number;
}

export interface SinkWorkerOptions {
  readonly sink: CostEventSink;
  readonly name: string;
  /** This sink's share of the ledger's outbox. */
  readonly outbox?: SinkQueue;
  /** Serve the sink within `accept`, as far as it is synchronous. */
  readonly immediate: boolean;
  readonly bounds: Bounds;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How one look at the queues ended. */
type Step = 'sent' | 'failed' | 'idle';

/** After so many failures in a row an event that is alone in its batch is set aside. */
const PARK_AFTER = 4;
/** After so many failures of events set aside there is a breath between them. */
const LONE_FAILURES = 3;
/** After so many failures in a row a person is needed. */
const FAILING_AFTER = 2;
/** A receiver that refused so many events in a row, and took none, refuses everything: its address is wrong. */
const REFUSES_EVERYTHING = 100;
/** The key under which OpenTelemetry's SDK looks whether to trace; the same symbol as in `@opentelemetry/core`. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Serves one sink: takes what is due from its queues, offers it, and does what the answer asks for.
 * It works alone, so that a slow or failing sink holds up no other; nothing it does throws.
 */
export class SinkWorker {
  readonly name: string;
  readonly #sink: CostEventSink;
  readonly #options: SinkWorkerOptions;
  readonly #bounds: Bounds;
  readonly #clock: Clock;
  readonly #memory: MemoryQueue;
  readonly #queues: readonly SinkQueue[];
  /** Delivered from memory while the ledger could not keep them; it may offer them again. */
  readonly #hadFromMemory: Set<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #inStep = false;
  #sinceStep = 0;
  readonly #mostAtOnce: number;
  #batchSize: number;
  #failures = 0;
  #refusals = 0;
  /** Failures of events set aside since the last success. */
  #loneFailures = 0;
  #paused = false;
  #notBefore = Number.NEGATIVE_INFINITY;
  #closed = false;
  #sent = 0;
  #failed = 0;
  #dropped = 0;
  #lastError: string | undefined;
  #lastErrorAt: Date | undefined;

  constructor(options: SinkWorkerOptions) {
    this.name = options.name;
    this.#sink = options.sink;
    this.#options = options;
    this.#bounds = options.bounds;
    this.#clock = options.clock;
    this.#mostAtOnce = Math.min(options.bounds.batchSize, options.sink.batchSize ?? Number.POSITIVE_INFINITY);
    this.#batchSize = this.#mostAtOnce;
    this.#memory = new MemoryQueue(options.bounds.maxQueue, options.clock);
    this.#queues = options.outbox === undefined ? [this.#memory] : [options.outbox, this.#memory];
    if (options.outbox !== undefined) this.#wakeIn(options.bounds.batchDelayMs);
  }

  /** An event was accepted; `kept`: the outbox has it. */
  accept(event: CostEvent, kept: boolean): void {
    if (!kept || this.#options.outbox === undefined) {
      if (this.#closed || !this.#memory.push(event)) {
        this.#drop(1, this.#closed ? 'it was shut down' : `more than ${this.#bounds.maxQueue} events wait`);
        return;
      }
      if (this.#options.outbox !== undefined) this.#remember(event.id);
    }
    this.#sinceStep += 1;
    if (this.#options.immediate && !this.#isWaiting()) this.#run();
    else this.#wakeIn(this.#sinceStep >= this.#batchSize ? 0 : this.#bounds.batchDelayMs);
  }

  /** Offers what waits once more, whatever the back-off says; ends when there is nothing left or the sink fails. */
  async flush(deadline: number): Promise<void> {
    for (;;) {
      // One at a time: what is on its way is not offered twice.
      while (this.#running !== undefined || this.#inStep) await (this.#running ?? immediate());
      this.#notBefore = Number.NEGATIVE_INFINITY;
      const wait = await this.#drain();
      const elsewhere = wait?.reason === 'leased';
      if (!elsewhere || this.#clock.monotonic() >= deadline) break;
      await new Promise((resolve) => setTimeout(resolve, Math.min(wait.ms, 25)));
    }
    await this.#guarded('flush', () => this.#sink.flush?.());
  }

  /** Stops; what only memory held is counted as dropped. */
  async shutdown(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const left = this.#memory.clear();
    if (left > 0)
      this.#drop(left, `the process ended (${this.#lastError ?? 'the sink did not answer in time'})`);
    for (const queue of this.#queues) await this.#guarded('release', () => queue.release());
    await this.#guarded('shutdown', () => this.#sink.shutdown?.());
  }

  backlog(): Backlog {
    const all = this.#queues.map((queue) => queue.backlog());
    const oldest = all.flatMap((each) => each.oldest ?? []).sort((a, b) => a.getTime() - b.getTime())[0];
    return {
      pending: all.reduce((sum, each) => sum + each.pending, 0),
      dead: all.reduce((sum, each) => sum + each.dead, 0),
      ...(oldest === undefined ? {} : { oldest }),
    };
  }

  health(): SinkHealth {
    const { pending, dead, oldest } = this.backlog();
    const failing = this.#paused || this.#failures >= FAILING_AFTER;
    return {
      name: this.name,
      status: failing
        ? 'failing'
        : this.#failures + this.#loneFailures + dead + this.#dropped > 0
          ? 'degraded'
          : 'ok',
      sent: this.#sent,
      pending,
      failed: this.#failed,
      dead,
      dropped: this.#dropped,
      ...(oldest === undefined
        ? {}
        : { oldestPendingAgeMs: Math.max(0, this.#clock.wall() - oldest.getTime()) }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#lastErrorAt === undefined ? {} : { lastErrorAt: this.#lastErrorAt }),
    };
  }

  #isWaiting(): boolean {
    return this.#clock.monotonic() < this.#notBefore;
  }

  #wakeIn(delayMs: number): void {
    if (this.#closed || this.#running !== undefined) return;
    const delay = Math.max(delayMs, this.#notBefore - this.#clock.monotonic());
    if (this.#timer !== undefined && delay > 0) return;
    clearTimeout(this.#timer);
    // Work of ours is nobody's request: no customer, no trace.
    this.#timer = context.with(ROOT_CONTEXT, () => setTimeout(() => this.#run(), delay)).unref();
  }

  #run(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running !== undefined || this.#inStep || this.#closed) return;
    const done = this.#drain();
    if (isPromise(done)) void done.then((wait) => this.#rest(wait));
    else this.#rest(done);
  }

  #rest(wait: Claim['wait']): void {
    if (wait !== undefined) this.#wakeIn(wait.ms);
    else if (this.#sinceStep > 0) this.#wakeIn(this.#bounds.batchDelayMs);
  }

  /** Steps until nothing is due or the sink fails; says how long to wait then. */
  #drain(): MaybePromise<Claim['wait']> {
    if (this.#options.immediate) {
      for (;;) {
        const step = this.#step();
        if (isPromise(step)) return this.#drainOn(step);
        if (step.result !== 'sent') return step.wait;
      }
    }
    return this.#drainOn(this.#step());
  }

  #drainOn(first: MaybePromise<StepResult>): Promise<Claim['wait']> {
    const draining = this.#drainAll(first);
    this.#running = draining.then(() => {
      this.#running = undefined;
    });
    // The worker must be free before whoever waits for this goes on.
    return this.#running.then(() => draining);
  }

  async #drainAll(first: MaybePromise<StepResult>): Promise<Claim['wait']> {
    let step = await first;
    while (step.result === 'sent') {
      // Other work of the process gets its turn between two batches.
      await immediate();
      step = await this.#step();
    }
    return step.wait;
  }

  /** Offers one batch of the first queue that has one. Never rejects. */
  #step(): MaybePromise<StepResult> {
    this.#inStep = true;
    this.#sinceStep = 0;
    const ended = (result: StepResult): StepResult => {
      this.#inStep = false;
      return result;
    };
    try {
      const step = this.#stepThrough(this.#queues);
      return isPromise(step) ? step.then(ended, (error) => ended(this.#broken(error))) : ended(step);
    } catch (error) {
      return ended(this.#broken(error));
    }
  }

  #stepThrough([queue, ...others]: readonly SinkQueue[]): MaybePromise<StepResult> {
    if (queue === undefined) return { result: 'idle' };
    return chain(queue.claim(this.#batchSize), ({ entries, wait }) => {
      if (entries.length > 0) {
        return chain(this.#offer(queue, entries), (result) =>
          result === 'failed'
            ? { result, wait: { ms: this.#notBefore - this.#clock.monotonic(), reason: 'parked' } }
            : { result },
        );
      }
      const mine: StepResult = wait === undefined ? { result: 'idle' } : { result: 'idle', wait };
      return chain(wait === undefined ? queue.release() : undefined, () =>
        chain(this.#stepThrough(others), (theirs) => sooner(mine, theirs)),
      );
    });
  }

  /** Offers the entries; a batch with an offender in it is halved until the offender is alone. */
  #offer(queue: SinkQueue, entries: readonly OutboxEntry[]): MaybePromise<Exclude<Step, 'idle'>> {
    return chain(this.#write(queue, entries), (error) => {
      if (error === undefined) return this.#succeeded(queue, entries);
      const verdict = verdictOf(error.thrown);
      if (verdict.kind === 'repeat') return this.#repeat(queue, entries, verdict);
      if (verdict.kind === 'pause') return this.#pause(verdict);
      if (entries.length === 1)
        return verdict.kind === 'duplicate'
          ? this.#succeeded(queue, entries)
          : this.#refused(queue, entries, verdict);
      const middle = Math.ceil(entries.length / 2);
      return chain(this.#offer(queue, entries.slice(0, middle)), (result) =>
        result === 'failed' ? result : this.#offer(queue, entries.slice(middle)),
      );
    });
  }

  /** What the sink threw, if it did. */
  #write(queue: SinkQueue, entries: readonly OutboxEntry[]): MaybePromise<{ thrown: unknown } | undefined> {
    const events = entries
      .map(({ event }) => event)
      .filter((event) => queue === this.#memory || !this.#hadFromMemory.delete(event.id));
    // Those it had from memory are counted already.
    this.#sent -= entries.length - events.length;
    if (events.length === 0) return undefined;
    try {
      const written = context.with(ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true), () =>
        this.#sink.write(events),
      );
      if (!isPromise(written)) return undefined;
      return withTimeout(written, this.#bounds.attemptTimeoutMs).then(
        () => undefined,
        (thrown: unknown) => ({ thrown }),
      );
    } catch (thrown) {
      return { thrown };
    }
  }

  #succeeded(queue: SinkQueue, entries: readonly OutboxEntry[]): MaybePromise<'sent'> {
    if (this.#failures >= FAILING_AFTER || this.#paused)
      diag.info(`costspan: sink '${this.name}' takes events again.`);
    this.#failures = 0;
    this.#refusals = 0;
    this.#loneFailures = 0;
    this.#paused = false;
    this.#notBefore = Number.NEGATIVE_INFINITY;
    this.#batchSize = Math.min(this.#batchSize * 2, this.#mostAtOnce);
    this.#sent += entries.length;
    return chain(queue.settle(entries, { kind: 'sent' }), () => 'sent' as const);
  }

  #refused(
    queue: SinkQueue,
    entries: readonly OutboxEntry[],
    verdict: Verdict,
  ): MaybePromise<'sent' | 'failed'> {
    this.#note(verdict);
    this.#refusals += 1;
    if (this.#refusals === 1) {
      diag.error(
        `costspan: sink '${this.name}' refused an event for good: ${verdict.failure.message}. It is kept as a dead letter.`,
      );
    }
    if (this.#refusals > REFUSES_EVERYTHING) return this.#pause(verdict);
    return chain(queue.settle(entries, { kind: 'dead', failure: verdict.failure }), () => 'sent' as const);
  }

  #pause(verdict: Verdict): 'failed' {
    this.#note(verdict);
    this.#failed += 1;
    this.#failures += 1;
    this.#notBefore = this.#clock.monotonic() + this.#bounds.pauseMs;
    if (!this.#paused) {
      const minutes = Math.round(this.#bounds.pauseMs / 60_000);
      diag.error(
        `costspan: sink '${this.name}' is paused: ${verdict.failure.message}. Check its address and key; it is tried again every ${minutes} min and nothing is thrown away meanwhile.`,
      );
    }
    this.#paused = true;
    return 'failed';
  }

  #repeat(
    queue: SinkQueue,
    entries: readonly OutboxEntry[],
    verdict: Verdict,
  ): MaybePromise<'sent' | 'failed'> {
    this.#note(verdict);
    this.#failed += 1;
    const oldest = this.#clock.wall() - this.#bounds.maxAgeMs;
    const fresh = entries.findIndex(({ keptAt }) => keptAt.getTime() > oldest);
    const expired = fresh === -1 ? entries : entries.slice(0, fresh);
    if (expired.length > 0) return this.#expire(queue, expired, verdict);
    const [entry] = entries;
    const isLone = entries.length === 1 && entry !== undefined && entry.parked && entry.attempts > 0;
    if (isLone && verdict.retryAfterMs === undefined) return this.#later(queue, entry, verdict);
    return this.#backOff(queue, entries, verdict);
  }

  /** An event with a trouble of its own waits by itself; the others go on, if not too fast. */
  #later(queue: SinkQueue, entry: OutboxEntry, { failure }: Verdict): MaybePromise<'sent' | 'failed'> {
    this.#loneFailures += 1;
    const isAlways = this.#loneFailures > LONE_FAILURES;
    if (isAlways) this.#notBefore = this.#clock.monotonic() + this.#bounds.firstRetryMs;
    const delayMs = this.#backoff(entry.attempts);
    return chain(queue.settle([entry], { kind: 'later', delayMs, failure }), () =>
      isAlways ? 'failed' : 'sent',
    );
  }

  #backOff(queue: SinkQueue, entries: readonly OutboxEntry[], verdict: Verdict): MaybePromise<'failed'> {
    const delayMs = verdict.retryAfterMs ?? this.#backoff(this.#failures);
    this.#failures += 1;
    this.#notBefore = this.#clock.monotonic() + delayMs;
    if (this.#failures === FAILING_AFTER) {
      diag.error(
        `costspan: sink '${this.name}' does not take events: ${verdict.failure.message}. They wait and are offered again.`,
      );
    }
    if (this.#failures > 1) this.#batchSize = Math.max(1, Math.ceil(this.#batchSize / 2));
    const held = verdict.retryAfterMs === undefined ? undefined : queue.holdOff(verdict.retryAfterMs);
    return chain(held, () => {
      if (entries.length > 1 || this.#failures < PARK_AFTER || verdict.retryAfterMs !== undefined)
        return 'failed';
      return chain(
        queue.settle(entries, { kind: 'later', delayMs, failure: verdict.failure }),
        () => 'failed' as const,
      );
    });
  }

  #expire(queue: SinkQueue, entries: readonly OutboxEntry[], { failure }: Verdict): MaybePromise<'sent'> {
    const days = this.#bounds.maxAgeMs / 86_400_000;
    const message = `not delivered within ${Number(days.toFixed(2))} days; the last attempt: ${failure.message}`;
    diag.error(`costspan: sink '${this.name}': ${entries.length} events ${message}`);
    return chain(
      queue.settle(entries, { kind: 'dead', failure: { ...failure, message } }),
      () => 'sent' as const,
    );
  }

  /** Exponential with full jitter above a floor of half the first step: 0.5–1 s, 0.5–2 s, 0.5–4 s … */
  #backoff(attempt: number): number {
    const { firstRetryMs, lastRetryMs } = this.#bounds;
    const floor = firstRetryMs / 2;
    const ceiling = Math.min(firstRetryMs * 2 ** Math.min(attempt, 30), lastRetryMs);
    return floor + this.#options.random() * Math.max(0, ceiling - floor);
  }

  #note({ failure }: Verdict): void {
    this.#lastError =
      failure.status === undefined ? failure.message : `${failure.status}: ${failure.message}`;
    this.#lastErrorAt = new Date(this.#clock.wall());
  }

  #broken(error: unknown): StepResult {
    this.#note(verdictOf(error));
    this.#failures += 1;
    return { result: 'failed', wait: { ms: this.#backoff(this.#failures), reason: 'parked' } };
  }

  #drop(count: number, reason: string): void {
    if (this.#dropped === 0)
      diag.error(`costspan: events for sink '${this.name}' are dropped, because ${reason}.`);
    this.#dropped += count;
  }

  #remember(id: string): void {
    this.#hadFromMemory.add(id);
    const [oldest] = this.#hadFromMemory;
    if (this.#hadFromMemory.size > this.#bounds.maxQueue && oldest !== undefined)
      this.#hadFromMemory.delete(oldest);
  }

  async #guarded(what: string, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      diag.warn(`costspan: ${what} of sink '${this.name}' failed: ${String(error)}`);
    }
  }
}

interface StepResult {
  readonly result: Step;
  readonly wait?: Claim['wait'];
}

function sooner(a: StepResult, b: StepResult): StepResult {
  if (b.result !== 'idle' || a.wait === undefined) return b;
  return b.wait !== undefined && b.wait.ms < a.wait.ms ? b : a;
}

function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function withTimeout(promise: Promise<void>, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs).unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
