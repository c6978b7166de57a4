import { Buffer } from 'node:buffer';
import { attempt } from '../../base/attempt.ts';
import { jsonValue, known, object } from '../../base/read.ts';
import type { Call } from '../../calls/call-lifecycle.ts';
import { read } from '../../calls/outcome.ts';
import { modelName } from '../../wire/google-genai/generate-content.ts';
import { readLiveMessage } from '../../wire/google-genai/live.ts';
import { Targets } from '../http/target.ts';
import { applyPatch, type PatchOwner } from '../shared-patch.ts';
import { SocketCaller } from '../socket-caller.ts';

/** `client.live` of `@google/genai` 1–3, as far as it is touched: it makes its sockets with a factory of its own. */
interface Live {
  connect(params: unknown): Promise<unknown>;
  readonly webSocketFactory?: SocketFactory;
  readonly apiClient?: { isVertexAI?(): boolean };
}

interface SocketFactory {
  create(url: string, headers: unknown, callbacks: SocketCallbacks): Connection;
}

interface SocketCallbacks {
  onmessage: (event: { readonly data?: unknown }) => void;
  onclose: (event: unknown) => void;
}

interface Connection {
  send(message: string): void;
}

/** The class behind `client.live`, in a module or in a client. */
export function findLive(exported: unknown): Set<Live> {
  const { Live: exportedClass, live } = object(exported) ?? {};
  const prototype: unknown =
    typeof exportedClass === 'function' ? exportedClass.prototype : live && Object.getPrototypeOf(live);
  return isLive(prototype) ? new Set([prototype]) : new Set();
}

function isLive(prototype: unknown): prototype is Live {
  return typeof object(prototype)?.connect === 'function';
}

/** Follows the sockets that `connect` opens. The callbacks of the application are called by the SDK, as ever. */
export function patchLive(prototype: Live, owner: PatchOwner): void {
  const { connect } = prototype;
  applyPatch(prototype, owner, (owners) => ({
    connect(this: Live, params: unknown) {
      const [first] = owners;
      const observed = first && attempt('follow a Live session', () => observedBy(this, params, first));
      return connect.call(observed ?? this, params);
    },
  }));
}

/** The same `live`, whose sockets are seen. */
function observedBy(live: Live, params: unknown, owner: PatchOwner): Live | undefined {
  const factory = live.webSocketFactory;
  if (typeof factory?.create !== 'function') return undefined;
  const model = modelName(object(params)?.model);
  const otherwise = live.apiClient?.isVertexAI?.() === true ? 'gcp.vertex_ai' : 'gcp.gemini';
  const create: SocketFactory['create'] = (url, headers, callbacks) => {
    const session = attempt(
      'follow a Live session',
      () => new LiveSession(owner, { url, otherwise, ...known({ model }) }),
    );
    const connection = factory.create(url, headers, session?.observed(callbacks) ?? callbacks);
    attempt('follow a Live session', () => session?.listenTo(connection));
    return connection;
  };
  return Object.create(live, { webSocketFactory: { value: { create } } }) as Live;
}

/** One socket: many turns, for whoever spoke last. */
class LiveSession {
  readonly #caller: SocketCaller;
  readonly #provider: () => string;
  readonly #model: string | undefined;
  /** The answer under way. */
  #call: Call | undefined;
  /** Messages that are still coming out of their blobs; the end of the socket waits for them. */
  #unread: Promise<void> | undefined;

  constructor(
    owner: PatchOwner,
    { url, otherwise, model }: { readonly url: string; readonly otherwise: string; readonly model?: string },
  ) {
    const targets = new Targets(() => owner.providers(), otherwise);
    this.#provider = () => targets.of(url.replace(/^ws/, 'http'))?.host.provider ?? otherwise;
    this.#caller = new SocketCaller({
      address: URL.parse(url),
      provider: this.#provider,
      tracer: () => owner.tracer(),
    });
    this.#model = model;
    this.#caller.heard();
  }

  /** The SDK's own callbacks, seen in passing. */
  observed(callbacks: SocketCallbacks): SocketCallbacks {
    return {
      ...callbacks,
      onmessage: (event) => {
        attempt('follow a Live session', () => this.#see(event.data));
        callbacks.onmessage(event);
      },
      onclose: (event) => {
        if (this.#unread === undefined) attempt('follow a Live session', () => this.#close());
        else void this.#unread.then(() => attempt('follow a Live session', () => this.#close()));
        callbacks.onclose(event);
      },
    };
  }

  listenTo(connection: Connection): void {
    const { send } = connection;
    const value = (message: string): void => {
      attempt('follow a Live session', () => this.#caller.heard());
      send.call(connection, message);
    };
    Object.defineProperty(connection, 'send', { value, configurable: true, writable: true });
  }

  /** Most messages are audio and say nothing about costs: only the others are parsed. */
  #see(data: unknown): void {
    const wanted = this.#call === undefined ? [USAGE, ...ANSWERS] : [USAGE];
    if (data instanceof Blob) {
      this.#unread = this.#readBlob(data, this.#unread);
      return;
    }
    const text = data instanceof ArrayBuffer ? Buffer.from(data) : data;
    if (typeof text !== 'string' && !Buffer.isBuffer(text)) return;
    if (wanted.some((name) => text.includes(name))) this.#read(jsonValue(String(text)));
  }

  async #readBlob(blob: Blob, before: Promise<void> | undefined): Promise<void> {
    // One that cannot be read is the application's to hear of.
    const text = await blob.text().catch(() => '');
    await before;
    attempt('follow a Live session', () => this.#see(text));
  }

  #read(message: unknown): void {
    const fields = object(message);
    const isAnswer = fields?.toolCall !== undefined || object(fields?.serverContent)?.modelTurn !== undefined;
    if (isAnswer) this.#call ??= this.#caller.open('live_session', this.#model);
    const request = known({ model: this.#model });
    const said = readLiveMessage(message, { provider: this.#provider(), request });
    if (said === undefined) return;
    const call = this.#call ?? this.#caller.open(said.operation, this.#model);
    this.#call = undefined;
    call.settle(read(said.reading));
  }

  /** An answer under way is cut off. */
  #close(): void {
    this.#call?.settle({ status: 'aborted' });
    this.#call = undefined;
  }
}

const USAGE = '"usageMetadata"';
const ANSWERS = ['"modelTurn"', '"toolCall"'];
