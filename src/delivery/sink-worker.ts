import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { diag } from '../base/diag.ts';
import { isPromise, type MaybePromise } from '../base/promises.ts';
import { known } from '../base/read.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { Bounds } from './bounds.ts';
import { LONGEST_WAIT_MS } from './call-sink.ts';
import type { Clock } from './clock.ts';
import { MemoryQueue } from './memory-queue.ts';
import type { Backlog, Claim, SinkQueue } from './outbox.ts';
import { SinkOffers } from './sink-offers.ts';
import { SinkState } from './sink-state.ts';
import type { CostEventSink, SinkHealth } from './sink.ts';
import type { Verdict } from './verdict.ts';

export interface SinkWorkerOptions {
  readonly sink: CostEventSink;
  readonly name: string;
  /** What it takes outlives the process. */
  readonly isDurable: boolean;
  /** This sink's share of the ledger's outbox. */
  readonly outbox?: SinkQueue;
  /** Serve the sink within `accept`, as far as it is synchronous. */
  readonly immediate: boolean;
  readonly bounds: Bounds;
  readonly clock: Clock;
  readonly random: () => number;
}

/** What was begun without waiting and goes on with waiting: a claim, and what the sink said to it so far. */
interface Begun {
  readonly queue: SinkQueue;
  readonly claim: MaybePromise<Claim>;
  readonly verdict?: MaybePromise<Verdict | undefined>;
}

/**
 * Serves one sink: takes what is due from its queues, offers it, and does what `pace` says.
 * It works alone, so that a slow or failing sink holds up no other; nothing it does throws.
 */
export class SinkWorker {
  readonly name: string;
  readonly isDurable: boolean;
  readonly #options: SinkWorkerOptions;
  readonly #memory: MemoryQueue;
  readonly #queues: readonly SinkQueue[];
  readonly #state: SinkState;
  readonly #offers: SinkOffers;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<Claim['wait']> | undefined;
  #isServingNow = false;
  #sinceClaim = 0;
  #closed = false;

  constructor(options: SinkWorkerOptions) {
    const { name, sink, outbox, bounds, clock, random } = options;
    this.name = name;
    this.isDurable = options.isDurable;
    this.#options = options;
    this.#memory = new MemoryQueue(bounds.maxQueue, clock);
    this.#queues = outbox === undefined ? [this.#memory] : [outbox, this.#memory];
    const mostAtOnce = Math.min(bounds.batchSize, sink.batchSize ?? Number.POSITIVE_INFINITY);
    this.#state = new SinkState({ name, mostAtOnce, bounds, clock, random });
    this.#offers = new SinkOffers(sink, this.#state, bounds, this.#memory);
    if (outbox !== undefined) this.#wakeIn(bounds.batchDelayMs);
  }

  /** An event was accepted; `kept`: the outbox has it. */
  accept(event: CostEvent, kept: boolean): void {
    const { outbox, bounds, immediate } = this.#options;
    if (!kept || outbox === undefined) {
      if (this.#closed || !this.#memory.push(event)) {
        this.#state.drop(1, this.#closed ? 'it was shut down' : `more than ${bounds.maxQueue} events wait`);
        return;
      }
      if (outbox !== undefined) this.#offers.fromMemory(event);
    }
    this.#sinceClaim += 1;
    if (immediate && this.#mayServe() && this.#state.restMs === 0) this.#serveNow();
    else this.#wakeIn(this.#sinceClaim >= this.#state.batchSize ? 0 : bounds.batchDelayMs);
  }

  /** Offers what waits once more, whatever the back-off says; ends when there is nothing left or the sink fails. */
  async flush(deadline: number): Promise<void> {
    for (;;) {
      // One at a time: what is on its way is not offered twice.
      while (!this.#mayServe()) await (this.#running ?? turn());
      if (this.#closed) return;
      this.#state.stopResting();
      const wait = await this.#run();
      if (wait?.reason !== 'leased' || this.#options.clock.monotonic() >= deadline) break;
      await new Promise((resolve) => setTimeout(resolve, Math.min(wait.ms, 25)));
    }
    await this.#guarded('flush', () => this.#options.sink.flush?.());
  }

  /** Stops; what only memory held is counted as dropped. */
  async shutdown(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const left = this.#memory.clear();
    const reason = this.#state.counters.lastError ?? 'the sink did not answer in time';
    if (left > 0) this.#state.drop(left, `the process ended (${reason})`);
    for (const queue of this.#queues) await this.#guarded('release', () => queue.release());
    await this.#guarded('shutdown', () => this.#options.sink.shutdown?.());
  }

  backlog(): Backlog {
    const all = this.#queues.map((queue) => queue.backlog());
    const oldest = all.flatMap((each) => each.oldest ?? []).sort((a, b) => a.getTime() - b.getTime())[0];
    return known({
      pending: all.reduce((sum, each) => sum + each.pending, 0),
      dead: all.reduce((sum, each) => sum + each.dead, 0),
      oldest,
    });
  }

  health(): SinkHealth {
    return this.#state.health(this.backlog());
  }

  #mayServe(): boolean {
    return this.#running === undefined && !this.#isServingNow;
  }

  #wakeIn(delayMs: number): void {
    if (this.#closed || this.#running !== undefined) return;
    const delay = Math.max(delayMs, this.#state.restMs);
    if (this.#timer !== undefined && delay > 0) return;
    clearTimeout(this.#timer);
    const wake = (): void => {
      this.#timer = undefined;
      if (this.#closed || !this.#mayServe()) return;
      if (this.#state.restMs > 0) this.#wakeIn(0);
      else void this.#run();
    };
    // This is no request of the application's: no customer, no trace.
    this.#timer = context
      .with(ROOT_CONTEXT, () => setTimeout(wake, Math.min(delay, LONGEST_WAIT_MS)))
      .unref();
  }

  #rest(wait: Claim['wait']): void {
    if (wait !== undefined) this.#wakeIn(wait.ms);
    else if (this.#sinceClaim > 0) this.#wakeIn(this.#options.bounds.batchDelayMs);
  }

  /**
   * Serves a synchronous sink without waiting, for as long as it takes what it is offered. Whatever else happens
   * (a queue that must be waited for, a promise, a failure) is left to the asynchronous way, with what is done.
   */
  #serveNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isServingNow = true;
    let begun: Begun | undefined;
    let soonest: Claim['wait'];
    try {
      for (const queue of this.#queues) {
        for (;;) {
          const claim = this.#claim(queue);
          if (isPromise(claim)) {
            begun = { queue, claim };
            return;
          }
          if (claim.entries.length === 0) {
            soonest = sooner(soonest, claim.wait);
            if (claim.wait === undefined) void queue.release();
            break;
          }
          const verdict = this.#offers.write(queue, claim.entries);
          if (verdict !== undefined) {
            begun = { queue, claim, verdict };
            return;
          }
          this.#state.judge(undefined, claim.entries);
          void queue.settle(claim.entries, { kind: 'sent' });
        }
      }
    } catch (error) {
      soonest = this.#broken(error);
    } finally {
      this.#isServingNow = false;
      if (begun !== undefined) void this.#run(begun);
      else this.#rest(soonest);
    }
  }

  /** Offers batch after batch until nothing is due or the sink fails; says how long to wait then. Never rejects. */
  #run(begun?: Begun): Promise<Claim['wait']> {
    const running = this.#serve(begun)
      .catch((error: unknown) => this.#broken(error))
      .then((wait) => {
        this.#running = undefined;
        this.#rest(wait);
        return wait;
      });
    this.#running = running;
    return running;
  }

  async #serve(begun: Begun | undefined): Promise<Claim['wait']> {
    if (begun !== undefined) {
      const { entries } = await begun.claim;
      if (entries.length > 0 && !(await this.#offers.offer(begun.queue, entries, begun.verdict)))
        return this.#untilRested();
    }
    for (;;) {
      if (this.#closed) return undefined;
      let soonest: Claim['wait'];
      let hasOffered = false;
      for (const queue of this.#queues) {
        const { entries, wait } = await this.#claim(queue);
        if (entries.length > 0) {
          if (!(await this.#offers.offer(queue, entries))) return this.#untilRested();
          hasOffered = true;
          break;
        }
        soonest = sooner(soonest, wait);
        if (wait === undefined) await queue.release();
      }
      if (!hasOffered) return soonest;
      // Other work of the process gets its turn between two batches.
      await turn();
    }
  }

  #claim(queue: SinkQueue): MaybePromise<Claim> {
    this.#sinceClaim = 0;
    return queue.claim(this.#state.batchSize);
  }

  #untilRested(): Claim['wait'] {
    return { ms: this.#state.restMs, reason: 'parked' };
  }

  #broken(error: unknown): Claim['wait'] {
    this.#state.queueFailed(error);
    return this.#untilRested();
  }

  async #guarded(what: string, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      diag.warn(`costspan: ${what} of sink '${this.name}' failed: ${String(error)}`);
    }
  }
}

function sooner(a: Claim['wait'], b: Claim['wait']): Claim['wait'] {
  return a === undefined || (b !== undefined && b.ms < a.ms) ? b : a;
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
