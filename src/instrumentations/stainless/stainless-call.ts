import { attributionOf, withoutCostEntries } from '../../attribution/who-pays.ts';
import { attempt } from '../../base/attempt.ts';
import { isPromise, type MaybePromise } from '../../base/promises.ts';
import { type JsonObject, known } from '../../base/read.ts';
import { captureCallSite } from '../../calls/call-site.ts';
import type { OpenCall } from '../../calls/call.ts';
import { isAbort, type Outcome } from '../../calls/outcome.ts';
import type { Host } from '../../providers/host.ts';
import type { Endpoint } from '../../wire/reading.ts';
import { requestSize } from '../../wire/request-size.ts';
import { fieldsOf } from '../../wire/request.ts';
import { askForUsage } from '../http/ask-for-usage.ts';
import { withCall } from '../http/current-call.ts';
import { ObservedCall } from '../http/observed-call.ts';
import { plainFields } from '../http/plain-fields.ts';
import { countTokens } from '../tokenizer.ts';
import { addressOf, endpointAt, rememberedHost } from './client-facts.ts';
import type { BuiltRequest, RequestOptions, ResponseProps, StainlessClient, StainlessSdk } from './sdk.ts';
import type { PatchOwner } from '../shared-patch.ts';

/** One call made through a client of a Stainless SDK. */
export class StainlessCall extends ObservedCall {
  readonly client: StainlessClient;
  readonly #sdk: StainlessSdk;
  readonly #owner: PatchOwner;
  /** Where the SDK makes the request: the caller's context, without what must not leave the process. */
  readonly context: ReturnType<typeof withCall>;
  /** Part of `ReplyObserver`. */
  isReadBySdk = false;
  #options: RequestOptions | undefined;
  #endpoint: Endpoint | undefined;
  #host: Host | undefined;
  #isPrepared = false;
  #isRetrying = false;

  constructor(
    client: StainlessClient,
    sdk: StainlessSdk,
    owner: PatchOwner,
    caller: ConstructorParameters<typeof ObservedCall>[0],
  ) {
    const attribution = attributionOf(caller);
    const callSite = attribution.customer === undefined ? captureCallSite() : undefined;
    super(caller, attribution, () => owner.tracer(), callSite);
    this.client = client;
    this.#sdk = sdk;
    this.#owner = owner;
    this.context = withCall(withoutCostEntries(caller), this);
  }

  get options(): RequestOptions | undefined {
    return this.#options;
  }

  /** The SDK begins to make the request. Decides what it is. */
  begin(options: RequestOptions): void {
    this.#options = options;
    const { method, path } = options;
    if (typeof method !== 'string' || typeof path !== 'string') return;
    const verb = method.toUpperCase();
    const endpoint = verb === 'POST' ? endpointAt(this.#sdk, path) : undefined;
    if (endpoint !== undefined && endpoint.free !== true) {
      this.#endpoint = endpoint;
      return;
    }
    const open = (model?: string): OpenCall => this.#watched(model);
    const watch = attempt('look at a request', () =>
      this.#sdk.watch?.({ method: verb, path, body: options.body, open }),
    );
    if (watch !== undefined) this.plan = { kind: 'watch', watch };
  }

  get isBillable(): boolean {
    return this.#endpoint !== undefined;
  }

  /** The SDK built the request of an attempt: read it, and change what has to be changed in its text. */
  built(built: BuiltRequest): MaybePromise<BuiltRequest> {
    if (this.#endpoint === undefined) return this.#handedIn(built);
    if (this.#isPrepared) return this.#rewritten(built);
    this.#prepare(built);
    const asked = this.ask();
    return isPromise(asked) ? asked.then(() => this.#rewritten(built)) : this.#rewritten(built);
  }

  /** The same for an SDK that builds synchronously: it cannot wait, so the caller builds again after the wait. */
  builtNow(built: BuiltRequest): BuiltRequest {
    const result = this.built(built);
    if (!isPromise(result)) return result;
    throw new MustWait(result.then(() => undefined));
  }

  /** A batch is refused before it is sent, as the calls in it would be. */
  #handedIn(built: BuiltRequest): MaybePromise<BuiltRequest> {
    if (this.plan.kind !== 'watch' || this.plan.watch.handsIn !== true || this.#isPrepared) return built;
    this.#isPrepared = true;
    const asked = this.askToHandIn(this.#watched(undefined));
    return isPromise(asked) ? asked.then(() => built) : built;
  }

  #prepare(built?: BuiltRequest): void {
    const endpoint = this.#endpoint;
    const options = this.#options;
    if (endpoint === undefined || options === undefined) return;
    this.#isPrepared = true;
    const { client } = this;
    const fields = fieldsIn(options.body, built);
    const { address, port } = addressOf(client);
    // Each step is guarded by itself: what one of them cannot read never loses the call.
    const read = attempt('read a request', () => endpoint.readRequest?.(fields ?? options.body)) ?? {};
    const model = read.model ?? modelInPath(built?.url);
    const streaming = options.stream === true || fields?.stream === true;
    const sent = typeof built?.req.body === 'string' ? built.req.body : undefined;
    const request = known({
      ...read,
      model,
      stream: options.stream === true ? true : read.stream,
      // Of what is sent: the application's objects may be read only once.
      inputCharacters:
        sent === undefined
          ? read.inputCharacters
          : () => endpoint.readRequest?.(fieldsOf(sent)).inputCharacters?.() ?? 0,
    });
    const host = this.#identify(model);
    this.#host = host;
    // Only a resolver reads them, and it is asked only where nobody else said who pays.
    const isClaimed = this.attribution.customer !== undefined;
    const hints = isClaimed
      ? undefined
      : attempt('read the hints of a request', () => this.#sdk.hints?.(fields));
    const { provider } = host;
    this.prepare({
      description: {
        provider,
        operation: endpoint.operation,
        request,
        ...known({
          serverAddress: address,
          serverPort: port,
          region: host.region,
          hints,
          size:
            sent === undefined || fields === undefined
              ? undefined
              : () => requestSize(provider, fields, Buffer.byteLength(sent)),
        }),
      },
      bill: {
        endpoint,
        streaming,
        context: { provider, countTokens, ...known({ request: fields }) },
        ...known({ sent }),
      },
      requestIdHeader: this.#sdk.requestIdHeader,
      native: options.__span?.span,
    });
  }

  /** The SDK's own object gets another text, before anybody signs it; nothing the application holds is changed. */
  #rewritten(built: BuiltRequest): BuiltRequest {
    attempt('rewrite a request', () => {
      const { req } = built;
      const { body: text } = req;
      if (typeof text !== 'string' || this.plan.kind !== 'bill' || this.#host === undefined) return;
      const fields = this.plan.context.request;
      const asked =
        fields && this.#sdk.asksForUsage
          ? askForUsage(text, fields, this.plan.endpoint, this.#host)
          : undefined;
      const sent = this.rewrite(text, asked);
      if (sent === text) return;
      req.body = sent;
      const { headers } = req;
      // openai 4 says how long the text is.
      if (typeof headers === 'object' && headers !== null && 'content-length' in headers)
        headers['content-length'] = String(Buffer.byteLength(sent));
    });
    return built;
  }

  /** What `makeRequest` resolves with: whoever takes the response out of it reads the reply. */
  received(props: ResponseProps): void {
    const { response } = props;
    if (response === undefined || !this.isBillable) return;
    attempt('watch over a reply', () => {
      watchProperty(props, 'response', true, () => this.claim());
      // Asked for when the SDK makes its stream, and not when the application takes the response as it is.
      if (this.plan.kind === 'bill' && this.plan.streaming)
        watchProperty(props, 'controller', false, () => {
          this.isReadBySdk = true;
        });
      this.hold(props, response);
    });
  }

  /** The SDK will send the request again, because the body of the reply did not come in time. */
  retrying(): void {
    this.#isRetrying = true;
  }

  override async send(
    attemptIt: () => Promise<Response>,
    signal?: { readonly aborted: boolean } | null,
  ): Promise<Response> {
    this.#isRetrying = false;
    return super.send(attemptIt, signal);
  }

  override settle(outcome: Outcome): void {
    const { plan } = this;
    const isBroken = outcome.error !== undefined && plan.kind === 'bill' && !plan.streaming;
    if (!isBroken || this.settled) return super.settle(outcome);
    // Only the caller's signal aborts a whole reply; the SDK's own timeout looks alike.
    const timedOut = isAbort(outcome.error) && this.#options?.signal?.aborted !== true && this.isAnswered;
    const status = timedOut ? ('partial' as const) : outcome.status;
    if (!this.isAnswered) return super.settle(outcome);
    // The SDK may try again: by then it has said so.
    setImmediate(() => {
      if (!this.#isRetrying) super.settle({ ...outcome, status });
    });
  }

  /** No reply came, or the request could not even be built. */
  override fail(error: unknown): void {
    if (!this.isBillable || this.settled) return;
    // What the SDK refused to build was never prepared.
    if (!this.#isPrepared) attempt('describe a request', () => this.#prepare());
    super.fail(error);
  }

  #identify(model: string | undefined): Host {
    const identify = (): Host => {
      const question = {
        baseUrl: addressOf(this.client).href ?? '',
        providers: this.#owner.providers(),
        ...known({ model }),
      };
      return this.#sdk.identify(this.client, question);
    };
    return (
      attempt('tell the provider of a request', () =>
        rememberedHost(this.client, this.#owner.providers(), model, identify),
      ) ?? UNKNOWN_HOST
    );
  }

  /** Who asks whom, for a request that costs nothing itself. */
  #watched(model: string | undefined): OpenCall {
    const { provider } = this.#identify(model);
    const { id, startTime, attribution } = this;
    return {
      id,
      startTime,
      attribution,
      provider,
      operation: 'batch',
      request: {},
      ...known({ serverAddress: addressOf(this.client).address }),
    };
  }
}

/** Thrown through an SDK that builds its requests synchronously, before anything is sent. */
export class MustWait extends Error {
  readonly until: Promise<void>;

  constructor(until: Promise<void>) {
    super('A listener has to think about this call.');
    this.until = until;
  }
}

/** Calls `taken` when a property is read; it can be read, written and copied as before. */
function watchProperty(target: object, name: string, enumerable: boolean, taken: () => void): void {
  if (!Object.hasOwn(target, name)) return;
  let value: unknown = Reflect.get(target, name);
  Object.defineProperty(target, name, {
    get() {
      taken();
      return value;
    },
    set(other: unknown) {
      value = other;
    },
    configurable: true,
    enumerable,
  });
}

const UNKNOWN_HOST: Host = { provider: 'unknown', includeUsage: false };

/**
 * The fields of a request. They are read from the object that the application gave, where that runs none of its code,
 * else from the text that is sent.
 */
function fieldsIn(body: unknown, built: BuiltRequest | undefined): JsonObject | undefined {
  const sent = built?.req.body;
  const isReadable = typeof sent === 'string' || sent instanceof FormData;
  return plainFields(body) ?? (isReadable ? fieldsOf(sent) : undefined);
}

/** Older clients of Bedrock and Vertex move the model from the body to the path. */
function modelInPath(url: string | undefined): string | undefined {
  const [, model] = /\/models?\/([^/:?]+)/.exec(url ?? '') ?? [];
  return model === undefined ? undefined : decodeURIComponent(model);
}
