import { boundedErrorType } from './bounded.ts';
import type { Outcome, SettledCall } from './call.ts';
import { estimateUsage } from './estimate.ts';
import type { Reading, RequestReading } from './reading.ts';

/** What was consumed, and how we know. */
export function measureCall(
  request: RequestReading,
  outcome: Outcome,
  reading: Reading,
): Pick<SettledCall, 'usage' | 'usageSource' | 'consumedNothing'> {
  const counted = reading.usage ?? (outcome.status === 'ok' ? request.usage : undefined);
  if (counted !== undefined) return { usage: counted, usageSource: 'provider', consumedNothing: false };
  const refused = outcome.status === 'error' && !reading.partialUsage && !reading.outputCharacters;
  const consumedNothing = refused || outcome.sent === false;
  const { inputTokens } = outcome;
  const counts = inputTokens === undefined ? request : { ...request, inputTokens };
  const usage = consumedNothing ? undefined : estimateUsage(counts, reading);
  return usage === undefined
    ? { usage: {}, usageSource: 'none', consumedNothing }
    : { usage, usageSource: 'estimated', consumedNothing: false };
}

/** `error.type` of a call that did not end well: of a set that a metric can bear, and without content. */
export function errorTypeOf(outcome: Outcome, reading: Reading): { errorType?: string } {
  const errorType =
    reading.errorType ?? (outcome.error === undefined ? undefined : describeError(outcome.error));
  return errorType === undefined ? {} : { errorType: boundedErrorType(errorType) };
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
