import { Readable } from 'node:stream';
import type { Observation } from './observation.ts';

/** `node-fetch`'s body (openai 4): every way of reading it makes it emit what was read. */
export interface NodeStream extends NodeJS.EventEmitter {
  pause(): void;
  resume(): void;
  destroy(error?: Error): void;
}

export function isNodeStream(body: unknown): body is NodeStream {
  return typeof body === 'object' && body !== null && 'emit' in body && typeof body.emit === 'function';
}

/** Sees what a Node stream emits, where nothing of it has to be hidden. */
export function observeNodeStream(body: NodeStream, observation: Observation): void {
  const { emit } = body;
  const value = function (this: NodeStream, name: string, ...args: unknown[]): boolean {
    const [first] = args;
    if (name === 'data') {
      observation.claim();
      observation.handOver(body);
      if (first instanceof Uint8Array) observation.see(first);
    } else if (name === 'end') observation.end();
    else if (name === 'error') observation.finish((reader) => reader.failed(first));
    else if (name === 'close') observation.finish((reader) => reader.left());
    return emit.call(this, name, ...args);
  };
  Object.defineProperty(body, 'emit', { value, configurable: true, writable: true });
}

const SHOWN = new WeakMap<object, { readonly body: NodeStream; readonly stream: WeakRef<Readable> }>();

/** The stream that stands for a Node body that is read bit by bit; made when it is first asked for. */
export function observedNodeStream(response: object, body: NodeStream, observation: Observation): NodeStream {
  const known = SHOWN.get(response);
  // `clone()` of node-fetch puts another stream in the body's place, which is fed by ours.
  if (known !== undefined && known.body !== body) return body;
  const stream = known?.stream.deref() ?? new ShownBody(body, observation);
  SHOWN.set(response, { body, stream: new WeakRef(stream) });
  return stream;
}

/** Reads the body at the pace of its own reader, and not before somebody reads. */
class ShownBody extends Readable {
  readonly #body: NodeStream;
  readonly #observation: Observation;
  #isStarted = false;

  constructor(body: NodeStream, observation: Observation) {
    super();
    this.#body = body;
    this.#observation = observation;
    // `node-fetch` listens to every body it makes, so that one nobody reads may break without ending the process.
    this.on('error', () => undefined);
  }

  override _read(): void {
    if (this.#isStarted) {
      this.#body.resume();
      return;
    }
    this.#isStarted = true;
    this.#observation.claim();
    this.#observation.handOver(this);
    feed(this.#body, this.#observation, holderOf(this, this.#observation));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#observation.finish((reader) => (error === null ? reader.left() : reader.failed(error)));
    this.#body.destroy(error ?? undefined);
    done(error);
  }
}

/** What leads from the connection, which holds the body, to the stream. */
interface Holder {
  deref(): Readable | undefined;
}

/**
 * An SDK holds the stream for as long as it reads. The connection must not hold it as well: then nobody would notice
 * that nobody reads on.
 */
function holderOf(stream: Readable, { observer }: Observation): Holder {
  return observer.isReadBySdk === true ? new WeakRef(stream) : { deref: () => stream };
}

/** None of these listeners may name the stream itself. */
function feed(body: NodeStream, observation: Observation, target: Holder): void {
  body.on('data', (piece: Uint8Array) => {
    const shown = observation.see(piece);
    if (shown.length > 0 && target.deref()?.push(shown) !== true) body.pause();
  });
  body.on('end', () => {
    const rest = observation.end();
    if (rest.length > 0) target.deref()?.push(rest);
    target.deref()?.push(null);
  });
  body.on('error', (error: Error) => {
    observation.finish((reader) => reader.failed(error));
    target.deref()?.destroy(error);
  });
  body.on('close', () => {
    if (!observation.isFinished) target.deref()?.destroy();
  });
}
