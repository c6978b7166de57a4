import type { CostEvent } from '../../metering/cost-event.ts';
import { WaitingFile } from './waiting-file.ts';

/** Events kept in memory while the file cannot take them; more are counted as dropped. */
export const MAX_WAITING = 10_000;

/** Events that were accepted and are not in the file yet, the oldest first. */
export class WaitingEvents {
  /** Absent where a killed process may lose what waits: in `batch`, and in memory. */
  readonly #file: WaitingFile | undefined;
  readonly #events: CostEvent[] = [];

  constructor(ledger: string, isKept: boolean) {
    this.#file = isKept ? new WaitingFile(ledger) : undefined;
  }

  get count(): number {
    return this.#events.length;
  }

  add(events: readonly CostEvent[]): void {
    for (const event of events) this.#events.push(event);
  }

  /** The oldest, up to so many. `took` or `putBack` follows. */
  take(most: number): readonly CostEvent[] {
    return this.#events.splice(0, most);
  }

  putBack(events: readonly CostEvent[]): void {
    this.#events.unshift(...events);
  }

  /** The file has what was taken. */
  took(count: number): void {
    this.#file?.took(count);
    if (this.#events.length === 0) this.#file?.clear();
  }

  /** Puts events before those that wait: what went to a file that is gone. */
  putBefore(events: readonly CostEvent[]): void {
    this.#events.unshift(...events);
    this.#file?.restart();
  }

  /**
   * They wait for longer: what no memory should hold is dropped, the newest first, and the rest is written down beside
   * the file. Returns how many were dropped.
   */
  hold(): number {
    const over = Math.max(0, this.#events.length - MAX_WAITING);
    if (over > 0) this.#events.length = MAX_WAITING;
    this.#file?.keep(this.#events);
    return over;
  }

  /** Gives them up. Returns how many there were. */
  clear(): number {
    return this.#events.splice(0).length;
  }
}
