import type { ReportedCost } from '../pricing/price.ts';
import type { JsonObject } from '../base/read.ts';
import type { Usage } from '../usage/usage.ts';

/** What one reply of a provider says about itself. Absent = the wire did not say. */
export interface Reading {
  readonly responseId?: string;
  readonly responseModel?: string;
  /** In our quantities (inclusive totals), whatever the wire does. */
  readonly usage?: Usage;
  /** What is known before the final figures arrive, for an estimate: never a bill by itself. */
  readonly partialUsage?: Usage;
  /** The provider's final usage block, as on the wire. */
  readonly usageRaw?: JsonObject;
  /**
   * Why the usage block that was there cannot be read: `completion_tokens is -5, which is no count`. Then there is no
   * `usage`, and the call is unpriced for this reason instead of estimated.
   */
  readonly usageFault?: string;
  /** The tier that served the call. */
  readonly serviceTier?: string;
  readonly finishReasons?: readonly string[];
  readonly speed?: string;
  readonly inferenceGeo?: string;
  /** Price inputs of one provider's own; see `PriceQuery.parameters`. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly reported?: ReportedCost;
  /** Why we are not billed although the call worked. */
  readonly freeReason?: string;
  /** The reply is a receipt; the usage comes with a later read (background responses). */
  readonly pending?: boolean;
  /**
   * The work goes on apart from the call that started it (background responses, runs, videos), so that a later read of
   * it may be the first to show its usage. A foreground reply that is read again was billed when it was made.
   */
  readonly background?: boolean;
  /** The figures are totals of something that goes on (a session) and replace what an earlier reading said. */
  readonly cumulative?: boolean;
  /** An error inside a reply with status 200. */
  readonly errorType?: string;
  /** Output produced so far, counted in passing and never kept, for an estimate when the usage never comes. */
  readonly outputCharacters?: number;
  /** The same in tokens, when a tokenizer is at hand. */
  readonly outputTokens?: number;
}

/** What a request says, read before it is sent. */
export interface RequestReading {
  readonly model?: string;
  readonly stream?: boolean;
  /** Quantities only the request knows: characters of speech, number and size of images. */
  readonly usage?: Usage;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Counts the characters of text sent, for whoever needs to know: a call whose usage came does not. */
  readonly inputCharacters?: () => number;
  /** The same in tokens; counted only for a call whose usage never came. */
  readonly inputTokens?: number;
}

/** Follows one stream. `read` never throws; `reading` may be asked at any moment, and again. */
export interface StreamReader {
  read(event: unknown): void;
  /** The stream ended by itself, not by an abort or an error: what it said last is final. */
  end?(): void;
  /** The last event there will be was read, where the wire marks it. */
  isOver?(): boolean;
  /** What the events so far say; `usage` only once the provider's final figures arrived. */
  reading(): Reading;
}

/** One line of a batch's results: the reply to one of its requests, or why there is none. */
export interface BatchLine {
  /** The provider's own id of the line, where it has one. */
  readonly id?: string;
  /** The id the application gave the request. */
  readonly customId: string;
  readonly requestId?: string;
  /** The reply, as a direct call would have brought it; absent when the request failed and is free. */
  readonly body?: JsonObject;
  readonly errorType?: string;
}

/** Tokens of all text in a value; undefined when they cannot be counted in reasonable time. */
export type TokenCount = (value: unknown, characters?: number) => number | undefined;

/** A fact about the call that a reader may need and the body does not say. */
export interface ReadingContext {
  readonly provider: string;
  readonly request?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** Counts tokens of text, where the application has a tokenizer. */
  readonly countTokens?: TokenCount;
}

/** How events stand in the bytes of a stream. `json-array`: one array that grows; Gemini's without `alt=sse`. */
export type StreamFormat = 'sse' | 'ndjson' | 'json-array' | 'aws-eventstream';

/**
 * One kind of call a provider offers: a row of its endpoint table. The rows are data, the readers are pure.
 */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** The path below the API's base, without query: `/chat/completions`, `/responses/{id}`. */
  readonly path: string;
  /** `gen_ai.operation.name`. */
  readonly operation: string;
  /** Costs nothing: no event. */
  readonly free?: boolean;
  /** A reply may be plain text: a transcription, or subtitles. */
  readonly repliesInText?: boolean;
  /** Streams whatever the request says: Gemini and Bedrock say it in the path. */
  readonly alwaysStreams?: boolean;
  /** How its streams look, where their content type does not say. Default: `sse`. */
  readonly streamFormat?: StreamFormat;
  readonly readRequest?: (body: unknown) => RequestReading;
  readonly readResponse?: (body: unknown, context: ReadingContext) => Reading;
  readonly readStream?: (context: ReadingContext) => StreamReader;
}

/** `user`, `safety_identifier` and `metadata` of the request body; never stored. */
export interface CallHints {
  readonly user?: string;
  readonly safetyIdentifier?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}
