import type { Context, Tracer } from '@opentelemetry/api';
import { attributionOf, withoutCostEntries } from '../../attribution/who-pays.ts';
import type { MaybePromise } from '../../base/promises.ts';
import { type JsonObject, known, object, text as nonEmpty } from '../../base/read.ts';
import type { CallDescription, CallStatus } from '../../calls/call.ts';
import { captureCallSite } from '../../calls/call-site.ts';
import { isAbort, type Outcome } from '../../calls/outcome.ts';
import type { CallHints, Endpoint } from '../../wire/reading.ts';
import { fieldsOf } from '../../wire/request.ts';
import { requestSize } from '../../wire/request-size.ts';
import { aiSdkTelemetry } from './ai-sdk-telemetry.ts';
import { askForUsage } from './ask-for-usage.ts';
import { withCall } from './current-call.ts';
import { ObservedCall } from './observed-call.ts';
import { countTokens } from '../tokenizer.ts';
import { placeInUrl } from './place-in-url.ts';
import type { RequestBody } from './request-text.ts';
import type { Target } from './target.ts';

/** One request that left through `fetch`: an attempt, and a call, of its own. */
export class FetchCall extends ObservedCall {
  /** Where the request is made: the caller's context, without what must not leave the process. */
  readonly context: Context;
  readonly #target: Target;
  readonly #endpoint: Endpoint;
  #text: string | undefined;
  #signal: WeakRef<AbortSignal> | undefined;
  #isMadeBySdk = false;

  constructor(caller: Context, tracer: () => Tracer, target: Target, endpoint: Endpoint) {
    const attribution = attributionOf(caller);
    super(caller, attribution, tracer, attribution.customer === undefined ? captureCallSite() : undefined);
    this.context = withCall(withoutCostEntries(caller), this);
    this.#target = target;
    this.#endpoint = endpoint;
  }

  /**
   * The request's body is known. Starts the span, and asks whoever may say no.
   *
   * @throws the error of a refusal; or rejects with it.
   */
  request({ text, form, later }: RequestBody): MaybePromise<void> {
    if (later === undefined) this.#prepare(text, form);
    // A streamed body is known only after it was sent. Where it goes is known now.
    else this.describe(this.#describe(undefined));
    return this.ask();
  }

  /** A stream was sent: now its text is known. */
  wasSent(text: string | undefined): void {
    this.#prepare(text, undefined);
  }

  /** The application may stop the request by this signal, and with any reason. */
  obeys(signal: AbortSignal | null): void {
    this.#signal = signal === null ? undefined : new WeakRef(signal);
  }

  /**
   * An SDK makes the request, reads the reply, and has signals of its own: the application stops the call by `signal`
   * alone.
   */
  madeBySdk(signal: AbortSignal | null): void {
    this.#isMadeBySdk = true;
    this.obeys(signal);
  }

  /** Part of `ReplyObserver`: an SDK that takes no other reader reads no further. */
  get isLeftOnRelease(): boolean {
    return this.#isMadeBySdk;
  }

  override settle(outcome: Outcome): void {
    super.settle(outcome.denied === true ? outcome : { ...outcome, status: this.#statusOf(outcome) });
  }

  #statusOf({ status, error }: Outcome): CallStatus {
    const signal = this.#signal?.deref();
    const isStopped = signal?.aborted === true;
    if (isStopped && error === signal.reason) return 'aborted';
    if (!this.#isMadeBySdk || isStopped || !isAbort(error)) return status;
    // The SDK gave up by itself: a time-out.
    return this.isAnswered ? 'partial' : 'error';
  }

  /** The text to send in place of the application's; undefined where it is sent as it is. */
  changedText(): string | undefined {
    const text = this.#text;
    if (text === undefined || this.plan.kind !== 'bill') return undefined;
    const { request } = this.plan.context;
    const asked = request && askForUsage(text, request, this.#endpoint, this.#target.host);
    const sent = this.rewrite(text, asked);
    return sent === text ? undefined : sent;
  }

  #prepare(text: string | undefined, form: FormData | undefined): void {
    this.#text = text;
    const fields = fieldsOf(form ?? text);
    const description = this.#describe(fields);
    const { provider, request } = description;
    this.prepare({
      description,
      bill: {
        endpoint: this.#endpoint,
        streaming: request.stream === true,
        context: { provider, countTokens, ...known({ request: fields }) },
      },
      requestIdHeader: 'x-request-id',
    });
  }

  #describe(fields: JsonObject | undefined): CallDescription {
    const { url, host, hostname, port } = this.#target;
    const { operation, alwaysStreams, readRequest } = this.#endpoint;
    const { provider } = host;
    const place = placeInUrl(url);
    const read = readRequest?.(fields) ?? {};
    const streaming = alwaysStreams === true || fields?.stream === true || isStreamed(url, fields);
    const bytes = this.#text === undefined ? 0 : Buffer.byteLength(this.#text);
    return {
      provider,
      operation,
      request: { ...read, ...known({ model: read.model ?? place.model, stream: streaming || undefined }) },
      ...known({
        serverAddress: hostname,
        serverPort: port,
        region: host.region ?? place.region,
        hints: fields && hintsOf(fields),
        telemetry: aiSdkTelemetry(this.callerContext),
        size: fields && (() => requestSize(provider, fields, bytes)),
      }),
    };
  }
}

/** Ollama's own API streams unless it is told not to. */
function isStreamed(url: string, fields: JsonObject | undefined): boolean {
  return fields !== undefined && fields.stream === undefined && /\/api\/(?:chat|generate)$/.test(url);
}

/** What requests tell providers of the application's user: OpenAI's fields, and Anthropic's `metadata.user_id`. */
function hintsOf(fields: JsonObject): CallHints {
  const metadata = object(fields.metadata);
  return known({
    user: nonEmpty(fields.user) ?? nonEmpty(metadata?.user_id),
    safetyIdentifier: nonEmpty(fields.safety_identifier),
    metadata,
  });
}
