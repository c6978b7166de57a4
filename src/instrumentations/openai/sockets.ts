import { object, text } from '../../base/read.ts';
import { attempt } from '../../base/attempt.ts';
import type { Call } from '../../calls/call-lifecycle.ts';
import { identifyHost } from '../../providers/host.ts';
import { read } from '../../calls/outcome.ts';
import type { Reading } from '../../wire/reading.ts';
import { applyPatch, type PatchOwner } from '../shared-patch.ts';
import { SocketCaller } from '../socket-caller.ts';
import { readSessionEvent } from '../../wire/openai/realtime.ts';
import type { SessionReading } from '../../wire/wire.ts';

/**
 * The SDK's WebSockets (realtime, Live, responses) make no requests. All of them are event emitters that pass every
 * server event through `_emit('event', event)` before the application hears of it: that is where they are watched.
 */
export interface SessionEmitter {
  _emit(name: string, ...values: unknown[]): void;
  on(name: string, listener: unknown): unknown;
  readonly url?: unknown;
  send?: (event: unknown) => void;
}

/** The emitter classes of a module, as patchable prototypes. */
export function findSessionPrototypes(exported: unknown): ReadonlySet<SessionEmitter> {
  const found = new Set<SessionEmitter>();
  const values: unknown[] =
    typeof exported === 'object' && exported !== null ? Object.values(exported) : [exported];
  for (const value of values) {
    let prototype: unknown = typeof value === 'function' ? value.prototype : undefined;
    while (typeof prototype === 'object' && prototype !== null) {
      if (Object.hasOwn(prototype, '_emit') && Object.hasOwn(prototype, 'on') && isEmitter(prototype)) {
        found.add(prototype);
      }
      prototype = Object.getPrototypeOf(prototype) as unknown;
    }
  }
  return found;
}

/** `EventEmitter`, and not the `EventStream` of `.stream()`, which has the same methods and is made of requests. */
function isEmitter(prototype: object): prototype is SessionEmitter {
  const { _emit: emit, on, constructor } = prototype as Partial<SessionEmitter> & { constructor: unknown };
  const { name } = constructor as { readonly name?: unknown };
  return name === 'EventEmitter' && typeof emit === 'function' && typeof on === 'function';
}

export function patchSessions(prototype: SessionEmitter, owner: PatchOwner): void {
  const { _emit: emit, on } = prototype;
  applyPatch(prototype, owner, (owners) => ({
    _emit(this: SessionEmitter, name: string, ...values: unknown[]) {
      const [first] = owners;
      const [value] = values;
      if (first !== undefined) {
        attempt('follow a session', () => {
          const session = sessionOf(this, first);
          if (name === 'event') session.see(value);
          else if (name === 'close' && typeof value === 'number') session.close();
        });
      }
      emit.call(this, name, ...values);
    },
    // Listening comes before the first event, in the context in which the socket was made.
    on(this: SessionEmitter, name: string, listener: unknown) {
      const [first] = owners;
      if (first !== undefined) attempt('follow a session', () => sessionOf(this, first));
      return on.call(this, name, listener);
    },
  }));
}

const SESSIONS = new WeakMap<SessionEmitter, Session>();

function sessionOf(emitter: SessionEmitter, owner: PatchOwner): Session {
  let session = SESSIONS.get(emitter);
  if (session === undefined) {
    session = new Session(emitter, owner);
    SESSIONS.set(emitter, session);
  }
  return session;
}

/** One socket: many answers, for whoever asked last. */
class Session {
  readonly #provider: () => string;
  readonly #caller: SocketCaller;
  #model: string | undefined;
  #transcriptionModel: string | undefined;
  /** Answers under way, by response id. */
  readonly #calls = new Map<string, Call>();
  /** A Live session's seconds: a growing total, billed when the session ends. */
  #live: { readonly call: Call; readonly reading: Reading } | undefined;

  constructor(emitter: SessionEmitter, owner: PatchOwner) {
    const { url, send } = emitter;
    const address = URL.parse(String(url));
    const http = address?.href.replace(/^ws/, 'http') ?? '';
    this.#provider = () => identifyHost(http, owner.providers()).provider;
    this.#caller = new SocketCaller({ address, provider: this.#provider, tracer: () => owner.tracer() });
    this.#model = address?.searchParams.get('model') ?? undefined;
    this.#caller.heard();
    if (typeof send !== 'function') return;
    const heard = (): void => this.#caller.heard();
    const value = function (this: SessionEmitter, ...args: [unknown]): void {
      attempt('follow a session', heard);
      send.apply(this, args);
    };
    Object.defineProperty(emitter, 'send', { value, configurable: true, writable: true });
  }

  see(event: unknown): void {
    const fields = object(event) ?? {};
    const type = text(fields.type) ?? '';
    const session = object(fields.session);
    if (session !== undefined) this.#configure(session);
    const response = object(fields.response);
    const id = text(response?.id) ?? text(fields.response_id);
    if (type === 'response.created' && id !== undefined)
      this.#calls.set(id, this.#caller.open('chat', text(response?.model) ?? this.#model));
    if (type.endsWith('.delta') && id !== undefined) this.#calls.get(id)?.firstChunk();
    const read = readSessionEvent(event, { provider: this.#provider() });
    if (read !== undefined) this.#settle(read);
    if (type === 'session.closed') this.close();
  }

  /** The socket is closed: what was under way is cut off. */
  close(): void {
    this.#live?.call.settle({ status: 'ok', reading: this.#live.reading });
    this.#live = undefined;
    for (const call of this.#calls.values()) call.settle({ status: 'aborted' });
    this.#calls.clear();
  }

  #configure(session: Readonly<Record<string, unknown>>): void {
    this.#model = text(session.model) ?? this.#model;
    const input = object(object(session.audio)?.input);
    const transcription = object(session.input_audio_transcription ?? input?.transcription);
    this.#transcriptionModel = text(transcription?.model) ?? this.#transcriptionModel;
  }

  #settle({ operation, reading }: SessionReading): void {
    if (reading.cumulative) {
      this.#live = { call: this.#live?.call ?? this.#caller.open(operation, this.#model), reading };
      return;
    }
    const id = reading.responseId ?? '';
    const model = operation === 'transcription' ? this.#transcriptionModel : this.#model;
    const call = this.#calls.get(id) ?? this.#caller.open(operation, reading.responseModel ?? model);
    this.#calls.delete(id);
    call.settle(read(reading));
  }
}
