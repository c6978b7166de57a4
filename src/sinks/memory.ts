import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink } from '../delivery/sink.ts';

/**
 * Keeps events in memory, for tests and for looking around. Hears the events of its own process only.
 *
 * @example
 * const memory = new MemorySink();
 * new CostSpanProcessor({ sinks: [memory], delivery: 'sync' });
 * console.log(memory.events.map((event) => event.cost.amount));
 */
export class MemorySink implements CostEventSink {
  readonly name = 'memory';
  readonly transient = true;
  readonly events: CostEvent[] = [];
  readonly #ids: Set<string> = new Set();

  /** The same event again is not kept twice. */
  write(events: readonly CostEvent[]): void {
    for (const event of events) {
      if (this.#ids.has(event.id)) continue;
      this.#ids.add(event.id);
      this.events.push(event);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.events.length = 0;
    this.#ids.clear();
  }
}
