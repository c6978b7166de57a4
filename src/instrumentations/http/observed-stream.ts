import type { Observation } from './observation.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Reader = ReadableStreamDefaultReader<Bytes>;

/** What a stream of ours reads from. */
interface Source {
  /** Kept alive for whoever took nothing but the stream: `fetch` ends the body of a response that is garbage. */
  response: Response | undefined;
  readonly body: ReadableStream<Uint8Array>;
  readonly observation: Observation;
  controller: ReadableByteStreamController | undefined;
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Bytes may wait in our stream's own queue: from now on all go through it. */
  isQueued: boolean;
  /** The body ended, and all of it was handed on. */
  isOver: boolean;
}

/**
 * The streams that stand for bodies, by response; made when first asked for. Not by body: an open connection keeps
 * its body, and would keep the stream with it.
 */
const STREAMS = new WeakMap<Response, { readonly body: ReadableStream; readonly stream: ReadableStream }>();

/**
 * The same bytes at the reader's pace: one read for one pull, and none before. It keeps the response, and is kept by
 * it: what the SDK keeps alive through the reply, its way to abort among it, lives as long as somebody can read.
 *
 * Whoever reads it chunk by chunk (`getReader()`, `for await`) gets the chunks of the body themselves, which costs a
 * tenth of a second stream; pipes, copies and readers with memory of their own go through the stream's queue.
 */
export function observedStream(
  response: Response,
  body: ReadableStream<Uint8Array>,
  observation: Observation,
): ReadableStream<Uint8Array> {
  const known = STREAMS.get(response);
  // `clone()` puts another body in the place of the first.
  if (known?.body === body) return known.stream;
  const source: Source = {
    response,
    body,
    observation,
    controller: undefined,
    reader: undefined,
    isQueued: false,
    isOver: false,
  };
  const stream = new ReadableStream(
    {
      type: 'bytes',
      start(controller) {
        source.controller = controller;
      },
      async pull(controller) {
        source.isQueued = true;
        const { done, value } = await nextPiece(source);
        // A copy: a stream of bytes takes its memory away from whoever made it.
        if (!done) controller.enqueue(new Uint8Array(value));
        else controller.byobRequest?.respond(0);
      },
      async cancel(reason) {
        source.isOver = true;
        observation.finish((reader) => reader.left());
        await (source.reader ?? source.body).cancel(reason);
        source.reader?.releaseLock();
      },
    },
    { highWaterMark: 0 },
  ) as ReadableStream<Bytes>;
  readDirectly(stream, source);
  STREAMS.set(response, { body, stream });
  return stream;
}

type Result = Awaited<ReturnType<Reader['read']>>;

/** The next bytes that the application is to see. Ends our stream with the body. */
function nextPiece(source: Source): Promise<Result> {
  if (source.isOver) return Promise.resolve(close(source));
  const { observation } = source;
  // Taken when the first byte is asked for: until then `text()` and `clone()` work.
  if (source.reader === undefined) observation.claim();
  try {
    source.reader ??= source.body.getReader();
  } catch (error) {
    return Promise.reject(fail(source, error));
  }
  if (observation.observer.isReadBySdk === true) source.response = undefined;
  return source.reader.read().then(
    ({ done, value }) => {
      const shown = (done ? observation.end() : observation.see(value)) as Bytes;
      source.isOver ||= done;
      if (shown.length > 0) return { done: false, value: shown };
      return nextPiece(source);
    },
    (error: unknown) => {
      throw fail(source, error);
    },
  );
}

function close(source: Source): Result {
  source.reader?.releaseLock();
  source.reader = undefined;
  try {
    source.controller?.close();
  } catch {
    // It was cancelled meanwhile.
  }
  source.controller = undefined;
  return { done: true, value: undefined };
}

function fail({ observation, controller }: Source, error: unknown): unknown {
  observation.finish((reader) => reader.failed(error));
  controller?.error(error);
  return error;
}

/** Puts the direct way in front of the stream's own, for those who read it chunk by chunk. */
function readDirectly(stream: ReadableStream<Bytes>, source: Source): void {
  const takeReader = stream.getReader.bind(stream) as (options?: { mode?: 'byob' }) => Reader;
  const getReader = (options?: { mode?: 'byob' }): Reader => {
    const reader = takeReader(options);
    return source.isQueued || options?.mode !== undefined ? reader : directReader(reader, source);
  };
  const values = (options?: { readonly preventCancel?: boolean }): AsyncIterableIterator<Bytes> =>
    chunksOf(getReader(), options?.preventCancel === true);
  const own = { getReader, values, [Symbol.asyncIterator]: values };
  for (const name of Reflect.ownKeys(own) as (keyof typeof own)[])
    Object.defineProperty(stream, name, { value: own[name], configurable: true, writable: true });
}

/** The same reader, which holds the lock; what it reads comes straight from the body. */
function directReader(reader: Reader, source: Source): Reader {
  const { read, releaseLock } = reader;
  let isReleased = false;
  let waiting = 0;
  const arrived = (result: Result): Result => {
    waiting--;
    if (!isReleased) return result;
    // As in any stream: a read that was given up fails, and its chunk is the next reader's.
    if (!result.done) source.controller?.enqueue(new Uint8Array(result.value));
    throw new TypeError('The reader was released.');
  };
  const own = {
    read(): Promise<Result> {
      if (isReleased || source.isQueued) return read.call(reader);
      waiting++;
      return nextPiece(source).then(arrived);
    },
    releaseLock(): void {
      isReleased = true;
      source.isQueued ||= waiting > 0;
      releaseLock.call(reader);
      const { isOver, observation } = source;
      if (!isOver && observation.observer.isLeftOnRelease === true) observation.finish((each) => each.left());
    },
  };
  return Object.assign(reader, own);
}

/** What `for await` over a stream does (https://streams.spec.whatwg.org/#rs-asynciterator). */
function chunksOf(reader: Reader, preventCancel: boolean): AsyncIterableIterator<Bytes> {
  let isFinished = false;
  const finish = (): void => {
    isFinished = true;
    reader.releaseLock();
  };
  const iterator = {
    next(): Promise<IteratorResult<Bytes>> {
      if (isFinished) return Promise.resolve({ done: true, value: undefined });
      return reader.read().then(
        (result) => {
          if (result.done && !isFinished) finish();
          return result as IteratorResult<Bytes>;
        },
        (error: unknown) => {
          if (!isFinished) finish();
          throw error;
        },
      );
    },
    async return(value?: unknown): Promise<IteratorResult<Bytes>> {
      if (!isFinished) {
        const cancelled = preventCancel ? undefined : reader.cancel(value);
        finish();
        await cancelled;
      }
      return { done: true, value };
    },
  };
  return Object.setPrototypeOf(iterator, ASYNC_ITERATOR) as AsyncIterableIterator<Bytes>;
}

/** What all async iterators inherit: `[Symbol.asyncIterator]`, and disposal where there is one. */
const ASYNC_ITERATOR = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* none(): AsyncGenerator<never> {}.prototype) as object,
) as object;
