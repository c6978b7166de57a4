import type { Reading, StreamReader } from '../wire/reading.ts';
import type { CallStatus } from './call.ts';

/** How the reply of a call ended, before it is known what that means for the bill. */
export interface Outcome {
  readonly status: CallStatus;
  readonly reading?: Reading;
  readonly error?: unknown;
  /** Why a reply that came says nothing: it may have been billed, and nobody can say what. */
  readonly unreadable?: string;
  /** A listener refused the call before it was sent. */
  readonly denied?: boolean;
  /** The application lost its last handle on the reply: nobody else will end the SDK's own span. */
  readonly abandoned?: boolean;
  /** What the request sent, counted only for a call whose usage never came. */
  readonly inputTokens?: number;
}

/** The whole reply was read. */
export function read(reading: Reading): Outcome {
  return { status: isError(reading) ? 'error' : 'ok', reading };
}

/** The provider closed the stream, or the SDK did so quietly after an abort. */
export function ended(reading: Reading, aborted: boolean): Outcome {
  if (isError(reading)) return { status: 'error', reading };
  if (isComplete(reading)) return { status: 'ok', reading };
  if (aborted) return { status: 'aborted', reading };
  return { status: reading.finishReasons === undefined ? 'partial' : 'ok', reading };
}

/**
 * The application stopped reading. After the final figures nothing was cut off; an SDK also stops when the provider
 * reports an error.
 */
export function left(reading: Reading): Outcome {
  if (isError(reading)) return { status: 'error', reading };
  return { status: isComplete(reading) ? 'ok' : 'aborted', reading };
}

/** Reading failed: by an abort, by an error the provider sent, or because the connection broke. */
export function failed(error: unknown, reading: Reading, aborted: boolean = isAbort(error)): Outcome {
  if (isError(reading) || isProviderError(error)) return { status: 'error', reading, error };
  return { status: aborted ? 'aborted' : 'partial', reading, error };
}

/** A listener refused the call: nothing was sent. */
export function denied(error: Error): Outcome {
  return { status: 'error', error, denied: true };
}

/** The process ends, and nobody will hear how the call does. */
export function interrupted(reading: Reading): Outcome {
  return { status: isComplete(reading) ? 'ok' : 'partial', reading };
}

/** A reply that says what failed is an error, also when its work was billed. */
function isError(reading: Reading): boolean {
  return reading.errorType !== undefined;
}

function isComplete(reading: Reading): boolean {
  return reading.usage !== undefined;
}

/** `fetch` rejects with an `AbortError`, SDKs with a class of their own; `@google/genai` 1 keeps its message alone. */
export function isAbort(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, message, constructor } = error as Partial<Error>;
  if (name === 'AbortError' || constructor?.name === 'APIUserAbortError') return true;
  return typeof message === 'string' && message.startsWith('exception AbortError');
}

/** The SDKs' `APIError`, raised for an error event inside a stream, carries the error's body. */
function isProviderError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'error' in error && error.error !== undefined;
}

export function readingOf(reader: StreamReader): Reading {
  try {
    return reader.reading();
  } catch {
    return {};
  }
}
