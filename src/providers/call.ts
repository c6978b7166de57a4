import { type Context, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { Attribution } from '../attribution/attribution.ts';
import { attributionToAttributes } from '../attribution/span-attributes.ts';
import { defaultPriceList } from '../pricing/default-price-list.ts';
import type { ServiceQuantities } from '../pricing/price.ts';
import { ATTRIBUTES } from '../usage/attributes.ts';
import type { Usage } from '../usage/usage.ts';
import { attempt } from './attempt.ts';
import { announce, callHub, quote, shownAttribution, type UnfinishedCall } from './call-hub.ts';
import { beforeEnd } from './before-end.ts';
import { boundedId, boundedReading, boundedRequest } from './bounded.ts';
import { requestAttributes, resultAttributes } from './call-attributes.ts';
import { costOfCall } from './cost-of-call.ts';
import { newEventId } from './event-id.ts';
import { errorTypeOf, measureCall } from './measure-call.ts';
import type { Reading, RequestReading } from './reading.ts';
import { rememberReceipt } from './receipts.ts';

/** What a request says before it is sent, and to whom it goes. */
export interface CallDescription {
  readonly provider: string;
  readonly operation: string;
  readonly request: RequestReading;
  readonly serverAddress?: string;
  readonly serverPort?: number;
  /** Where the cloud runs the model, when the client says so; the price may depend on it. */
  readonly region?: string;
  /** What the application already tells the provider about its user; for `resolveCustomer`. */
  readonly hints?: CallHints;
}

/** `user`, `safety_identifier` and `metadata` of the request body; never stored. */
export interface CallHints {
  readonly user?: string;
  readonly safetyIdentifier?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A call under way, as a listener sees it. */
export interface OpenCall extends CallDescription {
  readonly id: string;
  readonly startTime: Date;
  readonly attribution: Attribution;
  /** Where the application made a call that nobody claimed; formatted when asked for. */
  readonly callSite?: () => string | undefined;
}

/** A finished call: everything the meter needs, and nothing that was said in it. */
export interface SettledCall extends OpenCall {
  readonly durationMs?: number;
  readonly timeToFirstTokenMs?: number;
  readonly status: CallStatus;
  readonly errorType?: string;
  readonly retries: number;
  readonly requestId?: string;
  readonly reading: Reading;
  readonly usage: Usage;
  readonly usageSource: 'provider' | 'estimated' | 'none';
  /** Refused, or never sent: there is nothing to bill. */
  readonly consumedNothing: boolean;
  /** Set for a service no SDK patch sees (`recordUsage`): what was consumed, in the service's own units. */
  readonly quantities?: ServiceQuantities;
  /** Set for a line of a batch's results: it has no request of its own. */
  readonly batchId?: string;
  readonly traceId?: string;
  readonly spanId?: string;
}

export type CallStatus = 'ok' | 'error' | 'aborted' | 'partial';

/** How a call ended. */
export interface Outcome {
  readonly status: CallStatus;
  readonly reading?: Reading;
  readonly error?: unknown;
  /** False when the request never left: then nothing was consumed. */
  readonly sent?: boolean;
  /** The application lost its last handle on the reply: nobody else will end the SDK's own span. */
  readonly abandoned?: boolean;
  /** Tokens the request sent, for a call whose usage never came. */
  readonly inputTokens?: number;
}

/**
 * One billable call from the moment the application makes it until it settles, exactly once.
 *
 * A provider's patch opens it in the caller's context, describes it when the request is known, tells it what
 * the reply says, and settles it. On settling it writes itself on its span and is announced to whoever
 * listens, whether or not the span is sampled. No method throws.
 */
export class Call implements UnfinishedCall {
  readonly id: string;
  readonly startTime: Date;
  readonly attribution: Attribution;
  readonly callerContext: Context;
  readonly #startedAt: number;
  readonly #callSite: (() => string | undefined) | undefined;
  /** Resolved and redacted by whoever listens; asked for once. */
  #shown: Attribution | undefined;
  #description: CallDescription | undefined;
  #span: Span | undefined;
  #ownsSpan = false;
  #tracer: Tracer | undefined;
  #retries = 0;
  #requestId: string | undefined;
  #firstChunkAt: number | undefined;
  #readSoFar: (() => Reading) | undefined;
  #settled = false;

  constructor(callerContext: Context, attribution: Attribution, callSite?: () => string | undefined) {
    this.startTime = new Date();
    this.id = newEventId(this.startTime.getTime());
    this.#startedAt = performance.now();
    this.callerContext = callerContext;
    this.attribution = attribution;
    this.#callSite = callSite;
  }

  get settled(): boolean {
    return this.#settled;
  }

  get description(): CallDescription | undefined {
    return this.#description;
  }

  /** The request is known and about to be sent. */
  describe(description: CallDescription): void {
    this.#description = { ...description, request: boundedRequest(description.request) };
  }

  /**
   * Starts the call's span in the caller's context; a span the SDK already started for this call is enriched
   * instead, so that a trace shows one GenAI span per call. `later`: only when it settles, if it is billable then.
   */
  startSpan(
    tracer: Tracer,
    native?: Span,
    { later = false }: { readonly later?: boolean } = {},
  ): Span | undefined {
    if (!this.#settled) callHub().open.add(this);
    attempt('record a call', () => {
      this.#tracer = tracer;
      if (later && native === undefined) return;
      this.#ownsSpan = native === undefined;
      this.#span = native ?? this.#newSpan(tracer);
      // Also on a native span that ends before the stream does (an early `break`): it names the event.
      const open = this.#open();
      if (native !== undefined) native.setAttributes(requestAttributes(open));
      this.#span.setAttributes({
        [ATTRIBUTES.eventId]: open.id,
        ...attributionToAttributes(open.attribution),
      });
      if (native?.isRecording()) beforeEnd(native, () => this.#completeSpan(native));
    });
    return this.#span;
  }

  /** The SDK sends the same request again. */
  retried(): void {
    this.#retries++;
  }

  /** The provider's own id of the request, from the reply's headers. */
  answered(requestId: string | null | undefined): void {
    this.#requestId = boundedId(requestId ?? undefined) ?? this.#requestId;
  }

  /** The first event of a stream reached the application. */
  firstChunk(): void {
    this.#firstChunkAt ??= performance.now();
  }

  /** The reply is a stream; `readSoFar` tells at any moment what it said. */
  follow(readSoFar: () => Reading): void {
    this.#readSoFar = readSoFar;
  }

  /** Ends the call; later endings are ignored, the first one is how it went. */
  settle(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    callHub().open.delete(this);
    attempt('record a call', () => this.#settle(outcome));
  }

  interrupt(): void {
    const reading = attempt('read a stream so far', () => this.#readSoFar?.()) ?? {};
    this.settle({ status: reading.usage === undefined ? 'partial' : 'ok', reading });
  }

  #settle(outcome: Outcome): void {
    // An unlisted endpoint is billable only if its reply says so.
    if (this.#open().operation === UNKNOWN_OPERATION && outcome.reading?.usage === undefined)
      return this.#endSpan(outcome);
    // Spans may fail in ways of their own: never does one take the event with it.
    const tracer = this.#tracer;
    if (this.#span === undefined && tracer !== undefined)
      attempt('record a call', () => (this.#span = this.#newSpan(tracer)));
    const settled = this.#settledCall(outcome);
    // A receipt: the work goes on elsewhere, and its usage is billed when it is read.
    if (isReceipt(settled) && rememberReceipt(settled)) {
      attempt('record a call', () =>
        this.#span?.setAttributes(
          resultAttributes({ ...settled, usage: {}, usageSource: 'none' }, undefined),
        ),
      );
      return this.#endSpan(outcome, settled.errorType);
    }
    const metered = this.attribution.tracked ? announce(settled) : undefined;
    attempt('record a call', () => {
      if (!this.#span?.isRecording()) return;
      // Nobody meters: the span still shows the list price.
      const cost = metered ?? costOfCall(settled, [defaultPriceList]);
      this.#span.setAttributes(resultAttributes(settled, cost));
    });
    this.#endSpan(outcome, settled.errorType);
  }

  /** The SDK ends its span, maybe before the call settles (a `break`): the last moment to write on it. */
  #completeSpan(native: Span): void {
    if (this.#settled || this.#readSoFar === undefined) return;
    const reading = this.#readSoFar();
    const soFar = this.#settledCall({ status: reading.usage === undefined ? 'aborted' : 'ok', reading });
    const cost = quote(soFar) ?? costOfCall(soFar, [defaultPriceList]);
    native.setAttributes(resultAttributes(soFar, cost));
  }

  /** The call as it is when it ends like this. */
  #settledCall(outcome: Outcome): SettledCall {
    const open = this.#open();
    const reading = boundedReading(outcome.reading ?? {});
    const measured = measureCall(open.request, outcome, reading);
    const spanContext = attempt('read the ids of a span', () => this.#span?.spanContext());
    return {
      ...open,
      durationMs: Math.round(performance.now() - this.#startedAt),
      ...(this.#firstChunkAt === undefined
        ? {}
        : { timeToFirstTokenMs: Math.round(this.#firstChunkAt - this.#startedAt) }),
      status: outcome.status,
      ...errorTypeOf(outcome, reading),
      retries: this.#retries,
      ...(this.#requestId === undefined ? {} : { requestId: this.#requestId }),
      reading,
      ...measured,
      ...(spanContext === undefined || !isValid(spanContext.traceId)
        ? {}
        : { traceId: spanContext.traceId, spanId: spanContext.spanId }),
    };
  }

  #endSpan(outcome: Outcome, errorType?: string): void {
    if (this.#span === undefined) return;
    if (!this.#ownsSpan && !(outcome.abandoned && this.#span.isRecording())) return;
    if (outcome.status === 'error') {
      this.#span.setStatus({
        code: SpanStatusCode.ERROR,
        ...(errorType === undefined ? {} : { message: errorType }),
      });
    }
    this.#span.end();
  }

  #newSpan(tracer: Tracer): Span {
    const open = this.#open();
    const { operation, request } = open;
    const name = request.model === undefined ? operation : `${operation} ${request.model}`;
    const attributes = requestAttributes(open);
    this.#ownsSpan = true;
    return tracer.startSpan(
      name,
      { kind: SpanKind.CLIENT, startTime: this.startTime, attributes },
      this.callerContext,
    );
  }

  #open(): OpenCall {
    const { id, startTime } = this;
    const open = {
      ...(this.#description ?? NOT_DESCRIBED),
      id,
      startTime,
      attribution: this.#shown ?? this.attribution,
    };
    const described = this.#callSite === undefined ? open : { ...open, callSite: this.#callSite };
    if (this.#shown !== undefined) return described;
    this.#shown = shownAttribution(described);
    return { ...described, attribution: this.#shown };
  }
}

/** The operation of a call to an endpoint that no table lists. */
export const UNKNOWN_OPERATION = 'unknown';

const NOT_DESCRIBED: CallDescription = { provider: 'unknown', operation: UNKNOWN_OPERATION, request: {} };
const NO_TRACE = '0'.repeat(32);

function isValid(traceId: string): boolean {
  return traceId !== NO_TRACE;
}

/** Also a background stream that broke off: the provider goes on without us. */
function isReceipt({ reading, status }: SettledCall): boolean {
  return reading.pending === true && reading.usage === undefined && status !== 'error';
}
