import type { Outcome } from '../call.ts';
import type { Reading, StreamReader } from '../reading.ts';
import type { PendingCall } from './pending-call.ts';
import type { EventStream } from './sdk.ts';

/**
 * Watches a stream without owning it: every event the application pulls passes by, none is pulled for us, and
 * whatever ends the stream (its end, `break`, an error, an abort, being dropped) settles the call.
 */
export function observeStream(
  stream: EventStream,
  pending: PendingCall,
  response: Response | undefined,
): void {
  const reader = pending.billable?.endpoint.readStream?.(pending.context(response)) ?? SILENT;
  const observation: Observation = { reader, pending, controller: stream.controller };
  pending.call.follow(() => readingOf(reader));
  const open = stream.iterator;
  let opened = false;
  stream.iterator = function iterator(this: unknown) {
    const events = open.call(this);
    // A second iterator of the same stream fails inside the SDK ("cannot iterate over a consumed stream").
    if (opened) return events;
    opened = true;
    UNREAD.unregister(observation);
    const observed = new ObservedIterator(events, observation);
    UNFINISHED.register(observed, observation);
    return observed;
  };
  UNREAD.register(stream, observation, observation);
}

/** What is known of one stream; it refers to neither the stream nor its iterator. */
interface Observation {
  readonly reader: StreamReader;
  readonly pending: PendingCall;
  readonly controller: AbortController | undefined;
}

const SILENT: StreamReader = { read: () => undefined, reading: () => ({}) };

const dropped = ({ pending, reader }: Observation): void => pending.streamDropped(readingOf(reader));
/** Streams that were never read. */
const UNREAD = new FinalizationRegistry<Observation>(dropped);
/** Streams somebody began to read and forgot. */
const UNFINISHED = new FinalizationRegistry<Observation>(dropped);

class ObservedIterator implements AsyncIterableIterator<unknown> {
  readonly #events: AsyncIterator<unknown>;
  readonly #observation: Observation;

  constructor(events: AsyncIterator<unknown>, observation: Observation) {
    this.#events = events;
    this.#observation = observation;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(...args: [] | [undefined]): Promise<IteratorResult<unknown>> {
    try {
      for (;;) {
        const result = await this.#events.next(...args);
        if (result.done) {
          if (this.#observation.controller?.signal.aborted !== true) this.#observation.reader.end?.();
          this.#settle((reading, controller) => ended(reading, controller?.signal.aborted === true));
          return result;
        }
        if (this.#see(result.value)) return result;
      }
    } catch (error) {
      // The SDK aborts the request after every failure: only the error tells whether the application did.
      this.#settle((reading, controller) =>
        failed(error, reading, isAbort(error) || isReason(error, controller)),
      );
      throw error;
    }
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    this.#settle(left);
    return (await this.#events.return?.(value)) ?? { done: true, value };
  }

  async throw(error?: unknown): Promise<IteratorResult<unknown>> {
    this.#settle(left);
    if (this.#events.throw === undefined) throw error;
    return this.#events.throw(error);
  }

  /** Reads an event in passing; false when the application would not have got it without us. */
  #see(event: unknown): boolean {
    const { reader, pending } = this.#observation;
    pending.call.firstChunk();
    try {
      reader.read(event);
      return pending.billable?.hide?.(event) !== true;
    } catch {
      return true;
    }
  }

  #settle(how: (reading: Reading, controller: AbortController | undefined) => Outcome): void {
    const { reader, pending, controller } = this.#observation;
    pending.settle(how(readingOf(reader), controller));
  }
}

/** The provider closed the stream, or the SDK did so quietly after an abort. */
export function ended(reading: Reading, aborted: boolean): Outcome {
  if (reading.errorType !== undefined && reading.usage === undefined) return { status: 'error', reading };
  if (isComplete(reading)) return { status: 'ok', reading };
  if (aborted) return { status: 'aborted', reading };
  return { status: reading.finishReasons === undefined ? 'partial' : 'ok', reading };
}

/** The application left: after the final figures nothing was cut off. */
export function left(reading: Reading): Outcome {
  return { status: isComplete(reading) ? 'ok' : 'aborted', reading };
}

/** Reading failed: by an abort, by an error the provider sent, or because the connection broke. */
export function failed(error: unknown, reading: Reading, aborted: boolean): Outcome {
  const status = aborted ? 'aborted' : isProviderError(error) ? 'error' : 'partial';
  return { status, reading, error };
}

/** `controller.abort(reason)` rejects with the reason itself. */
function isReason(error: unknown, controller: AbortController | undefined): boolean {
  return controller?.signal.aborted === true && error === controller.signal.reason;
}

function isComplete(reading: Reading): boolean {
  return reading.usage !== undefined;
}

export function isAbort(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, constructor } = error as { name?: unknown; constructor?: { name?: unknown } };
  return name === 'AbortError' || constructor?.name === 'APIUserAbortError';
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
