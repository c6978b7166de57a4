import { diag } from '@opentelemetry/api';
import type { CostLedger } from '../ledger/ledger.ts';
import type { Outbox } from '../ledger/outbox.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink, Delivery, SinkHealth } from '../metering/sink.ts';
import { type Clock, systemClock } from './clock.ts';
import { isPromise } from './maybe-promise.ts';
import { type Bounds, SinkWorker } from './sink-worker.ts';

/** Options of `createDelivery`. Times are milliseconds. */
export interface DeliveryOptions extends Partial<Bounds> {
  /** A durable ledger among them is the outbox of the others. */
  readonly sinks: readonly CostEventSink[];
  /** `sync`: sinks are served within `accept`, as far as they are synchronous. Default: `batch`. */
  readonly mode?: 'batch' | 'sync';
  readonly clock?: Clock;
  /** 0 ≤ number < 1, for the jitter. */
  readonly random?: () => number;
}

export const DEFAULT_BOUNDS: Bounds = Object.freeze({
  /** Events offered to a sink at a time. */
  batchSize: 100,
  /** How long events gather before they are offered. */
  batchDelayMs: 100,
  /** Events kept in memory per sink where no ledger keeps them; more are dropped and counted. */
  maxQueue: 10_000,
  /** An event that could not be delivered for so long becomes a dead letter. */
  maxAgeMs: 7 * 86_400_000,
  /** The first retry comes after about this. */
  firstRetryMs: 1_000,
  /** No two attempts are further apart than this, unless the receiver asks for it. */
  lastRetryMs: 300_000,
  /** How long a sink that refuses our key is left alone. */
  pauseMs: 300_000,
  /** A sink that has not answered by then has failed. */
  attemptTimeoutMs: 30_000,
  /** `forceFlush` and `shutdown` end by then. */
  flushTimeoutMs: 10_000,
});

/**
 * Brings events to sinks: at least once, each sink at its own pace.
 *
 * With a durable ledger among the sinks an event is in the ledger when `accept` returns, and the others are
 * served from there, across restarts. Without one, events wait in memory, up to `maxQueue` per sink.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new SinkDelivery(options);
}

class SinkDelivery implements Delivery {
  readonly #ledger: DurableLedger | undefined;
  readonly #workers: readonly SinkWorker[];
  readonly #bounds: Bounds;
  readonly #clock: Clock;
  #shutdown: Promise<void> | undefined;

  constructor({
    sinks,
    mode = 'batch',
    clock = systemClock,
    random = Math.random,
    ...bounds
  }: DeliveryOptions) {
    this.#bounds = { ...DEFAULT_BOUNDS, ...bounds };
    this.#clock = clock;
    const ledger = sinks.find(isDurableLedger);
    this.#ledger = ledger;
    const names = distinctNames(sinks);
    this.#workers = sinks.flatMap((sink, index) => {
      if (sink === ledger) return [];
      const name = names[index] ?? 'sink';
      const transient = sink.transient === true;
      const outbox = transient ? undefined : ledger?.outbox.queue(name);
      return new SinkWorker({
        sink,
        name,
        ...(outbox === undefined ? {} : { outbox }),
        immediate: mode === 'sync' || transient,
        bounds: this.#bounds,
        clock,
        random,
      });
    });
  }

  accept(event: CostEvent): void {
    try {
      const kept = this.#keep(event);
      for (const worker of this.#workers) worker.accept(event, kept);
    } catch (error) {
      diag.error(`costspan: an event could not be delivered: ${String(error)}`);
    }
  }

  async forceFlush(): Promise<void> {
    const deadline = this.#clock.monotonic() + this.#bounds.flushTimeoutMs;
    await this.#until(deadline, this.#flush(deadline));
    this.#reportLeft();
  }

  shutdown(): Promise<void> {
    this.#shutdown ??= this.#stop();
    return this.#shutdown;
  }

  health(): readonly SinkHealth[] {
    return [
      ...(this.#ledger === undefined ? [] : [this.#ledger.health()]),
      ...this.#workers.map((worker) => worker.health()),
    ];
  }

  /** Whether the ledger has the event. */
  #keep(event: CostEvent): boolean {
    const ledger = this.#ledger;
    if (ledger === undefined) return false;
    try {
      const written = ledger.write([event]);
      if (isPromise(written))
        written.catch((error: unknown) => diag.error(`costspan: ledger '${ledger.name}': ${String(error)}`));
      return ledger.outbox.available;
    } catch (error) {
      diag.error(`costspan: ledger '${ledger.name}': ${String(error)}`);
      return false;
    }
  }

  async #flush(deadline: number): Promise<void> {
    await this.#ledger?.flush();
    await Promise.all(this.#workers.map((worker) => worker.flush(deadline)));
  }

  async #stop(): Promise<void> {
    await this.forceFlush();
    const deadline = this.#clock.monotonic() + this.#bounds.flushTimeoutMs;
    await this.#until(deadline, Promise.all(this.#workers.map((worker) => worker.shutdown())));
    await this.#until(deadline, this.#ledger?.shutdown() ?? Promise.resolve());
  }

  /** Ends with the work or at the deadline, whichever comes first; never rejects. */
  async #until(deadline: number, work: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, deadline - this.#clock.monotonic()));
    });
    const done = work.catch((error: unknown) => diag.error(`costspan: ${String(error)}`));
    await Promise.race([done, late]);
    clearTimeout(timer);
  }

  #reportLeft(): void {
    const kept =
      this.#ledger === undefined ? 'They are in memory only' : 'They are kept and will be offered again';
    for (const worker of this.#workers) {
      const { pending } = worker.backlog();
      if (pending === 0) continue;
      diag.warn(
        `costspan: ${pending} events have not reached sink '${worker.name}' (${worker.health().lastError ?? 'no answer yet'}). ${kept}.`,
      );
    }
  }
}

/** A ledger that can hold events for other sinks. */
type DurableLedger = CostLedger & { readonly outbox: Outbox; health(): SinkHealth };

function isDurableLedger(sink: CostEventSink): sink is DurableLedger {
  return 'outbox' in sink && sink.outbox !== undefined && 'health' in sink;
}

/** Progress is kept under the name, so two sinks of one name get a number: `http`, `http-2`. */
function distinctNames(sinks: readonly CostEventSink[]): string[] {
  const seen = new Map<string, number>();
  return sinks.map((sink) => {
    const name = sink.name ?? 'sink';
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}-${times}`;
  });
}
