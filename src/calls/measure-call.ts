import { boundedErrorType } from './bounded.ts';
import type { Consumed } from './call.ts';
import { estimateUsage } from './estimate.ts';
import type { Outcome } from './outcome.ts';
import type { RequestReading } from '../wire/reading.ts';

/**
 * What was consumed, and how we know. Nothing, when the request never left or every attempt was refused. An attempt
 * that was sent and never answered (a timeout, a reset, an abort) may have been billed.
 */
export function measureCall(
  request: RequestReading,
  outcome: Outcome,
  attempts: Attempts,
  errorType?: string,
): Consumed {
  const { status, reading = {}, inputTokens, unreadable } = outcome;
  if (reading.usageFault !== undefined) return { kind: 'unknown', why: reading.usageFault };
  const counted = reading.usage ?? (status === 'ok' ? request.usage : undefined);
  if (counted !== undefined) return { kind: 'counted', usage: counted };
  const isRefusal = status === 'error' && !reading.partialUsage && !reading.outputCharacters;
  if (attempts.unanswered === 0 && (isRefusal || attempts.answered === 0))
    return { kind: 'nothing', why: errorType ?? status };
  if (unreadable !== undefined) return { kind: 'unknown', why: unreadable };
  const counts = inputTokens === undefined ? request : { ...request, inputTokens };
  const usage = estimateUsage(counts, reading);
  return usage === undefined ? { kind: 'unknown' } : { kind: 'estimated', usage };
}

/** What became of the requests that were sent for one call. The others were refused. */
export interface Attempts {
  /** Sent, and nobody can say whether the provider did the work. */
  readonly unanswered: number;
  /** Answered with a reply. */
  readonly answered: number;
}

/** `error.type` of a call that did not end well: of a set that a metric can bear, and without content. */
export function errorTypeOf({ error, reading }: Outcome): string | undefined {
  const errorType = reading?.errorType ?? (error === undefined ? undefined : describeError(error));
  return errorType === undefined ? undefined : boundedErrorType(errorType);
}

/** A low-cardinality name for `error.type`: the provider's own code, the HTTP status, or the error's class. */
function describeError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER';
  const { status, name, constructor } = error as {
    status?: unknown;
    name?: unknown;
    constructor?: { name?: unknown };
  };
  if (typeof status === 'number') return String(status);
  const className = constructor?.name;
  if (typeof className === 'string' && className !== 'Error' && className !== 'Object') return className;
  return typeof name === 'string' && name !== '' ? name : '_OTHER';
}
