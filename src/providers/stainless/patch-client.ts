import { trace } from '@opentelemetry/api';
import { diag } from '../../attribution/diag.ts';
import { attributionOf, withoutCostEntries } from '../../attribution/attribution-of.ts';
import { captureCallSite } from '../../attribution/call-site.ts';
import { callerContext, runInContext } from '../../attribution/caller-context.ts';
import { ensureTrustBoundary } from '../../attribution/trust-boundary.ts';
import { object } from '../../usage/read.ts';
import { attempt } from '../attempt.ts';
import { Call, type OpenCall, UNKNOWN_OPERATION } from '../call.ts';
import { matchEndpoint } from '../endpoint.ts';
import { unlistedEndpoint } from '../unlisted.ts';
import type { Host } from '../hosts.ts';
import type { Endpoint } from '../reading.ts';
import { isAbort, observeStream } from './observe-stream.ts';
import { PendingCall } from './pending-call.ts';
import { applyPatch, type PatchOwner } from './shared-patch.ts';
import {
  type ApiPromise,
  isEventStream,
  type RequestOptions,
  type ResponseProps,
  type StainlessClient,
  type StainlessSdk,
  type Watch,
} from './sdk.ts';

/**
 * Patches a client class at its choke point: `request`, which every resource method goes through, and
 * `makeRequest`, which sends. Not at `create`: its promise parses the body when somebody waits for it, so
 * whoever waits for it beside the application makes `.parse()` read the body twice, and `client.post()`, new
 * endpoints and helpers would be missed.
 */
export function patchClient(prototype: StainlessClient, sdk: StainlessSdk, owner: PatchOwner): void {
  const { request, makeRequest } = prototype;
  applyPatch(prototype, owner, (owners) => ({
    request(this: StainlessClient, options, ...rest) {
      const [first] = owners;
      if (first === undefined) return request.call(this, options, ...rest);
      return followRequest(this, sdk, first, request, options, rest);
    },
    makeRequest(this: StainlessClient, options, ...rest) {
      const [first] = owners;
      if (first === undefined) return makeRequest.call(this, options, ...rest);
      return followSending(this, sdk, first, makeRequest, options, rest);
    },
  }));
}

/** Calls under way, found again by the request options the SDK hands from `request` to `makeRequest`. */
const PENDING = new WeakMap<object, PendingCall>();

/** The application makes a call: here, and synchronously, is its context. */
function followRequest(
  client: StainlessClient,
  sdk: StainlessSdk,
  owner: PatchOwner,
  original: StainlessClient['request'],
  options: Parameters<StainlessClient['request']>[0],
  rest: unknown[],
): ApiPromise {
  let pending: PendingCall;
  let prepared = options;
  try {
    ensureTrustBoundary();
    const caller = callerContext();
    const attribution = attributionOf(caller);
    const callSite = attribution.customer === undefined ? captureCallSite() : undefined;
    const opened = new PendingCall(new Call(caller, attribution, callSite));
    pending = opened;
    const prepare = (known: RequestOptions): RequestOptions => prepareCall(client, sdk, owner, opened, known);
    // In some versions and methods the options are known only a moment later.
    prepared = isPromise(options) ? options.then(prepare) : prepare(options);
  } catch (error) {
    diag.error(`costspan: could not observe a call of ${sdk.module}; the call itself is unharmed`, error);
    return original.call(client, options, ...rest);
  }
  const promise = original.call(client, prepared, ...rest);
  if (typeof promise._thenUnwrap !== 'function') {
    // Known before the request is sent: `makeRequest` first waits for its options.
    pending.lost = true;
    owner.warn?.(`${sdk.module} hands out promises of another make than tested: its calls are not observed.`);
    return promise;
  }
  return followPromise(
    promise._thenUnwrap((data, props) => observe(pending, data, props)),
    pending,
  );
}

/** Recognises a billable call and gives it a copy of its options, so that nothing of the caller's is changed. */
function prepareCall(
  client: StainlessClient,
  sdk: StainlessSdk,
  owner: PatchOwner,
  pending: PendingCall,
  options: RequestOptions,
): RequestOptions {
  try {
    const endpoint = endpointOf(sdk, options);
    if (endpoint === undefined || endpoint.free) {
      pending.watch = watchOf(client, sdk, owner, pending.call, options);
      return options;
    }
    const url = parseUrl(client.baseURL);
    // Each step is guarded by itself: what one of them cannot read never loses the call.
    const request = attempt('read a request', () => endpoint.readRequest?.(options.body)) ?? {};
    const question = { baseUrl: url?.href ?? '', providers: owner.providers() };
    const { model } = request;
    const host =
      attempt('tell the provider of a request', () =>
        sdk.identify(client, model === undefined ? question : { ...question, model }),
      ) ?? UNKNOWN_HOST;
    const { provider } = host;
    const asked = attempt('ask for the usage of a stream', () => sdk.ask?.(endpoint, options.body, host));
    const streaming = options.stream === true;
    const hints = attempt('read the hints of a request', () => sdk.hints?.(options.body));
    pending.call.describe({
      provider,
      operation: endpoint.operation,
      request: streaming ? { ...request, stream: true } : request,
      ...(url === undefined ? {} : { serverAddress: url.hostname }),
      ...(url === undefined || url.port === '' ? {} : { serverPort: Number(url.port) }),
      ...(host.region === undefined ? {} : { region: host.region }),
      ...(hints === undefined ? {} : { hints }),
    });
    const body = object(options.body);
    pending.bind({
      endpoint,
      streaming,
      context: { provider, ...(body === undefined ? {} : { request: body }) },
      ...(asked === undefined ? {} : { hide: asked.hide }),
    });
    const copy = asked === undefined ? { ...options } : { ...options, body: asked.body };
    PENDING.set(copy, pending);
    if (asked !== undefined && 'httpAgent' in client) pending.unasked = { ...options };
    return copy;
  } catch (error) {
    diag.error(`costspan: could not read a request of ${sdk.module}; the call itself is unharmed`, error);
    return options;
  }
}

const UNKNOWN_HOST: Host = { provider: 'unknown', includeUsage: false };

/** Who looks after a request that is not billable itself. */
function watchOf(
  client: StainlessClient,
  sdk: StainlessSdk,
  owner: PatchOwner,
  { id, startTime, attribution }: Call,
  { method, path, body }: RequestOptions,
): Watch | undefined {
  if (typeof method !== 'string' || typeof path !== 'string') return undefined;
  const open = (model?: string): OpenCall => {
    const url = parseUrl(client.baseURL);
    const question = { baseUrl: url?.href ?? '', providers: owner.providers() };
    const { provider } = sdk.identify(client, model === undefined ? question : { ...question, model });
    const call = { id, startTime, attribution, provider, operation: 'batch', request: {} };
    return url === undefined ? call : { ...call, serverAddress: url.hostname };
  };
  return sdk.watch?.({ method: method.toUpperCase(), path, body, open });
}

function endpointOf(sdk: StainlessSdk, options: RequestOptions): Endpoint | undefined {
  if (typeof options.path !== 'string' || typeof options.method !== 'string') return undefined;
  const method = options.method.toUpperCase();
  if (method !== 'POST') return undefined;
  return matchEndpoint(sdk.endpoints, method, options.path) ?? unlistedEndpoint;
}

/** Sends the request: once per attempt, always in a context from which nothing of ours can leak. */
async function followSending(
  client: StainlessClient,
  sdk: StainlessSdk,
  owner: PatchOwner,
  original: StainlessClient['makeRequest'],
  optionsInput: Parameters<StainlessClient['makeRequest']>[0],
  rest: unknown[],
): Promise<ResponseProps> {
  let options = await optionsInput;
  const pending = PENDING.get(options);
  if (pending?.raw && pending.unasked !== undefined) {
    options = pending.unasked;
    PENDING.set(options, pending);
  }
  const send = (): Promise<ResponseProps> => original.call(client, options, ...rest);
  if (pending === undefined || pending.lost) return runInContext(withoutCostEntries(callerContext()), send);
  const { call } = pending;
  if (pending.started) {
    call.retried();
    return send();
  }
  pending.started = true;
  const native = options.__span?.span;
  // The span of an unlisted call waits until the reply says that it is billable.
  const isUnlisted = call.description?.operation === UNKNOWN_OPERATION;
  const tracer = attempt('get a tracer', () => owner.tracer());
  const span = tracer && call.startSpan(tracer, native, { later: isUnlisted });
  const active =
    native === undefined && span !== undefined ? trace.setSpan(call.callerContext, span) : callerContext();
  const sent = options.signal?.aborted !== true;
  try {
    const props = await runInContext(withoutCostEntries(active), send);
    attempt('read the head of a reply', () => pending.answered(props, sdk.requestIdHeader));
    return props;
  } catch (error) {
    pending.settle({ status: isAbort(error) ? 'aborted' : 'error', error, sent });
    throw error;
  }
}

/** Watches over the promise the application gets: the SDK's own, and every one the SDK derives from it. */
function followPromise(promise: ApiPromise, pending: PendingCall): ApiPromise {
  const { parseResponse: parse, _thenUnwrap: unwrap, asResponse } = promise;
  if (parse === undefined || unwrap === undefined) return promise;
  shadow(promise, 'parseResponse', async function (this: unknown, ...args: unknown[]) {
    pending.claim();
    try {
      return await parse.apply(this, args);
    } catch (error) {
      // The reply came and could not be read to its end.
      pending.settle({ status: isAbort(error) ? 'aborted' : 'partial', error });
      throw error;
    }
  });
  shadow(promise, '_thenUnwrap', (transform: Parameters<typeof unwrap>[0]) =>
    followPromise(
      unwrap.call(promise, (data, props) => watch(pending, transform(data, props))),
      pending,
    ),
  );
  if (typeof asResponse === 'function') {
    shadow(promise, 'asResponse', () => {
      // `withResponse()` of openai 4–6 asks for the response of what it also parses.
      if (promise.parsedPromise === undefined) attempt('follow a raw reply', () => pending.readRaw());
      return asResponse.call(promise);
    });
  }
  const { _responseProps: responseProps } = promise;
  if (responseProps !== undefined) {
    shadow(promise, '_responseProps', () => {
      // A helper parses the reply through a promise of its own (the streaming tool runner of 1.x).
      attempt('follow a raw reply', () => pending.readRaw());
      return responseProps.call(promise);
    });
  }
  pending.hold(promise);
  return promise;
}

function shadow(promise: ApiPromise, name: string, value: unknown): void {
  Object.defineProperty(promise, name, { value, configurable: true, writable: true });
}

/** The one look at the parsed reply, before the application gets it. */
function observe(pending: PendingCall, data: unknown, props: ResponseProps): unknown {
  if (pending.billable === undefined) return watch(pending, data);
  if (pending.call.settled) return data;
  try {
    if (isEventStream(data)) observeStream(data, pending, props.response);
    else {
      const reading = pending.read(data === props.response ? {} : data, pending.context(props.response));
      const failed = reading.errorType !== undefined && reading.usage === undefined;
      pending.settle({ status: failed ? 'error' : 'ok', reading });
    }
  } catch (error) {
    diag.error('costspan: could not read a reply; the call itself is unharmed', error);
    pending.settle({ status: 'ok' });
  }
  return data;
}

/** What a request that is not billable brought, for whoever looks after it. */
function watch(pending: PendingCall, data: unknown): unknown {
  try {
    pending.watch?.(data);
  } catch (error) {
    diag.error('costspan: could not read a reply; the call itself is unharmed', error);
  }
  return data;
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function parseUrl(value: unknown): URL | undefined {
  return typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
}
