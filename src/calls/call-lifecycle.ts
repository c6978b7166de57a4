import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { Attribution } from '../attribution/attribution.ts';
import { addToRun } from '../attribution/run-cost.ts';
import { attributionToAttributes } from '../attribution/span-attributes.ts';
import { defaultPriceList } from '../pricing/shipped/default-price-list.ts';
import { ATTRIBUTES } from '../usage/attributes.ts';
import { attempt } from '../base/attempt.ts';
import { admission } from './admission.ts';
import { type Admission, announce, callHub, quote, type UnfinishedCall } from './hub.ts';
import { placeSpan, spanAttributes } from './span-wishes.ts';
import type { Cost } from '../pricing/price.ts';
import type { MaybePromise } from '../base/promises.ts';
import { beforeEnd } from './before-end.ts';
import { boundedId, boundedRequest } from './bounded.ts';
import { peerAttributes, requestAttributes, resultAttributes } from './call-attributes.ts';
import { costOfCall } from './cost-of-call.ts';
import { newEventId } from './event-id.ts';
import { errorTypeOf, measureCall } from './measure-call.ts';
import { ShownCall } from './shown-call.ts';
import { claimEvent } from './memory/claims.ts';
import { asWork, rememberReceipt } from './memory/receipts.ts';
import { type CallDescription, type OpenCall, settled as settledCall, type SettledCall } from './call.ts';
import { interrupted, left, type Outcome } from './outcome.ts';
import { UNKNOWN_OPERATION } from '../wire/unlisted.ts';
import type { Reading } from '../wire/reading.ts';
import { known } from '../base/read.ts';

/**
 * One billable call from the moment the application makes it until it settles, exactly once.
 *
 * Its stages: open (in the caller's context) → describe (the request is known) → admit (whoever may say no is
 * asked) → send → answer (the reply tells what was consumed) → settle. When it settles, it is written on its span and
 * announced to all listeners, whether or not the span is sampled. No method throws.
 */
export class Call implements UnfinishedCall {
  readonly id: string;
  readonly startTime: Date;
  readonly attribution: Attribution;
  readonly callerContext: Context;
  readonly #startedAt: number;
  readonly #callSite: (() => string | undefined) | undefined;
  /** Resolved and redacted by whoever listens; asked for once. */
  #shownCall: ShownCall | undefined;
  #description: CallDescription | undefined;
  /** What listeners see of it: worked out once for each description. */
  #opened: OpenCall | undefined;
  #span: Span | undefined;
  #ownsSpan = false;
  /** The span of another instrumentation that shows this call. */
  #peer: Span | undefined;
  #tracer: Tracer | undefined;
  readonly #attempts = { sent: 0, unanswered: 0, answered: 0 };
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

  /** A reply came, whatever became of it. */
  get isAnswered(): boolean {
    return this.#attempts.answered > 0;
  }

  get description(): CallDescription | undefined {
    return this.#description;
  }

  /** The request is known and about to be sent. */
  describe(description: CallDescription): void {
    this.#description = { ...description, request: boundedRequest(description.request) };
    this.#opened = undefined;
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
      const shown = this.#shown();
      const active = trace.getSpan(this.callerContext);
      const place = native === undefined ? placeSpan(shown, active) : 'own';
      if (place === 'none') return;
      this.#tracer = tracer;
      if (later && native === undefined) return;
      this.#peer = place === 'active' ? active : undefined;
      const given = native ?? this.#peer;
      this.#span = given ?? this.#newSpan(tracer);
      if (native !== undefined) native.setAttributes(requestAttributes(this.#open()));
      // Also on a given span that ends before the stream does (an early `break`): it names the event.
      given?.setAttributes(this.#namingAttributes());
      if (given?.isRecording()) beforeEnd(given, () => this.#completeSpan(given));
    });
    return this.#span;
  }

  /** Asks whoever may say no to the call, before a byte of it is sent; a promise only where somebody must think. */
  admit(): MaybePromise<Admission | undefined> {
    return this.attribution.tracked ? admission(this.#open(), this.#shown()) : undefined;
  }

  /** The request will ask another model than the application did. */
  asks(model: string): void {
    const description = this.#description ?? NOT_DESCRIBED;
    this.#description = { ...description, request: boundedRequest({ ...description.request, model }) };
    this.#opened = undefined;
  }

  /** An attempt leaves; until it is heard of, it may have been billed. */
  sent(): void {
    this.#attempts.sent++;
    this.#attempts.unanswered++;
  }

  /** The last attempt was refused by the provider, or never reached it: it is not billed. */
  refused(requestId?: string | null): void {
    this.#attempts.unanswered--;
    this.#requestId = boundedId(requestId ?? undefined) ?? this.#requestId;
  }

  /** The last attempt was answered with a reply; the provider's own id of the request is in its headers. */
  answered(requestId?: string | null): void {
    this.#attempts.unanswered--;
    this.#attempts.answered++;
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
    this.settle(interrupted(reading));
  }

  #settle(outcome: Outcome): void {
    // An unlisted endpoint is billable only if its reply says so.
    const { usage, usageFault } = outcome.reading ?? {};
    if (this.#open().operation === UNKNOWN_OPERATION && usage === undefined && usageFault === undefined)
      return this.#endSpan(outcome);
    // Spans may fail in ways of their own: never does one take the event with it.
    const tracer = this.#tracer;
    if (this.#span === undefined && tracer !== undefined)
      attempt('record a call', () => (this.#span = this.#newSpan(tracer)));
    const settled = asWork(this.#settledCall(outcome));
    if (settled.startedAs !== undefined)
      attempt('record a call', () => this.#span?.setAttribute(ATTRIBUTES.eventId, settled.id));
    // A receipt: the work goes on elsewhere, and its usage is billed when it is read.
    if (isReceipt(settled) && rememberReceipt(settled)) {
      attempt('record a call', () =>
        this.#span?.setAttributes(resultAttributes({ ...settled, consumed: { kind: 'unknown' } }, undefined)),
      );
      return this.#endSpan(outcome, settled.errorType);
    }
    const isNew = settled.startedAs === undefined || claimEvent(settled.id);
    const metered = this.attribution.tracked && isNew ? announce(settled, this.#shown()) : undefined;
    if (metered !== undefined) attempt('sum up a run', () => addToRun(this.callerContext, metered));
    attempt('record a call', () => {
      if (!this.#span?.isRecording()) return;
      // Nobody meters: the span still shows the list price.
      this.#writeResult(this.#span, settled, metered);
    });
    this.#endSpan(outcome, settled.errorType);
  }

  /** The SDK ends its span, maybe before the call settles (a `break`): the last moment to write on it. */
  #completeSpan(native: Span): void {
    if (this.#settled || this.#readSoFar === undefined) return;
    const reading = this.#readSoFar();
    const soFar = this.#settledCall(left(reading));
    this.#writeResult(native, soFar, quote(soFar, this.#shown()));
  }

  #writeResult(span: Span, call: SettledCall, metered: Cost | undefined): void {
    const cost = metered ?? costOfCall(call, [defaultPriceList]);
    const said = span === this.#peer ? peerAttributes(call, cost) : resultAttributes(call, cost);
    span.setAttributes({ ...said, ...spanAttributes(call, this.#shown(), cost) });
  }

  /** The call as it is when it ends like this. */
  #settledCall(outcome: Outcome): SettledCall {
    const open = this.#open();
    const errorType = errorTypeOf(outcome);
    const spanContext = attempt('read the ids of a span', () => this.#span?.spanContext());
    const firstChunkAt = this.#firstChunkAt;
    const hasSpan = spanContext !== undefined && isValid(spanContext.traceId);
    const shown = { ...open, attribution: this.#shown().shared };
    return settledCall(shown, outcome.reading ?? {}, {
      status: outcome.status,
      consumed: measureCall(open.request, outcome, this.#attempts, errorType),
      durationMs: Math.round(performance.now() - this.#startedAt),
      retries: Math.max(0, this.#attempts.sent - 1),
      ...known({
        timeToFirstTokenMs: firstChunkAt && Math.round(firstChunkAt - this.#startedAt),
        denied: outcome.denied,
        errorType,
        requestId: this.#requestId,
        traceId: hasSpan ? spanContext.traceId : undefined,
        spanId: hasSpan ? spanContext.spanId : undefined,
      }),
    });
  }

  #endSpan(outcome: Outcome, errorType?: string): void {
    if (this.#span === undefined) return;
    if (this.#span === this.#peer) return;
    if (!this.#ownsSpan && !(outcome.abandoned && this.#span.isRecording())) return;
    if (outcome.status === 'error') {
      this.#span.setStatus({ code: SpanStatusCode.ERROR, ...known({ message: errorType }) });
    }
    this.#span.end();
  }

  #newSpan(tracer: Tracer): Span {
    const open = this.#open();
    const { operation, request } = open;
    const name = request.model === undefined ? operation : `${operation} ${request.model}`;
    const attributes = { ...requestAttributes(open), ...this.#namingAttributes() };
    this.#ownsSpan = true;
    return tracer.startSpan(
      name,
      { kind: SpanKind.CLIENT, startTime: this.startTime, attributes },
      this.callerContext,
    );
  }

  /** Which event it is, and whose. */
  #namingAttributes(): Attributes {
    const shown = this.#shown();
    const open = { ...this.#open(), attribution: shown.shared };
    return {
      [ATTRIBUTES.eventId]: open.id,
      ...attributionToAttributes(shown.shared),
      ...spanAttributes(open, shown),
    };
  }

  #open(): OpenCall {
    if (this.#opened !== undefined) return this.#opened;
    const { id, startTime, attribution } = this;
    const open = { ...(this.#description ?? NOT_DESCRIBED), id, startTime, attribution };
    return (this.#opened = this.#callSite === undefined ? open : { ...open, callSite: this.#callSite });
  }

  #shown(): ShownCall {
    return (this.#shownCall ??= new ShownCall(this.#open()));
  }
}

const NOT_DESCRIBED: CallDescription = { provider: 'unknown', operation: UNKNOWN_OPERATION, request: {} };
const NO_TRACE = '0'.repeat(32);

function isValid(traceId: string): boolean {
  return traceId !== NO_TRACE;
}

/** Also a background stream that broke off: the provider goes on without us. */
function isReceipt({ reading, status }: SettledCall): boolean {
  return reading.pending === true && reading.usage === undefined && status !== 'error';
}
