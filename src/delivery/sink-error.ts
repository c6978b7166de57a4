import { CostspanError } from '../base/errors.ts';

/** What a sink knows about a failed attempt; delivery acts upon it. Any error with these fields will do. */
export interface SinkErrorDetails {
  /** HTTP status of the answer. */
  readonly status?: number;
  /** What the receiver asked for in `Retry-After`, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** The answer's body; its beginning is kept with a dead letter. */
  readonly response?: string;
  readonly cause?: unknown;
}

/**
 * An attempt that failed, with what the receiver said. Delivery repeats on 408, 425, 429, 5xx and when there is
 * no status, pauses the sink on 401, 402, 403 and 407, and looks for the one offender on any other 4xx; a sink that
 * has refused everything so far is paused as well.
 *
 * @example
 * const sink = { name: 'billing', async write(events) {
 *   const answer = await fetch(url, { method: 'POST', body: JSON.stringify(events) });
 *   if (!answer.ok) throw new SinkError('billing refused', { status: answer.status, response: await answer.text() });
 * } };
 */
export class SinkError extends CostspanError {
  override readonly name = 'SinkError';
  declare readonly status?: number;
  declare readonly retryAfterMs?: number;
  declare readonly response?: string;

  constructor(message: string, details: SinkErrorDetails = {}) {
    super('SINK_FAILED', message, details.cause === undefined ? {} : { cause: details.cause });
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.response !== undefined) this.response = details.response;
  }
}
