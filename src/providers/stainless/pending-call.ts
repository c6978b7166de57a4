import { attempt } from '../attempt.ts';
import type { Call, Outcome } from '../call.ts';
import type { Endpoint, Reading, ReadingContext } from '../reading.ts';
import { textParts } from '../request.ts';
import { countTokens } from '../tokenizer.ts';
import { type BodyReader, createBodyReader } from './body-reader.ts';
import { type BodyFollower, observeBody } from './observe-body.ts';
import type { HideEvent, RequestOptions, ResponseProps, Watch } from './sdk.ts';

/**
 * One call between the SDK's `request` and its end: what belongs to it, and who may still read its reply.
 * It never refers to the promise or stream the application holds, so that dropping those can be noticed.
 */
export class PendingCall implements BodyFollower {
  readonly call: Call;
  /** Set once the request is known to be billable. */
  #billable: Billable | undefined;
  /** Handles on the reply that the application still holds. */
  #handles = 0;
  /** Somebody reads the reply: its end is theirs to tell. */
  #claimed = false;
  /** The reply, kept until it is claimed, so that a reply nobody can read any more is not lost. */
  #reply: Response | undefined;
  /** The application reads the body itself. */
  raw = false;
  /** The request as the application made it, where a body of `node-fetch` (openai 4) could not be rewritten. */
  unasked: RequestOptions | undefined;
  started = false;
  /** The reply cannot be followed, so the request is not either. */
  lost = false;
  /** Sees the reply of a request that is not billable itself. */
  watch: Watch | undefined;

  constructor(call: Call) {
    this.call = call;
  }

  /** The request turned out to be billable. */
  bind(billable: Billable): void {
    this.#billable = billable;
  }

  get billable(): Billable | undefined {
    return this.#billable;
  }

  /** The readers' view of the reply: with its headers, once they are there. */
  context(response?: Response): ReadingContext {
    const context = this.#billable?.context ?? { provider: 'unknown' };
    if (response === undefined) return context;
    // A `fetch` of the application's own may answer with less than a `Response`.
    const headers = attempt('read the headers of a reply', () => Object.fromEntries(response.headers));
    return headers === undefined ? context : { ...context, headers };
  }

  /** The headers arrived. */
  answered(props: ResponseProps, requestIdHeader: string): void {
    this.call.answered(props.response?.headers.get(requestIdHeader));
    if (this.raw && props.response !== undefined) this.#observe(props.response);
    if (!this.#claimed) this.#reply = props.response;
    if (this.#handles === 0 && !this.#claimed) this.#readUnclaimed();
  }

  /** The application began to read the reply. */
  claim(): void {
    this.#claimed = true;
    this.#reply = undefined;
  }

  /** The application asked for the response as it is. */
  readRaw(): void {
    const reply = this.#reply;
    this.raw = true;
    this.claim();
    if (reply !== undefined) this.#observe(reply);
  }

  #observe(reply: Response): void {
    if (this.#billable === undefined || this.call.settled) return;
    try {
      observeBody(reply, this);
    } catch {
      // It cannot be watched (frozen, a stand-in): that it was answered is all that is known.
      this.settle({ status: 'ok' });
    }
  }

  follow(response: Response): BodyReader | undefined {
    const reader = createBodyReader(response, this);
    // Neither JSON nor events: there is no usage to be found in it.
    if (reader === undefined) this.settle({ status: 'ok', reading: this.read({}, this.context(response)) });
    return reader;
  }

  hold(handle: object): void {
    this.#handles++;
    DROPPED.register(handle, this);
  }

  /** A handle was garbage: when it was the last one, nobody can read the reply but us. */
  dropped(): void {
    this.#handles--;
    if (this.#handles === 0 && !this.#claimed && this.#reply !== undefined) this.#readUnclaimed();
  }

  /** The stream itself was dropped before its end. */
  streamDropped(reading: Reading): void {
    this.settle({ status: 'aborted', reading, abandoned: true });
  }

  settle(outcome: Outcome): void {
    this.#reply = undefined;
    if (this.call.settled) return;
    const inputTokens = this.#inputTokens(outcome);
    this.call.settle(inputTokens === undefined ? outcome : { ...outcome, inputTokens });
  }

  /** Counted only now, and only where it is needed: the request path must not wait for a tokenizer. */
  #inputTokens({ status, reading, sent }: Outcome): number | undefined {
    const request = this.#billable?.context.request;
    const isExact = reading?.usage !== undefined || status === 'ok' || status === 'error' || sent === false;
    if (isExact || request === undefined) return undefined;
    return countTokens(textParts(request), this.call.description?.request.inputCharacters);
  }

  /** What the body says; a reply that its reader cannot read says nothing. */
  read(body: unknown, context: ReadingContext = this.context()): Reading {
    try {
      return this.#billable?.endpoint.readResponse?.(fromText(body), context) ?? {};
    } catch {
      return {};
    }
  }

  /** Reads the body of a call that was made and never awaited: it is billed all the same. */
  #readUnclaimed(): void {
    const reply = this.#reply;
    this.claim();
    if (reply === undefined || this.call.settled) return;
    // A stream nobody reads is left alone: reading it would make the provider produce what nobody wants.
    if (this.#billable?.streaming) return this.settle({ status: 'aborted', abandoned: true });
    const context = this.context(reply);
    reply.json().then(
      (body: unknown) => this.settle({ status: 'ok', reading: this.read(body, context), abandoned: true }),
      (error: unknown) => this.settle({ status: 'partial', error, abandoned: true }),
    );
  }
}

/** What is known of a billable request. */
export interface Billable {
  readonly endpoint: Endpoint;
  readonly context: ReadingContext;
  readonly streaming: boolean;
  /** Hides what was asked for on the application's behalf. */
  readonly hide?: HideEvent;
}

const DROPPED = new FinalizationRegistry<PendingCall>((pending) => pending.dropped());

/** A gateway that forgets the content type makes the SDK hand its JSON over as text. */
function fromText(body: unknown): unknown {
  return typeof body === 'string' && body.startsWith('{') ? JSON.parse(body) : body;
}
