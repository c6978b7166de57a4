import { callerContext, runInContext } from '../../attribution/caller-context.ts';
import { ensureTrustBoundary } from '../../attribution/baggage/trust-boundary.ts';
import { isProviderCall, withoutCostEntries } from '../../attribution/who-pays.ts';
import { attempt } from '../../base/attempt.ts';
import { isPromise } from '../../base/promises.ts';
import { currentCall } from '../http/current-call.ts';
import type { BuiltRequest, RequestOptions, ResponseProps, StainlessClient, StainlessSdk } from './sdk.ts';
import { applyPatch, type PatchOwner } from '../shared-patch.ts';
import { MustWait, StainlessCall } from './stainless-call.ts';

/**
 * Patches a client class where its requests pass, and touches neither the promise the application gets, nor what the
 * SDK makes of the reply. Not at `create`: `client.post()`, new endpoints and helpers would be missed.
 */
export function patchClient(prototype: StainlessClient, sdk: StainlessSdk, owner: PatchOwner): void {
  const { request, makeRequest, buildRequest, fetchWithTimeout, retryRequest } = prototype;
  applyPatch(prototype, owner, (owners) => ({
    // 1st: the application makes a call. Here, and synchronously, is its context.
    request(this: StainlessClient, ...args) {
      const call = attempt('observe a call', () => open(this, sdk, owners));
      if (call === undefined) return request.apply(this, args);
      return runInContext(call.context, () => request.apply(this, args));
    },
    // 2nd: the SDK makes the request, and again for every retry.
    makeRequest(this: StainlessClient, options, ...rest) {
      const make = (known: RequestOptions): Promise<ResponseProps> => makeRequest.call(this, known, ...rest);
      return makeObserved(this, options, make, owners.size > 0);
    },
    // 3rd: what is sent is built, once per attempt. Before anybody signs it.
    buildRequest(this: StainlessClient, options, ...rest) {
      const built = buildRequest.call(this, options, ...rest);
      const call = callOf(this, options);
      if (call === undefined) return built;
      return isPromise(built as Promise<BuiltRequest>)
        ? (built as Promise<BuiltRequest>).then((request_) => call.built(request_))
        : call.builtNow(built as BuiltRequest);
    },
    // 4th: it is sent, and the reply comes.
    fetchWithTimeout(this: StainlessClient, url, init, ...rest) {
      const call = current(this);
      const send = (): Promise<Response> => fetchWithTimeout.call(this, url, init, ...rest);
      if (call === undefined) return send();
      return call.send(() => runInContext(call.sendingContext(callerContext()), send), init?.signal);
    },
    // Now and then: the reply came, its body did not, and the SDK tries again.
    retryRequest(this: StainlessClient, options, ...rest) {
      callOf(this, options)?.retrying();
      return retryRequest.call(this, options, ...rest);
    },
  }));
}

function open(
  client: StainlessClient,
  sdk: StainlessSdk,
  owners: ReadonlySet<PatchOwner>,
): StainlessCall | undefined {
  const [owner] = owners;
  if (owner === undefined) return undefined;
  ensureTrustBoundary();
  return new StainlessCall(client, sdk, owner, callerContext());
}

/** The call whose request is being made here, by this client. */
function current(client: StainlessClient): StainlessCall | undefined {
  const call = currentCall();
  return call instanceof StainlessCall && call.client === client ? call : undefined;
}

/** Calls by the SDK's options: a retry for the sake of the body starts where the reply was awaited. */
const CALLS = new WeakMap<object, StainlessCall>();

function callOf(client: StainlessClient, options: object): StainlessCall | undefined {
  return current(client) ?? CALLS.get(options);
}

/** Makes a request, whether or not it is a call of ours, in a context from which nothing of ours can leak. */
async function makeObserved(
  client: StainlessClient,
  optionsInput: Parameters<StainlessClient['makeRequest']>[0],
  make: (options: RequestOptions) => Promise<ResponseProps>,
  isEnabled: boolean,
): Promise<ResponseProps> {
  const options = await optionsInput;
  const call = callOf(client, options);
  if (call === undefined) {
    const ctx = callerContext();
    return isEnabled && !isProviderCall(ctx)
      ? runInContext(withoutCostEntries(ctx), () => make(options))
      : make(options);
  }
  // A retry: the first one settles the call.
  if (call.options !== undefined) return runInContext(call.context, () => make(options));
  attempt('read a request', () => call.begin(options));
  CALLS.set(options, call);
  try {
    const props = await makeAdmitted(call, () => make(options));
    call.received(props);
    return props;
  } catch (error) {
    call.fail(error);
    throw error;
  }
}

/** Where a listener has to think and the SDK could not wait for it, nothing was sent yet: the SDK builds again. */
async function makeAdmitted(call: StainlessCall, make: () => Promise<ResponseProps>): Promise<ResponseProps> {
  try {
    return await runInContext(call.context, make);
  } catch (error) {
    if (!(error instanceof MustWait)) throw error;
    await error.until;
    return runInContext(call.context, make);
  }
}
