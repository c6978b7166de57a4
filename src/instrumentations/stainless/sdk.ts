import type { Span } from '@opentelemetry/api';
import type { OpenCall } from '../../calls/call.ts';
import type { CallHints } from '../../wire/reading.ts';
import type { Host, HostOverrides } from '../../providers/host.ts';
import type { Endpoint } from '../../wire/reading.ts';
import type { Watch } from '../http/plan.ts';

/**
 * The inside of the SDKs that Stainless generates (`openai` 4–7, `@anthropic-ai/sdk` 0.x–1.x), as far as the
 * patch touches it. All of it is private to those packages and unchanged since 2023; the patch checks that it
 * is there (`findClientPrototype`) and leaves the SDK alone when it is not.
 */
export interface StainlessClient {
  readonly baseURL?: unknown;
  readonly apiVersion?: unknown;
  request(options: MaybePromise<RequestOptions>, ...rest: unknown[]): object;
  makeRequest(options: MaybePromise<RequestOptions>, ...rest: unknown[]): Promise<ResponseProps>;
  /** Synchronous in openai 4 and in early versions of `@anthropic-ai/sdk`. */
  buildRequest(options: RequestOptions, ...rest: unknown[]): MaybePromise<BuiltRequest>;
  fetchWithTimeout(url: unknown, init: RequestInit | undefined, ...rest: unknown[]): Promise<Response>;
  retryRequest(options: RequestOptions, ...rest: unknown[]): Promise<ResponseProps>;
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

/** What `buildRequest` returns: made by the SDK for this one attempt. */
export interface BuiltRequest {
  readonly req: { body?: unknown; headers?: Record<string, unknown> | null };
  readonly url?: string;
}

/** What `makeRequest` resolves with. */
export interface ResponseProps {
  readonly response?: Response;
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
  /** Streams of this API carry their usage only when asked. */
  readonly asksForUsage?: boolean;
}

/** A request that is not a billable call. */
export interface WatchedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** Who asks whom, and for which customer. The model may tell who stands behind a local host. */
  open(model?: string): OpenCall;
}

/** What tells who answers a request. */
export interface HostQuestion {
  readonly baseUrl: string;
  readonly model?: string;
  /** What the user said about hosts. */
  readonly providers: HostOverrides;
}

type Class = { readonly prototype: object };

/**
 * The prototype that owns what is patched, found from whatever a module exports: `OpenAI` itself
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
  return PATCHED.every(
    (name) => typeof Object.getOwnPropertyDescriptor(prototype, name)?.value === 'function',
  );
}

const PATCHED = ['request', 'makeRequest', 'buildRequest', 'fetchWithTimeout', 'retryRequest'];
