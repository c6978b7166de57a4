import { diag } from '../base/diag.ts';
import { known } from '../base/read.ts';
import type { Backlog } from './outbox.ts';
import type { SinkHealth } from './sink.ts';

/** What has happened to one sink's events since the process began. */
export class SinkCounters {
  sent = 0;
  failed = 0;
  dropped = 0;
  lastError: string | undefined;
  #lastErrorAt: Date | undefined;

  /** Remembers what went wrong last; the caller says whether it counts as a failed attempt. */
  note(message: string, at: Date = new Date()): void {
    this.lastError = message;
    this.#lastErrorAt = at;
  }

  /** Counts events that are lost, and says so the first time. */
  drop(count: number, reason: string): void {
    if (count === 0) return;
    if (this.dropped === 0) diag.error(`costspan: events are being dropped, because ${reason}`);
    this.dropped += count;
    this.note(reason);
  }

  health(
    name: string,
    status: SinkHealth['status'],
    { pending, dead, oldest }: Backlog,
    now: number = Date.now(),
  ): SinkHealth {
    const { sent, failed, dropped, lastError } = this;
    return known({
      name,
      status,
      sent,
      pending,
      failed,
      dead,
      dropped,
      oldestPendingAgeMs: oldest && Math.max(0, now - oldest.getTime()),
      lastError,
      lastErrorAt: this.#lastErrorAt,
    });
  }
}
