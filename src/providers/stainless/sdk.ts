import type { Span } from '@opentelemetry/api';
import type { CallHints, OpenCall } from '../call.ts';
import type { Host, HostOverrides } from '../hosts.ts';
import type { Endpoint } from '../reading.ts';

/**
 * The inside of the SDKs that Stainless generates (`openai` 4–7, `@anthropic-ai/sdk` 0.x–1.x), as far as the
 * patch touches it. All of it is private to those packages and unchanged since 2023; the patch checks that it
 * is there (`findClientPrototype`) and leaves the SDK alone when it is not.
 */
export interface StainlessClient {
  readonly baseURL?: unknown;
  request(options: MaybePromise<RequestOptions>, ...rest: unknown[]): ApiPromise;
  makeRequest(options: MaybePromise<RequestOptions>, ...rest: unknown[]): Promise<ResponseProps>;
}

export type MaybePromise<T> = T | PromiseLike<T>;

/** `FinalRequestOptions`: one request, before it is built. */
export interface RequestOptions {
  readonly method?: unknown;
  readonly path?: unknown;
  readonly body?: unknown;
  readonly stream?: unknown;
  readonly signal?: { readonly aborted?: boolean } | null;
  /** `@anthropic-ai/sdk` ≥ 0.134: the span its native tracing started for this call. */
  readonly __span?: { readonly span?: Span };
}

/** What `makeRequest` resolves with. */
export interface ResponseProps {
  readonly response?: Response;
  readonly options?: RequestOptions;
}

/** A promise that reads and parses the body when somebody waits for it, once. */
export interface ApiPromise {
  readonly parsedPromise?: unknown;
  asResponse?: () => unknown;
  parseResponse?: (...args: unknown[]) => unknown;
  /** `@anthropic-ai/sdk` ≥ 1: the reply and its request, for helpers that parse it themselves. */
  _responseProps?: () => unknown;
  _thenUnwrap?: (transform: (data: unknown, props: ResponseProps) => unknown) => ApiPromise;
}

/** The SDK's event stream. Every way of reading it goes through `iterator`. */
export interface EventStream {
  iterator: () => AsyncIterator<unknown>;
  readonly controller?: AbortController;
}

export function isEventStream(data: unknown): data is EventStream {
  return (
    typeof data === 'object' &&
    data !== null &&
    'iterator' in data &&
    typeof data.iterator === 'function' &&
    Symbol.asyncIterator in data
  );
}

/** What differs between the SDKs: data and small pure functions. */
export interface StainlessSdk {
  readonly module: string;
  readonly endpoints: readonly Endpoint[];
  /** The reply header with the provider's id of the request. */
  readonly requestIdHeader: string;
  /** Whom a client talks to. */
  identify(client: StainlessClient, request: HostQuestion): Host;
  hints?(body: unknown): CallHints | undefined;
  /** Looks after a request that costs nothing itself and tells of work that does: a batch, and its results. */
  watch?(request: WatchedRequest): Watch | undefined;
  /** A changed copy of the body and what must then be hidden from the application; undefined = send as it is. */
  ask?(
    endpoint: Endpoint,
    body: unknown,
    host: Host,
  ): { readonly body: unknown; readonly hide: HideEvent } | undefined;
}

/** A request that is not a billable call. */
export interface WatchedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** Who asks whom, and for which customer. The model may tell who stands behind a local host. */
  open(model?: string): OpenCall;
}

/** Sees what the application gets, at every step of the SDK's unwrapping, before the application does. */
export type Watch = (reply: unknown) => void;

/** What tells who answers a request. */
export interface HostQuestion {
  readonly baseUrl: string;
  readonly model?: string;
  /** What the user said about hosts. */
  readonly providers: HostOverrides;
}

/** True for an event the application would not have got without us; takes from the others what it did not ask for. */
export type HideEvent = (event: unknown) => boolean;

type Class = { readonly prototype: object };

/**
 * The prototype that owns `request` and `makeRequest`, found from whatever a module exports: `OpenAI` itself
 * (5–7), `APIClient` above it (4), `BaseAnthropic` above `Anthropic`.
 */
export function findClientPrototypes(exported: unknown): Set<StainlessClient> {
  const found = new Set<StainlessClient>();
  for (const candidate of candidates(exported)) {
    let prototype: object | null = candidate.prototype;
    while (prototype !== null && prototype !== Object.prototype) {
      if (ownsRequest(prototype)) {
        found.add(prototype);
        break;
      }
      prototype = Object.getPrototypeOf(prototype) as object | null;
    }
  }
  return found;
}

/** Whether a module exports a client class at all, patchable or not. */
export function hasClient(exported: unknown): boolean {
  for (const { prototype } of candidates(exported)) {
    const { get, post } = prototype as { readonly get?: unknown; readonly post?: unknown };
    if (typeof get === 'function' && typeof post === 'function') return true;
  }
  return false;
}

function* candidates(exported: unknown): Iterable<Class> {
  if (isClass(exported)) yield exported;
  else if (
    typeof exported === 'object' &&
    exported !== null &&
    exported.constructor !== Object &&
    'makeRequest' in exported
  ) {
    // A client instance: its class is what we are after.
    yield exported.constructor;
  }
  if ((typeof exported !== 'object' && typeof exported !== 'function') || exported === null) return;
  for (const name of Object.keys(exported)) {
    const value: unknown = (exported as Record<string, unknown>)[name];
    if (isClass(value)) yield value;
  }
}

function isClass(value: unknown): value is Class {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}

function ownsRequest(prototype: object): prototype is StainlessClient {
  const { request, makeRequest } = Object.getOwnPropertyDescriptors(prototype) as Record<
    string,
    PropertyDescriptor
  >;
  return typeof request?.value === 'function' && typeof makeRequest?.value === 'function';
}
