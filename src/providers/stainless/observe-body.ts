import type { Outcome } from '../call.ts';
import { isAbort } from './observe-stream.ts';
import type { BodyReader } from './body-reader.ts';

/**
 * Watches a raw reply that the application reads itself (`asResponse()`), and leaves it the same object. Bytes
 * are seen as they are read and never read for us: an abandoned body stays unread, a slow reader slows the
 * provider.
 */
export function observeBody(response: Response, follower: BodyFollower): void {
  if (OBSERVED.has(response)) return;
  OBSERVED.add(response);
  const reader = follower.follow(response);
  if (reader === undefined) return;
  const observation: Observation = { reader, follower, decoder: new TextDecoder(), finished: false };
  UNREAD.register(response, observation, observation);
  const { body } = response as { readonly body: unknown };
  if (isNodeStream(body)) observeNodeStream(body, observation);
  else observeWebResponse(response, observation);
}

/** Who wants to know what a body says. Refers to no response: those must remain garbage when nobody reads them. */
export interface BodyFollower {
  /** A reader for this body; undefined when there is nothing to be found in it. */
  follow(response: Response): BodyReader | undefined;
  settle(outcome: Outcome): void;
}

/** What is known of one body; it refers to neither the response nor its stream. */
interface Observation {
  readonly reader: BodyReader;
  readonly follower: BodyFollower;
  readonly decoder: InstanceType<typeof TextDecoder>;
  finished: boolean;
}

const OBSERVED = new WeakSet<Response>();

/** Bodies that nobody can read any more. The call itself was answered and is billed. */
const UNREAD = new FinalizationRegistry<Observation>((observation) => {
  finish(observation, (reader) => reader.left());
});

function finish(observation: Observation, how: (reader: BodyReader) => Outcome): void {
  if (observation.finished) return;
  observation.finished = true;
  observation.follower.settle(how(observation.reader));
}

/** Reads a piece in passing; the bytes the application gets for it. */
function see(observation: Observation, bytes: Uint8Array): Uint8Array {
  try {
    const shown = observation.reader.see(observation.decoder.decode(bytes, { stream: true }));
    return shown === undefined ? bytes : ENCODER.encode(shown);
  } catch {
    return bytes;
  }
}

/** The body ended; what was held back until now. */
function end(observation: Observation): Uint8Array {
  const rest = observation.reader.rest();
  finish(observation, (reader) => reader.ended());
  return ENCODER.encode(rest);
}

const fail = (observation: Observation, error: unknown): void =>
  finish(observation, (reader) => reader.failed(error, isAbort(error)));

const leave = (observation: Observation): void => finish(observation, (reader) => reader.left());

const ENCODER = new TextEncoder();

/** `fetch`'s response: what reads the body whole, what hands out its stream, and what doubles it. */
function observeWebResponse(response: Response, observation: Observation): void {
  const readWhole = <T>(
    name: 'arrayBuffer' | 'blob' | 'bytes' | 'json' | 'text',
    show: (data: T) => T | Promise<T>,
  ) => {
    const read = response[name] as (() => Promise<T>) | undefined;
    if (typeof read !== 'function') return;
    define(response, name, async () => {
      UNREAD.unregister(observation);
      let data: T;
      try {
        data = await read.call(response);
      } catch (error) {
        fail(observation, error);
        throw error;
      }
      try {
        return await show(data);
      } catch {
        return data;
      }
    });
  };
  const whole = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
    concat(see(observation, bytes), end(observation));
  readWhole<string>('text', (text) => {
    const { reader } = observation;
    const shown = reader.see(text);
    const rest = reader.rest();
    finish(observation, () => reader.ended());
    return shown === undefined ? text : shown + rest;
  });
  readWhole<unknown>('json', (data) => {
    finish(observation, (reader) => reader.parsed(data));
    return data;
  });
  readWhole<Uint8Array>('bytes', whole);
  readWhole<ArrayBuffer>('arrayBuffer', (buffer) => whole(new Uint8Array(buffer)).buffer);
  readWhole<Blob>(
    'blob',
    async (blob) => new Blob([whole(new Uint8Array(await blob.arrayBuffer()))], { type: blob.type }),
  );
  let stream: ReadableStream<Uint8Array> | null | undefined;
  const { follower } = observation;
  const { body } = response;
  Object.defineProperty(response, 'body', {
    configurable: true,
    get: () => (stream ??= body === null ? null : observeWebStream(body, observation)),
  });
  const { clone } = response;
  define(response, 'clone', () => {
    const copy = clone.call(response);
    observeBody(copy, follower);
    return copy;
  });
}

/** The same bytes at the reader's pace: one read for one pull, and none before. */
function observeWebStream(
  body: ReadableStream<Uint8Array>,
  observation: Observation,
): ReadableStream<Uint8Array> {
  // Taken when the first byte is asked for: until then `text()` and `clone()` work.
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const stream = new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        reader ??= body.getReader();
        try {
          for (;;) {
            const { done, value } = await reader.read();
            const shown = done ? end(observation) : see(observation, value);
            if (shown.length > 0) controller.enqueue(shown);
            if (done) {
              controller.close();
              controller.byobRequest?.respond(0);
            }
            if (done || shown.length > 0) return;
          }
        } catch (error) {
          fail(observation, error);
          throw error;
        }
      },
      async cancel(reason) {
        leave(observation);
        await (reader ?? body).cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  // Whoever took the stream may let go of the response.
  UNREAD.unregister(observation);
  UNREAD.register(stream, observation, observation);
  return stream;
}

/** `node-fetch`'s body (openai 4): every way of reading it makes it emit what was read. */
interface NodeStream {
  emit(name: string, ...args: unknown[]): boolean;
}

function isNodeStream(body: unknown): body is NodeStream {
  return typeof body === 'object' && body !== null && 'emit' in body && typeof body.emit === 'function';
}

function observeNodeStream(body: NodeStream, observation: Observation): void {
  const { emit } = body;
  define(body, 'emit', function (this: unknown, name: string, ...args: unknown[]) {
    const [value] = args;
    if (name === 'data') {
      UNREAD.unregister(observation);
      if (value instanceof Uint8Array) see(observation, value);
    } else if (name === 'end') end(observation);
    else if (name === 'error') fail(observation, value);
    else if (name === 'close') leave(observation);
    return emit.call(this, name, ...args) as unknown;
  });
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
