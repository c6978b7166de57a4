import { NO_OVERRIDES } from '../../providers/host.ts';
import { callerContext } from '../../attribution/caller-context.ts';
import { attributionOf } from '../../attribution/who-pays.ts';
import { attempt } from '../../base/attempt.ts';
import { known, object } from '../../base/read.ts';
import type { OpenCall } from '../../calls/call.ts';
import { currentCall } from '../http/current-call.ts';
import { type FetchNet, meteredFetch, meterFetchCall, openFetchCall } from '../http/metered-fetch.ts';
import type { FetchCall } from '../http/fetch-call.ts';
import { ObservedCall } from '../http/observed-call.ts';
import { Targets } from '../http/target.ts';
import { applyPatch, type PatchOwner } from '../shared-patch.ts';
import { watchBatches } from './watch-batches.ts';

/**
 * The inside of `@google/genai` 1–3, as far as it is touched: every request of the SDK but those of its generated
 * parts (Interactions) goes through `apiCall`, once per application call, above its own retries. The class is not
 * exported; instances are reached through the parts of a client that are.
 */
interface ApiClient {
  /** From 2 on, `rest` is `(retryOptions, timeout, abortSignal, fetch)`; before, the signal for both is in `init`. */
  apiCall(url: string, init: RequestInit, ...rest: unknown[]): Promise<Response>;
  /** Puts a signal into `init`, which the application's signal and a time-out both abort. From 2 on, `rest` has none. */
  includeExtraHttpOptionsToRequestInit?(
    init: RequestInit,
    options: unknown,
    ...rest: unknown[]
  ): Promise<RequestInit>;
  /** 3: what the generated parts of the SDK send with; undefined: the global one. */
  getFetch?(): typeof fetch | undefined;
  isVertexAI?(): boolean;
}

/** A part of a client: `Models`, `Batches`, `Caches`. Its methods find the API client in `this`. */
type Part = object & { readonly apiClient?: unknown };

/**
 * Patches the API client behind the parts of a client. The first call of any method of a part shows where it is: then
 * the method is put back, and the API client patched, before the call goes on.
 */
export function patchPart(prototype: object, owner: PatchOwner): void {
  const names = Object.getOwnPropertyNames(prototype).filter(
    (name) =>
      name !== 'constructor' &&
      typeof Reflect.getOwnPropertyDescriptor(prototype, name)?.value === 'function',
  );
  applyPatch(prototype, owner, (owners) =>
    Object.fromEntries(
      names.map((name) => {
        const original = Reflect.get(prototype, name) as (...args: unknown[]) => unknown;
        const first = function (this: Part, ...args: unknown[]): unknown {
          attempt('find the API client of @google/genai', () => observe(this.apiClient, owners));
          return Reflect.apply(original, this, args);
        };
        return [name, first];
      }),
    ),
  );
}

/** The classes of a module, or of a client, that have an API client. */
export function findParts(exported: unknown): Set<object> {
  const found = new Set<object>();
  const module = object(exported) ?? (typeof exported === 'function' ? { exported } : {});
  for (const name of PARTS) {
    const part = module[name] as { readonly prototype?: unknown } | undefined;
    if (typeof part === 'function' && object(part.prototype) !== undefined)
      found.add(part.prototype as object);
  }
  // A client: its parts are there.
  const models = object(module.models);
  if (models !== undefined && 'apiClient' in models) found.add(Object.getPrototypeOf(models) as object);
  return found;
}

const PARTS = ['Models', 'Batches', 'Caches', 'Operations', 'Files', 'Tunings'];

function observe(apiClient: unknown, owners: ReadonlySet<PatchOwner>): void {
  const prototype = Object.getPrototypeOf(apiClient) as ApiClient;
  if (typeof prototype.apiCall !== 'function') return;
  for (const each of owners)
    each.found?.(prototype, (owner) =>
      applyPatch(prototype, owner, (others) => replacements(prototype, others)),
    );
}

function replacements(prototype: ApiClient, owners: ReadonlySet<PatchOwner>): Partial<ApiClient> {
  const { apiCall, getFetch, includeExtraHttpOptionsToRequestInit: include } = prototype;
  const showsAttempts = apiCall.length > FETCH;
  const patched: Partial<ApiClient> = {
    apiCall(this: ApiClient, url, init, ...rest) {
      const net = netOf(this, owners);
      const watched = attempt('watch a batch', () => watchedCall(url, init, net));
      if (watched !== undefined)
        return sendWatched(watched, async () => await apiCall.call(this, url, init, ...rest));
      const targets = new Targets(() => net.providers(), net.otherwise);
      const call = attempt('look at a request', () => openFetchCall(targets, net, url, init));
      if (call === undefined) return apiCall.call(this, url, init, ...rest);
      const below = showsAttempts ? withAttempts(call, rest) : rest;
      const send = (changed: RequestInit = init): Promise<Response> =>
        apiCall.call(this, url, changed, ...below);
      const signal =
        rest.find((each) => each instanceof AbortSignal) ?? APPLICATIONS.get(init.signal ?? init);
      return meterFetchCall(call, net, url, init, send, { signal: signal ?? null, showsAttempts });
    },
  };
  if (include !== undefined && !showsAttempts) {
    patched.includeExtraHttpOptionsToRequestInit = async function (this: ApiClient, init, options, ...rest) {
      const given = rest.find((each) => each instanceof AbortSignal);
      const included = await include.call(this, init, options, ...rest);
      if (given !== undefined && included.signal) APPLICATIONS.set(included.signal, given);
      return included;
    };
  }
  if (getFetch !== undefined) {
    patched.getFetch = function (this: ApiClient) {
      const own = getFetch.call(this);
      return meteredFetch((...args) => (own ?? globalThis.fetch)(...args), netOf(this, owners));
    };
  }
  return patched;
}

/** Where `rest` of `apiCall` begins, and where `fetch` stands in all its arguments. */
const REST = 2;
const FETCH = 5;

/** The signals that applications gave, by what the SDK made of them. */
const APPLICATIONS = new WeakMap<object, AbortSignal>();

/** The SDK's arguments, with a `fetch` that shows the call each attempt. */
function withAttempts(call: FetchCall, rest: readonly unknown[]): unknown[] {
  const below = Array.from({ length: FETCH - REST }, (_, index) => rest[index]);
  const own = rest[FETCH - REST] as typeof fetch | undefined;
  const attempted: typeof fetch = (...args) =>
    call.send(async () => await (own ?? globalThis.fetch)(...args), args[1]?.signal);
  return [...below, attempted];
}

/** A request that costs nothing itself, and whose reply tells of a batch. */
function watchedCall(url: string, { method = 'GET' }: RequestInit, net: FetchNet): Watched | undefined {
  if (net.isEnabled?.() === false || currentCall() !== undefined) return undefined;
  let call: ObservedCall | undefined;
  const open = (): OpenCall => {
    const { id, startTime, attribution } = call as ObservedCall;
    const target = new Targets(() => net.providers(), net.otherwise).of(url);
    const provider = target?.host.provider ?? 'gcp.gemini';
    const description = { provider, operation: 'batch', request: {} };
    return { id, startTime, attribution, ...description, ...known({ serverAddress: target?.hostname }) };
  };
  const watch = watchBatches(method, url, open);
  if (watch === undefined) return undefined;
  const caller = callerContext();
  call = new ObservedCall(caller, attributionOf(caller), () => net.tracer());
  call.plan = { kind: 'watch', watch };
  return { call, ...(watch.handsIn && { handsIn: open }) };
}

interface Watched {
  readonly call: ObservedCall;
  /** A batch: it is refused before it is sent, as the calls in it would be. */
  readonly handsIn?: () => OpenCall;
}

async function sendWatched({ call, handsIn }: Watched, send: () => Promise<Response>): Promise<Response> {
  if (handsIn !== undefined) await call.askToHandIn(handsIn());
  return call.send(send);
}

/** Who answers at a host that nobody knows is what the client says it is. */
function netOf(client: ApiClient, owners: ReadonlySet<PatchOwner>): FetchNet {
  const [owner] = owners;
  return {
    tracer: () => (owner as PatchOwner).tracer(),
    providers: () => owner?.providers() ?? NO_OVERRIDES,
    refusal: () => 'reject',
    isEnabled: () => owners.size > 0,
    otherwise: client.isVertexAI?.() === true ? 'gcp.vertex_ai' : 'gcp.gemini',
  };
}
