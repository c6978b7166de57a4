import { BodyReader } from './body-reader.ts';
import { observedStream } from './observed-stream.ts';
import { isNodeStream, observeNodeStream, observedNodeStream } from './node-body.ts';
import { Observation, type ReplyObserver } from './observation.ts';

/**
 * Observes a reply as the application, or its SDK, reads it, and leaves it the same object. Bytes are seen as they
 * are read and never read for us: an abandoned body stays unread, a slow reader slows the provider. What parses the
 * body for the application (`json()`) is shared: nothing is parsed twice.
 */
export function observeReply(response: Response, observer: ReplyObserver): void {
  if (OBSERVATIONS.has(response)) return;
  const view = observer.view(response);
  if (view === undefined) return;
  const observation = new Observation(new BodyReader(view), observer);
  OBSERVATIONS.set(response, observation);
  observer.follow(() => observation.reader.soFar());
  observation.watch(response);
  const { body } = response as { readonly body: unknown };
  if (isNodeStream(body) && !view.streaming) observeNodeStream(body, observation);
  else shadow(response, isNodeStream(body));
}

const OBSERVATIONS = new WeakMap<object, Observation>();

type Method = (this: Response, ...args: never[]) => unknown;

/** Puts our ways of reading in front of the response's own. */
function shadow(response: Response, hasNodeBody: boolean): void {
  const prototype = Object.getPrototypeOf(response) as object;
  const own = Object.getOwnPropertyNames(response).filter((name) => NAMES.has(name));
  // A `fetch` of the application's own may answer with an object that carries its methods itself.
  if (own.length > 0 || prototype === Object.prototype) {
    const originals = Object.create(prototype, Object.getOwnPropertyDescriptors(response)) as Response;
    Object.defineProperties(response, descriptorsFor(originals, hasNodeBody));
    return;
  }
  let observed = PROTOTYPES.get(prototype);
  if (observed === undefined) {
    observed = Object.create(prototype, descriptorsFor(prototype as Response, hasNodeBody)) as object;
    PROTOTYPES.set(prototype, observed);
  }
  Object.setPrototypeOf(response, observed);
}

const PROTOTYPES = new WeakMap<object, object>();
const WHOLE = ['json', 'text', 'bytes', 'arrayBuffer', 'blob'] as const;
const NAMES: ReadonlySet<string> = new Set([...WHOLE, 'body', 'clone']);

/** Shared by all responses of a kind: what is one response's own is found by `this`. */
function descriptorsFor(originals: Response, hasNodeBody: boolean): PropertyDescriptorMap {
  const descriptors: PropertyDescriptorMap = {
    body: {
      get(this: Response) {
        const body: unknown = Reflect.get(originals, 'body', this);
        const observation = OBSERVATIONS.get(this);
        if (observation === undefined || body === null || body === undefined) return body;
        return isNodeStream(body)
          ? observedNodeStream(this, body, observation)
          : observedStream(this, body as ReadableStream<Uint8Array>, observation);
      },
      configurable: true,
      enumerable: true,
    },
  };
  const method = (name: string, value: Method): void => {
    if (name in originals)
      descriptors[name] = { value, configurable: true, writable: true, enumerable: true };
  };
  const { clone } = originals;
  method('clone', function () {
    const copy = clone.call(this);
    const observation = OBSERVATIONS.get(this);
    if (observation !== undefined) observeReply(copy, observation.observer);
    return copy;
  });
  // `node-fetch` reads whole bodies through `this.body`: there they are seen already.
  if (hasNodeBody) return descriptors;
  for (const name of WHOLE) {
    const read = originals[name] as (() => Promise<unknown>) | undefined;
    if (typeof read !== 'function') continue;
    const show = SHOWN[name];
    method(name, function () {
      const observation = OBSERVATIONS.get(this);
      return observation === undefined ? read.call(this) : readWhole(this, read, show, observation);
    });
  }
  return descriptors;
}

async function readWhole(
  response: Response,
  read: () => Promise<unknown>,
  show: (data: never, observation: Observation) => unknown,
  observation: Observation,
): Promise<unknown> {
  observation.claim();
  let data: unknown;
  try {
    data = await read.call(response);
  } catch (error) {
    // `json()` of what is no JSON: the reply came, and cannot be read.
    observation.finish((reader) =>
      error instanceof SyntaxError ? reader.unreadable() : reader.failed(error),
    );
    throw error;
  }
  try {
    return await show(data as never, observation);
  } catch {
    return data;
  }
}

/** What the application gets for a body that was read whole. */
const SHOWN: Readonly<Record<(typeof WHOLE)[number], (data: never, observation: Observation) => unknown>> = {
  json(data: unknown, observation) {
    observation.finish((reader) => reader.parsed(data));
    return data;
  },
  text(text: string, observation) {
    const outcome = observation.reader.parsedText(text);
    if (outcome !== undefined) {
      observation.finish(() => outcome);
      return text;
    }
    const bytes = Buffer.from(text);
    const shown = whole(bytes, observation);
    return shown === bytes ? text : Buffer.from(shown).toString();
  },
  bytes: (bytes: Uint8Array, observation) => whole(bytes, observation),
  arrayBuffer(buffer: ArrayBuffer, observation) {
    const bytes = new Uint8Array(buffer);
    const shown = whole(bytes, observation);
    return shown === bytes ? buffer : shown.buffer.slice(shown.byteOffset, shown.byteOffset + shown.length);
  },
  async blob(blob: Blob, observation) {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const shown = whole(bytes, observation);
    return shown === bytes ? blob : new Blob([new Uint8Array(shown)], { type: blob.type });
  },
};

function whole(bytes: Uint8Array, observation: Observation): Uint8Array {
  const seen = observation.see(bytes);
  const rest = observation.end();
  return rest.length === 0 ? seen : Buffer.concat([seen, rest]);
}
