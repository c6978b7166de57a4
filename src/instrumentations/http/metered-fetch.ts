import type { Tracer } from '@opentelemetry/api';
import { ensureTrustBoundary } from '../../attribution/baggage/trust-boundary.ts';
import { callerContext, runInContext } from '../../attribution/caller-context.ts';
import { isProviderCall } from '../../attribution/who-pays.ts';
import { attempt } from '../../base/attempt.ts';
import { isPromise } from '../../base/promises.ts';
import type { HostOverrides } from '../../providers/host.ts';
import type { Endpoint } from '../../wire/reading.ts';
import { unlistedEndpoint } from '../../wire/unlisted.ts';
import { findEndpoint } from '../../wire/wires.ts';
import { currentCall } from './current-call.ts';
import { FetchCall } from './fetch-call.ts';
import { readRequestBody, type RequestBody } from './request-text.ts';
import { type Target, Targets } from './target.ts';

type Fetch = typeof fetch;

/** Whose patch it is; asked at every call, since options and the tracer may come later. */
export interface FetchNet {
  tracer(): Tracer;
  providers(): HostOverrides;
  refusal(): 'reject' | 'response';
  /** A call was metered here. */
  metered?(headers: Headers): void;
  /** Who answers at hosts that nobody knows; absent: they are none of our business. */
  readonly otherwise?: string;
  /** False: everything passes. */
  isEnabled?(): boolean;
}

/** A `fetch` like the one given, with the same name and length. */
export function meteredFetch(original: Fetch, net: FetchNet): Fetch {
  const targets = new Targets(() => net.providers(), net.otherwise);
  const metered: Fetch = function fetch(this: unknown, ...args: Parameters<Fetch>): Promise<Response> {
    const [input, init] = args;
    const send = (changed: RequestInit | undefined = init): Promise<Response> =>
      changed === init
        ? Reflect.apply(original, this, args)
        : Reflect.apply(original, this, [input, changed]);
    const call = attempt('look at a request', () => openFetchCall(targets, net, input, init));
    return call === undefined ? send() : meterFetchCall(call, net, input, init, send);
  };
  Object.defineProperty(metered, 'length', { value: original.length, configurable: true });
  return metered;
}

/** Opens a call where the request is one, and nobody above has. */
export function openFetchCall(
  targets: Targets,
  net: FetchNet,
  input: unknown,
  init: RequestInit | undefined,
): FetchCall | undefined {
  const target = targets.of(input);
  if (target === undefined || net.isEnabled?.() === false) return undefined;
  const endpoint = endpointOf(target, methodOf(input, init));
  if (endpoint === undefined || endpoint.free === true) return undefined;
  const caller = callerContext();
  if (currentCall() !== undefined || isProviderCall(caller)) return undefined;
  ensureTrustBoundary();
  net.metered?.(headersOf(input, init));
  return new FetchCall(caller, () => net.tracer(), target, endpoint);
}

/** A path that no table lists is recorded when its reply carries usage. */
function endpointOf({ host, url }: Target, method: string): Endpoint | undefined {
  const listed = findEndpoint(host.provider, method, url);
  return listed ?? (method === 'POST' ? unlistedEndpoint : undefined);
}

function methodOf(input: unknown, init: RequestInit | undefined): string {
  return (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();
}

/** What an SDK does below, that is one call for the application. */
export interface SdkRequest {
  /** What the application stops the call by. */
  readonly signal: AbortSignal | null;
  /** It shows each of its attempts to the call itself (`call.send`). */
  readonly showsAttempts: boolean;
}

/** Sends the request of a call, and observes its reply. */
export async function meterFetchCall(
  call: FetchCall,
  net: FetchNet,
  input: unknown,
  init: RequestInit | undefined,
  send: (init?: RequestInit) => Promise<Response>,
  sdk?: SdkRequest,
): Promise<Response> {
  let sent = init;
  let body: RequestBody = {};
  try {
    const read = attempt('read a request', () => readRequestBody(input, init)) ?? {};
    body = isPromise(read) ? await read.catch(() => ({})) : read;
    const admitted = call.request(body);
    if (isPromise(admitted)) await admitted;
    sent = attempt('rewrite a request', () => changed(call, input, init, body)) ?? init;
  } catch (refusal) {
    return answered(refusal, net, headersOf(input, init));
  }
  const signal = init?.signal ?? (input instanceof Request ? input.signal : null);
  if (sdk === undefined) call.obeys(signal);
  else call.madeBySdk(sdk.signal);
  try {
    const context = call.sendingContext(call.context);
    const attemptIt = async (): Promise<Response> => {
      const reply = await runInContext(context, () => send(sent));
      if (body.later !== undefined) call.wasSent(await soon(body.later));
      return reply;
    };
    const response = await (sdk?.showsAttempts === true ? attemptIt() : call.send(attemptIt, signal));
    if (!response.ok) call.fail({ status: response.status });
    return response;
  } catch (error) {
    call.fail(error);
    throw error;
  }
}

/** What is sent where that differs from what the application gave: another text, or a stream that is seen in passing. */
function changed(
  call: FetchCall,
  input: unknown,
  init: RequestInit | undefined,
  { body }: RequestBody,
): RequestInit | undefined {
  if (body !== undefined) return { ...init, body };
  const text = call.changedText();
  if (text === undefined) return undefined;
  const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
  if (headers.has('content-length')) headers.set('content-length', String(Buffer.byteLength(text)));
  return { ...init, headers, body: text };
}

/** What is there by now: a reply may come before its request was read to the end. */
function soon<T>(value: Promise<T>): Promise<T | undefined> {
  return Promise.race([value, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);
}

/** An SDK that takes every rejected promise for a broken connection, and tries again, gets a response in any case. */
function answered(refusal: unknown, net: FetchNet, headers: Headers): Response {
  const { toHttpResponse } = refusal as { readonly toHttpResponse?: () => Response };
  const triesAgain = headers.has('x-stainless-lang');
  if (typeof toHttpResponse !== 'function' || (net.refusal() === 'reject' && !triesAgain)) throw refusal;
  const response = toHttpResponse.call(refusal);
  if (triesAgain) response.headers.set('x-should-retry', 'false');
  return response;
}

function headersOf(input: unknown, init: RequestInit | undefined): Headers {
  return new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
}
