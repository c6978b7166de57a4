import type { MaybePromise } from '../base/promises.ts';
import { Recent } from '../base/recent.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { Bounds } from './bounds.ts';
import { callSink } from './call-sink.ts';
import type { OutboxEntry, SinkQueue } from './outbox.ts';
import type { SinkState } from './sink-state.ts';
import type { CostEventSink } from './sink.ts';
import type { Verdict } from './verdict.ts';

/** Offers entries to one sink, and writes down in their queue what became of them. */
export class SinkOffers {
  readonly #sink: CostEventSink;
  readonly #state: SinkState;
  readonly #bounds: Bounds;
  /** The queue of what no ledger keeps. */
  readonly #memory: SinkQueue;
  /** Delivered from memory while the ledger could not keep them; it may offer them again. */
  readonly #hadFromMemory: Recent<string, true>;

  constructor(sink: CostEventSink, state: SinkState, bounds: Bounds, memory: SinkQueue) {
    this.#sink = sink;
    this.#state = state;
    this.#bounds = bounds;
    this.#memory = memory;
    this.#hadFromMemory = new Recent(bounds.maxQueue);
  }

  /** The event goes to the sink from memory; where the ledger has it after all, it is not offered again. */
  fromMemory({ id }: CostEvent): void {
    this.#hadFromMemory.set(id, true);
  }

  /** What the sink says to entries of a queue; `undefined` when it takes them. */
  write(queue: SinkQueue, entries: readonly OutboxEntry[]): MaybePromise<Verdict | undefined> {
    const events = entries
      .map(({ event }) => event)
      .filter((event) => queue === this.#memory || !this.#hadFromMemory.delete(event.id));
    // Those it had from memory are counted already.
    this.#state.counters.sent -= entries.length - events.length;
    if (events.length === 0) return undefined;
    return callSink(this.#sink, events, this.#bounds.attemptTimeoutMs);
  }

  /**
   * Offers entries, in halves where one of them is refused, and settles each part from the front on. `begun`: what the
   * sink says to all of them, where it was asked already. `false` when the sink is to be left alone.
   */
  async offer(
    queue: SinkQueue,
    entries: readonly OutboxEntry[],
    begun?: MaybePromise<Verdict | undefined>,
  ): Promise<boolean> {
    const parts = [entries];
    const doubted: [OutboxEntry, Verdict][] = [];
    let first = begun;
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const verdict: Verdict | undefined = await (first ?? this.write(queue, part));
      first = undefined;
      const { action, count, delayMs, restMs } = this.#state.judge(verdict, part);
      const front = part.slice(0, count);
      if (action === 'settle' || action === 'bury')
        for (const [entry, why] of doubted.splice(0)) await this.#bury(queue, [entry], why);
      if (action === 'settle') await queue.settle(front, { kind: 'sent' });
      else if (action === 'split') {
        const middle = Math.ceil(part.length / 2);
        parts.unshift(part.slice(0, middle), part.slice(middle));
      } else if (verdict !== undefined) {
        if (action === 'doubt') for (const entry of front) doubted.push([entry, verdict]);
        else if (action === 'bury') {
          await this.#bury(queue, front, verdict);
          if (count < part.length) parts.unshift(part.slice(count));
        } else if (action === 'set aside' && doubted.length === 0)
          await queue.settle(front, { kind: 'later', delayMs, failure: verdict.failure });
        if (verdict.retryAfterMs !== undefined && restMs > 0) await queue.holdOff(verdict.retryAfterMs);
      }
      if (restMs > 0) return false;
    }
    const [, why] = doubted[0] ?? [];
    if (why === undefined) return true;
    this.#state.refusedEverything(why);
    return false;
  }

  async #bury(queue: SinkQueue, entries: readonly OutboxEntry[], verdict: Verdict): Promise<void> {
    const failure = this.#state.bury(entries.length, verdict);
    await queue.settle(entries, { kind: 'dead', failure });
  }
}
