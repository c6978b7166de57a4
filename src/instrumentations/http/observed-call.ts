import { type Context, type Span, trace, type Tracer } from '@opentelemetry/api';
import { attempt } from '../../base/attempt.ts';
import { isPromise, type MaybePromise } from '../../base/promises.ts';
import { known } from '../../base/read.ts';
import type { CallDescription, OpenCall } from '../../calls/call.ts';
import { Call } from '../../calls/call-lifecycle.ts';
import type { Admission } from '../../calls/hub.ts';
import { denied, isAbort, type Outcome } from '../../calls/outcome.ts';
import { servedFromCache } from '../../wire/gateway-cache.ts';
import type { Endpoint, Reading, ReadingContext } from '../../wire/reading.ts';
import { fieldsOf, textParts } from '../../wire/request.ts';
import { UNKNOWN_OPERATION } from '../../wire/unlisted.ts';
import { countTokens } from '../tokenizer.ts';
import type { BodyView } from './body-reader.ts';
import { hideUsage } from './disguise.ts';
import { withMember } from './json-text.ts';
import { neverArrived } from './never-arrived.ts';
import type { ReplyObserver } from './observation.ts';
import { observeReply } from './observe-reply.ts';
import { type Bill, LEAVE, type Plan } from './plan.ts';
import { ReplyClaim } from './reply-claim.ts';
import { soon } from './soon.ts';

/** What a request turned out to be: whom it asks for what, and how its reply is read. */
export interface PreparedRequest {
  readonly description: CallDescription;
  readonly bill: Omit<Bill, 'kind'>;
  /** The reply header with the provider's id of the request. */
  readonly requestIdHeader: string;
  /** The span that an SDK started for this call itself. */
  readonly native?: Span | undefined;
}

/**
 * One call over HTTP, observed where its bytes go out and come in. In the order in which things happen:
 *
 * 1. it is opened, in the caller's context (the constructor);
 * 2. `prepare`: its request is known, and the span starts; `ask`: whoever may say no is asked;
 * 3. `rewrite`: its text, on the way out;
 * 4. `send`: once per attempt; the reply is observed as it is read;
 * 5. whatever ends the reply settles the call; `fail`, when no reply came.
 *
 * It never refers to a promise or stream that the application holds, so that dropping those can be noticed.
 */
export class ObservedCall extends Call implements ReplyObserver {
  plan: Plan = LEAVE;
  readonly #claim = new ReplyClaim();
  readonly #tracer: () => Tracer;
  #requestIdHeader = '';
  /** The model that a listener wants asked instead. */
  #model: string | undefined;
  /** Usage was asked for on the application's behalf, and is hidden from it. */
  #isDisguised = false;
  #span: Span | undefined;
  #native: Span | undefined;
  #isAbandoned = false;
  /** Why a reply that worked is not billed: a gateway had it in its cache. */
  #freeReason: string | undefined;

  constructor(
    caller: Context,
    attribution: ConstructorParameters<typeof Call>[1],
    tracer: () => Tracer,
    callSite?: () => string | undefined,
  ) {
    super(caller, attribution, callSite);
    this.#tracer = tracer;
  }

  /** The request is known: from here on, the call has a span. */
  prepare({ description, bill, requestIdHeader, native }: PreparedRequest): void {
    this.describe(description);
    this.plan = { kind: 'bill', ...bill };
    this.#requestIdHeader = requestIdHeader;
    // The span of an unlisted call waits until the reply says that it is billable.
    const later = description.operation === UNKNOWN_OPERATION;
    const tracer = attempt('get a tracer', this.#tracer);
    const span = tracer && this.startSpan(tracer, native, { later });
    // An SDK that traces itself makes its own span the active one.
    this.#native = native;
    if (native === undefined) this.#span = span;
  }

  /**
   * Asks whoever may say no; a promise only where somebody has to think.
   *
   * @throws the error of a refusal; or rejects with it.
   */
  ask(): MaybePromise<void> {
    const verdict = attempt('ask for admission', () => this.admit());
    if (isPromise(verdict)) return verdict.then((admission) => this.#obey(admission));
    return this.#obey(verdict);
  }

  /**
   * The same for work that is handed in now and billed later, when its results are read.
   *
   * @throws the error of a refusal; or rejects with it.
   */
  askToHandIn({
    id: _id,
    startTime: _start,
    attribution: _whose,
    ...description
  }: OpenCall): MaybePromise<void> {
    this.describe(description);
    return this.ask();
  }

  #obey(admission: Admission | undefined): void {
    if (admission?.error !== undefined) {
      // What is only watched has no span until there is something to say.
      const tracer = this.plan.kind === 'watch' ? attempt('get a tracer', this.#tracer) : undefined;
      if (tracer !== undefined) this.startSpan(tracer);
      this.settle(denied(admission.error));
      throw admission.error;
    }
    if (admission === undefined) return;
    this.#model = admission.model;
    this.asks(admission.model);
  }

  /** The request's text as it leaves; `asked` is the same text with the question for usage in it, where one is asked. */
  rewrite(text: string, asked: string | undefined): string {
    this.#isDisguised = asked !== undefined;
    const sent = asked ?? text;
    return this.#model === undefined ? sent : withMember(sent, 'model', JSON.stringify(this.#model));
  }

  /** The context for an attempt: what is traced within it are children of the call's span. */
  sendingContext(ctx: Context): Context {
    return this.#span === undefined ? ctx : trace.setSpan(ctx, this.#span);
  }

  /** One attempt, from the first byte that is sent to the head of the reply. An aborted signal sends nothing. */
  async send(
    attemptIt: () => Promise<Response>,
    signal?: { readonly aborted: boolean } | null,
  ): Promise<Response> {
    const isBilled = this.plan.kind === 'bill' && signal?.aborted !== true;
    if (isBilled) this.sent();
    let response: Response;
    try {
      response = await attemptIt();
    } catch (error) {
      if (isBilled && neverArrived(error)) this.refused();
      throw error;
    }
    attempt('read the head of a reply', () => this.#receive(response));
    return response;
  }

  #receive(response: Response): void {
    if (this.plan.kind === 'leave' || this.settled) return;
    if (this.plan.kind === 'bill') {
      const requestId = attempt('read the headers of a reply', () =>
        response.headers.get(this.#requestIdHeader),
      );
      if (!response.ok) return this.refused(requestId);
      this.answered(requestId);
      this.#freeReason = attempt('read the headers of a reply', () =>
        servedFromCache((name) => response.headers.get(name)),
      );
    } else if (!response.ok) return;
    try {
      observeReply(response, this);
    } catch {
      // It cannot be observed (frozen, a stand-in): that it was answered is all that is known.
      this.settle({ status: 'ok' });
    }
  }

  /** No reply came, or the last one was a refusal. */
  fail(error: unknown): void {
    this.settle({ status: isAbort(error) ? 'aborted' : 'error', error });
  }

  /** Part of `ReplyObserver`. */
  view(response: Response): BodyView | undefined {
    const { plan } = this;
    if (plan.kind === 'leave') return undefined;
    // What is made here must not hold the response: no closure of this function may name it.
    const contentType = contentTypeOf(response);
    if (plan.kind === 'watch') {
      const { watch } = plan;
      return {
        streaming: watch.event !== undefined && contentType.includes('event-stream'),
        contentType,
        repliesInText: false,
        lines: watch.line !== undefined,
        isEager: true,
        openStream: () => ({
          read: (value) => (watch.line === undefined ? watch.event?.(value) : watch.line(value)),
          reading: () => ({}),
        }),
        readWhole: (body) => {
          if (watch.line === undefined) watch.reply?.(body);
          return {};
        },
        firstChunk: () => undefined,
      };
    }
    const { endpoint, streaming } = plan;
    const context = withHeaders(plan.context, response);
    if (isSound(contentType)) {
      // Neither JSON nor events: there is no usage to be found in it.
      this.settle({ status: 'ok', reading: readWith(endpoint, {}, context) });
      return undefined;
    }
    return {
      streaming,
      contentType,
      repliesInText: endpoint.repliesInText === true,
      openStream: () => endpoint.readStream?.(context),
      readWhole: (body) => readWith(endpoint, body, context),
      firstChunk: () => this.firstChunk(),
      ...known({ disguise: this.#isDisguised ? hideUsage() : undefined }),
    };
  }

  /** Part of `ReplyObserver`: somebody took the reply. */
  claim(): void {
    this.#claim.claim();
  }

  /** A reply that came, and the only way to it: when that is garbage, nobody can read the reply but us. */
  hold(handle: object, response: Response): void {
    if (this.plan.kind !== 'bill' || this.settled) return;
    const { streaming } = this.plan;
    this.#claim.hold(handle, () => {
      this.#isAbandoned = true;
      // A stream nobody reads is left alone: reading it would make the provider produce what nobody wants.
      if (streaming) this.settle({ status: 'aborted' });
      else void response.text().then(undefined, () => undefined);
    });
  }

  override settle(outcome: Outcome): void {
    if (this.settled || (this.plan.kind === 'watch' && outcome.denied !== true)) return;
    const inputTokens = this.#inputTokens(outcome);
    const abandoned = this.#isAbandoned || outcome.abandoned;
    const freeReason = this.#freeReason ?? outcome.reading?.freeReason;
    const reading = freeReason === undefined ? outcome.reading : { ...outcome.reading, freeReason };
    super.settle({ ...outcome, ...known({ inputTokens, abandoned, reading }) });
    const native = this.#native;
    if (native === undefined || outcome.status !== 'aborted') return;
    // An SDK may notice before us that nobody reads on: it lets the reply go, and forgets its span.
    soon(() => {
      if (native.isRecording()) attempt('end a span', () => native.end());
    });
  }

  /** Counted only now, and only where it is needed: the request path must not wait for a tokenizer. */
  #inputTokens({ status, reading }: Outcome): number | undefined {
    const isExact = reading?.usage !== undefined || status === 'ok' || status === 'error';
    if (isExact || this.plan.kind !== 'bill') return undefined;
    const fields = fieldsOf(this.plan.sent);
    return fields && countTokens(textParts(fields), this.description?.request.inputCharacters?.());
  }
}

function contentTypeOf(response: Response): string {
  return (attempt('read a content type', () => response.headers.get('content-type')) ?? '').toLowerCase();
}

/** The readers' view of a reply: with its headers, made when a reader asks for them. Never refers to the response. */
function withHeaders(context: ReadingContext, { headers }: Response): ReadingContext {
  let listed: Readonly<Record<string, string>> | undefined;
  return {
    ...context,
    get headers() {
      // A `fetch` of the application's own may answer with less than a `Response`.
      listed ??= attempt('read the headers of a reply', () => Object.fromEntries(headers)) ?? {};
      return listed;
    },
  };
}

/** A reply that its reader cannot read says nothing. */
function readWith(endpoint: Endpoint, body: unknown, context: ReadingContext): Reading {
  try {
    return endpoint.readResponse?.(body, context) ?? {};
  } catch {
    return {};
  }
}

function isSound(contentType: string): boolean {
  return /^(audio|image|video)\/|octet-stream/.test(contentType);
}
