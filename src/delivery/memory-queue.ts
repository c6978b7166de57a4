import type { Backlog, Claim, OutboxEntry, Outcome, SinkQueue } from './outbox.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import { known } from '../base/read.ts';
import type { Clock } from './clock.ts';

interface Parked {
  readonly entry: OutboxEntry;
  readonly dueAt: number;
}

/** What waits for one sink where no ledger keeps it: bounded, and gone with the process. */
export class MemoryQueue implements SinkQueue {
  readonly #limit: number;
  readonly #clock: Clock;
  #next: OutboxEntry[] = [];
  #parked: Parked[] = [];
  #position = 0;
  #dead = 0;
  #parkedFirst = false;
  #heldUntil = Number.NEGATIVE_INFINITY;

  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** `false` when the queue is full and the event is not in it. */
  push(event: CostEvent): boolean {
    if (this.#next.length + this.#parked.length >= this.#limit) return false;
    this.#position += 1;
    const keptAt = new Date(this.#clock.wall());
    this.#next.push({ position: this.#position, event, keptAt, attempts: 0, parked: false });
    return true;
  }

  claim(limit: number): Claim {
    const held = this.#heldUntil - this.#clock.monotonic();
    if (held > 0) return { entries: [], wait: { ms: held, reason: 'held' } };
    this.#parkedFirst = !this.#parkedFirst;
    const due = this.#parked.find(({ dueAt }) => dueAt <= this.#clock.monotonic());
    if (due !== undefined && (this.#parkedFirst || this.#next.length === 0)) return { entries: [due.entry] };
    if (this.#next.length > 0) return { entries: this.#next.slice(0, limit) };
    if (this.#parked.length === 0) return { entries: [] };
    const ms = Math.max(1, Math.min(...this.#parked.map(({ dueAt }) => dueAt)) - this.#clock.monotonic());
    return { entries: [], wait: { ms, reason: 'parked' } };
  }

  settle(entries: readonly OutboxEntry[], outcome: Outcome): void {
    const positions = new Set(entries.map(({ position }) => position));
    this.#next = this.#next.filter(({ position }) => !positions.has(position));
    this.#parked = this.#parked.filter(({ entry }) => !positions.has(entry.position));
    if (outcome.kind === 'dead') this.#dead += entries.length;
    if (outcome.kind !== 'later') return;
    for (const entry of entries) {
      this.#parked.push({
        entry: { ...entry, parked: true, attempts: entry.attempts + 1 },
        dueAt: this.#clock.monotonic() + outcome.delayMs,
      });
    }
  }

  release(): void {}

  holdOff(delayMs: number): void {
    this.#heldUntil = this.#clock.monotonic() + delayMs;
  }

  backlog(): Backlog {
    const [first] = this.#next;
    const oldest = this.#parked
      .map(({ entry }) => entry.keptAt)
      .reduce((a, b) => (a !== undefined && a <= b ? a : b), first?.keptAt);
    return known({ pending: this.#next.length + this.#parked.length, dead: this.#dead, oldest });
  }

  /** Gives up what is left and says how much that was. */
  clear(): number {
    const left = this.#next.length + this.#parked.length;
    this.#next = [];
    this.#parked = [];
    return left;
  }
}
