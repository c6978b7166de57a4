import { diag } from '../base/diag.ts';
import type { Bounds } from './bounds.ts';
import type { Clock } from './clock.ts';
import type { Backlog, Failure, OutboxEntry } from './outbox.ts';
import { everythingRefused, isFailing, next, type Next, type Pace, POLICY, startPace } from './pace.ts';
import { SinkCounters } from './sink-counters.ts';
import type { SinkHealth } from './sink.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface SinkStateOptions {
  readonly name: string;
  /** Events offered at a time, at the most. */
  readonly mostAtOnce: number;
  readonly bounds: Bounds;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How one sink is doing: its pace, its counters, and what a person should know about it, said once. */
export class SinkState {
  readonly counters: SinkCounters = new SinkCounters();
  readonly #options: SinkStateOptions;
  #pace: Pace;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(options: SinkStateOptions) {
    this.#options = options;
    this.#pace = startPace(options.bounds, options.mostAtOnce);
  }

  get batchSize(): number {
    return this.#pace.batchSize;
  }

  /** How many milliseconds the sink is still left alone. */
  get restMs(): number {
    return Math.max(0, this.#restsUntil - this.#options.clock.monotonic());
  }

  /** The back-off is over: somebody asks for everything now. */
  stopResting(): void {
    this.#restsUntil = Number.NEGATIVE_INFINITY;
  }

  /** What to do with entries after the sink was offered them; an undefined verdict: it took them. */
  judge(verdict: Verdict | undefined, entries: readonly OutboxEntry[]): Next {
    const { clock, random } = this.#options;
    return this.#follow(next(this.#pace, verdict, entries, clock.wall(), random), verdict);
  }

  /** The queue itself failed, not the sink. */
  queueFailed(error: unknown): void {
    this.judge({ kind: 'repeat', failure: verdictOf(error).failure }, []);
  }

  /** Every entry that could be offered was refused, and none was taken before. */
  refusedEverything(verdict: Verdict): void {
    this.#follow(everythingRefused(this.#pace), verdict);
  }

  /** So many events are refused for good. Returns what is written down about them. */
  bury(count: number, { kind, failure }: Verdict): Failure {
    const days = Number((this.#options.bounds.maxAgeMs / 86_400_000).toFixed(2));
    const message =
      kind === 'repeat'
        ? `not delivered within ${days} days; the last attempt: ${failure.message}`
        : failure.message;
    if (kind === 'repeat' || this.#pace.refusals <= 1)
      diag.error(
        `${this.#sink} will never take ${count === 1 ? 'an event' : `${count} events`}: ${message}. See: costspan outbox list`,
      );
    return { ...failure, message };
  }

  drop(count: number, reason: string): void {
    if (this.counters.dropped === 0)
      diag.error(`costspan: events for sink '${this.#options.name}' are dropped, because ${reason}.`);
    this.counters.dropped += count;
  }

  health(backlog: Backlog): SinkHealth {
    const { failures, loneFailures } = this.#pace;
    const isTroubled = failures + loneFailures + backlog.dead + this.counters.dropped > 0;
    const status = isFailing(this.#pace) ? 'failing' : isTroubled ? 'degraded' : 'ok';
    return this.counters.health(this.#options.name, status, backlog, this.#options.clock.wall());
  }

  get #sink(): string {
    return `costspan: sink '${this.#options.name}'`;
  }

  #follow(step: Next, verdict: Verdict | undefined): Next {
    const before = this.#pace;
    this.#pace = step.pace;
    this.#restsUntil =
      step.restMs > 0 ? this.#options.clock.monotonic() + step.restMs : Number.NEGATIVE_INFINITY;
    if (step.action === 'settle') this.counters.sent += step.count;
    if (step.action === 'hold' || step.action === 'set aside') this.counters.failed += 1;
    if (verdict !== undefined && step.action !== 'settle') this.#note(verdict);
    this.#say(before, step, verdict?.failure.message ?? '');
    return step;
  }

  #note({ failure: { status, message } }: Verdict): void {
    const at = new Date(this.#options.clock.wall());
    this.counters.note(status === undefined ? message : `${status}: ${message}`, at);
  }

  #say(before: Pace, { pace, action }: Next, message: string): void {
    if (isFailing(before) && action === 'settle') diag.info(`${this.#sink} takes events again.`);
    else if (pace.paused && !before.paused) {
      const minutes = Math.max(1, Math.round(pace.bounds.pauseMs / 60_000));
      diag.error(
        `${this.#sink} refuses everything and is paused: ${message}. Check its address, format and key. It is tried again every ${minutes} min; nothing is thrown away.`,
      );
    } else if (pace.failures === POLICY.failuresUntilFailing && before.failures < pace.failures)
      diag.error(`${this.#sink} does not take events: ${message}. They wait and are offered again.`);
  }
}
