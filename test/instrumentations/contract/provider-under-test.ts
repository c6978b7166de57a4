import type { Answer, SeenRequest } from '../../support/provider-server.ts';
import type { Usage } from '../../../src/usage/usage.ts';

/** A client of some SDK; only its own `ProviderUnderTest` knows which. */
export type Client = object;

export interface ClientOptions {
  readonly url: string;
  readonly maxRetries?: number;
  readonly timeout?: number;
}

export type Options = { readonly signal?: AbortSignal };

/** One SDK, and how its calls are made and answered. */
export interface ProviderUnderTest {
  /** `openai 7`. */
  readonly name: string;
  readonly instrumentation: { enable(): void; disable(): void; isEnabled(): boolean };
  /** What the instrumentation is told before the first call. */
  readonly prepare?: () => void;
  /** What is patched, and the members that are replaced in it. */
  readonly patched: { readonly owner: object; readonly names: readonly string[] };
  connect(options: ClientOptions): Client;
  /** The same billable call, whole and streamed. */
  create(client: Client, params: object, options?: Options): Promise<unknown>;
  readonly params: object;
  readonly streamParams: object;
  readonly reply: object;
  /** What the provider's stream says to this request. */
  events(request: SeenRequest): readonly object[];
  /** An event with which the provider reports a failure inside a stream. */
  readonly errorEvent: object;
  /** How events are written on the wire. */
  readonly stream: StreamFormat;
  /** What every complete call consumed. */
  readonly usage: Usage;
  /** An event that carries text, to stop at. */
  isText(event: unknown): boolean;
  /** A free call, and what it is answered with. */
  readonly free?: { readonly page: unknown; call(client: Client): Promise<unknown> };
  readonly can: Capabilities;
  /** Ways of calling that only this SDK has. */
  readonly styles?: Readonly<Record<string, CallStyle>>;
}

export interface StreamFormat {
  readonly contentType: string;
  encode(event: unknown): string | Uint8Array;
  /** What follows the last event. */
  readonly end: string;
}

/** What an SDK offers beside the plain call; where it offers nothing, there is nothing to promise. */
export interface Capabilities {
  /** The reply as the `Response` it came in, for the application to read. */
  readonly raw?: (client: Client, params: object) => Promise<Response>;
  /** A promise that also gives the response. */
  readonly promise?: (client: Client, params: object) => SdkPromise<unknown>;
  /** A stream that can be split, passed on and aborted. */
  readonly stream?: (stream: unknown) => SdkStream;
  /** A call by its path. */
  readonly post?: (client: Client, path: string, params: object) => Promise<unknown>;
  /** The path of the billable call. */
  readonly path?: string;
  /** The same client, with other options. */
  readonly withOptions?: (client: Client) => Client;
  /** A client of the application's own class. */
  readonly subclass?: (options: ClientOptions) => Client;
  /** Refused calls are repeated, up to `maxRetries` times. */
  readonly retries?: true;
  /** Calls are given up after `timeout`. */
  readonly timeout?: true;
  /** A stream is there when its first chunk is. */
  readonly streamsFromFirstChunk?: true;
  /** Calls whose signal was aborted before: sent all the same, or refused where nothing of ours sees it. */
  readonly aborted?: 'sent' | 'unseen';
  /** It keeps the `fetch` that it finds when a client is made, and patches of it that come later do not reach it. */
  readonly keepsFetch?: true;
  /** It never lets go of the reader of a stream that was dropped half read: below it, nothing becomes garbage. */
  readonly leaksReader?: true;
  /** It reads a reply when its promise is awaited, and not before. */
  readonly readsWhenAwaited?: true;
  /** What it does not say: why no connection came about, so that nobody can tell it from one that broke. */
  readonly hidesCauses?: true;
}

export interface SdkPromise<T> extends Promise<T> {
  withResponse(): Promise<{ data: T; response: Response }>;
  asResponse(): Promise<Response>;
}

export interface SdkStream extends AsyncIterable<unknown> {
  readonly controller: AbortController;
  tee(): [SdkStream, SdkStream];
  toReadableStream(): ReadableStream;
}

/** One way of calling: what the server answers, what the application does and sees, what must be recorded. */
export interface CallStyle {
  readonly answer: Answer;
  /** What the application sees; the same with and without instrumentation. */
  readonly run: (client: Client, params: object) => Promise<unknown>;
  readonly calls: readonly object[];
  readonly options?: Partial<ClientOptions>;
}
