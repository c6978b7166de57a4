import { diag } from '../base/diag.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import type { Outbox } from './outbox.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink, Delivery, SinkHealth } from './sink.ts';
import { type Clock, systemClock } from './clock.ts';
import { isPromise } from '../base/promises.ts';
import { type Bounds, DEFAULT_BOUNDS } from './bounds.ts';
import { LONGEST_WAIT_MS } from './call-sink.ts';
import { SinkWorker } from './sink-worker.ts';

/** How events are brought to the sinks. Times are milliseconds; every bound has a default. */
export interface DeliveryConfig extends Partial<Bounds> {
  /** `sync`: sinks are served within `accept`, as far as they are synchronous. Default: `batch`. */
  readonly mode?: 'batch' | 'sync';
}

/** The clock and the random numbers of delivery; tests pass their own. */
export interface DeliveryEnvironment {
  readonly clock?: Clock;
  /** 0 ≤ number < 1, for the jitter. */
  readonly random?: () => number;
}

/**
 * Brings events to sinks: at least once, each sink at its own pace.
 *
 * With a durable ledger among the sinks an event is in the ledger when `accept` returns, and the others are
 * served from there, across restarts. Without one, events wait in memory, up to `maxQueue` per sink.
 *
 * @throws {ConfigError} for an unknown or unusable option.
 */
export function createDelivery(
  sinks: readonly CostEventSink[],
  config: DeliveryConfig['mode'] | DeliveryConfig = {},
  environment: DeliveryEnvironment = {},
): Delivery {
  return new SinkDelivery(
    sinks,
    checkConfig(typeof config === 'string' ? { mode: config } : config),
    environment,
  );
}

const COUNTS: ReadonlySet<string> = new Set(['batchSize', 'maxQueue']);

/** What sinks and the ledger have for their own shutdown after a flush that used up its time. */
const GRACE_MS = 1_000;

function checkConfig(config: DeliveryConfig): DeliveryConfig {
  checkOptions("The option 'delivery'", config, ['mode', ...Object.keys(DEFAULT_BOUNDS)]);
  for (const [name, value] of Object.entries(config) as [string, unknown][]) {
    if (value === undefined) continue;
    if (name === 'mode') {
      if (value === 'batch' || value === 'sync') continue;
      throw new ConfigError(`The option 'delivery': expected 'batch' or 'sync', got ${describe(value)}.`);
    }
    const isWhole = COUNTS.has(name);
    if (typeof value === 'number' && value > 0 && (!isWhole || Number.isInteger(value))) continue;
    throw new ConfigError(
      `The option 'delivery': expected '${name}' to be a ${isWhole ? 'whole ' : ''}number above 0, got ${describe(value)}.`,
    );
  }
  return config;
}

class SinkDelivery implements Delivery {
  readonly #ledger: DurableLedger | undefined;
  readonly #workers: readonly SinkWorker[];
  readonly #bounds: Bounds;
  readonly #clock: Clock;
  #shutdown: Promise<void> | undefined;

  constructor(
    sinks: readonly CostEventSink[],
    { mode = 'batch', ...bounds }: DeliveryConfig,
    { clock = systemClock, random = Math.random }: DeliveryEnvironment,
  ) {
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
        isDurable: isDurable(sink),
        ...(outbox === undefined ? {} : { outbox }),
        immediate: mode === 'sync' || transient,
        bounds: this.#bounds,
        clock,
        random,
      });
    });
  }

  accept(event: CostEvent, { persist = true }: { readonly persist?: boolean } = {}): void {
    try {
      const kept = persist && this.#keep(event);
      for (const worker of this.#workers) if (persist || !worker.isDurable) worker.accept(event, kept);
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
    const deadline = this.#clock.monotonic() + this.#bounds.flushTimeoutMs;
    await this.#until(deadline, this.#flush(deadline));
    this.#reportLeft();
    const last = (): number => Math.max(deadline, this.#clock.monotonic() + GRACE_MS);
    await this.#until(last(), Promise.all(this.#workers.map((worker) => worker.shutdown())));
    await this.#until(last(), this.#ledger?.shutdown() ?? Promise.resolve());
  }

  /** Ends with the work or at the deadline, whichever comes first; never rejects. */
  async #until(deadline: number, work: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      const left = Math.max(0, deadline - this.#clock.monotonic());
      timer = setTimeout(resolve, Math.min(left, LONGEST_WAIT_MS));
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
        `costspan: ${pending} event${pending === 1 ? ' has' : 's have'} not reached sink '${worker.name}' (${worker.health().lastError ?? 'no answer yet'}). ${kept}.`,
      );
    }
  }
}

/** A ledger that can hold events for other sinks. */
interface DurableLedger extends CostEventSink {
  readonly name: string;
  readonly outbox: Outbox;
  flush(): Promise<void>;
  shutdown(): Promise<void>;
  health(): SinkHealth;
}

function isDurableLedger(sink: CostEventSink): sink is DurableLedger {
  return 'outbox' in sink && sink.outbox !== undefined && 'health' in sink;
}

/** A ledger is durable whatever it says of itself. */
function isDurable(sink: CostEventSink): boolean {
  return sink.durable ?? 'query' in sink;
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
