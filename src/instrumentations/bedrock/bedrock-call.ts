import type { Context, Tracer } from '@opentelemetry/api';
import { attributionOf, withoutCostEntries } from '../../attribution/who-pays.ts';
import { attempt } from '../../base/attempt.ts';
import { count, type JsonObject, known, object, text } from '../../base/read.ts';
import { captureCallSite } from '../../calls/call-site.ts';
import { ended, failed, left, read, readingOf } from '../../calls/outcome.ts';
import type { ReadingContext, StreamReader } from '../../wire/reading.ts';
import { requestSize } from '../../wire/request-size.ts';
import { withCall } from '../http/current-call.ts';
import { neverArrived } from '../http/never-arrived.ts';
import { ObservedCall } from '../http/observed-call.ts';
import { observeEvents } from '../http/observe-events.ts';
import { countTokens } from '../tokenizer.ts';
import type { HandlerArguments, HandlerResult } from './client.ts';
import type { Operation } from './operations.ts';

/** One call made through a client of `@aws-sdk/client-bedrock-runtime`, with all its attempts. */
export class BedrockCall extends ObservedCall {
  /** Where the request is made: the caller's context, without what must not leave the process. */
  readonly context: Context;
  readonly #operation: Operation;
  #reading: ReadingContext = { provider: PROVIDER };
  #model: string | undefined;
  #headers: Readonly<Record<string, string>> = {};

  constructor(caller: Context, tracer: () => Tracer, operation: Operation) {
    const attribution = attributionOf(caller);
    super(caller, attribution, tracer, attribution.customer === undefined ? captureCallSite() : undefined);
    this.context = withCall(withoutCostEntries(caller), this);
    this.#operation = operation;
  }

  /** The command is known, and where it goes. */
  begin(input: unknown, region: string | undefined): void {
    const { endpoint, request: requestOf, stream } = this.#operation;
    const fields = requestOf(object(input) ?? {});
    const asked = endpoint.readRequest?.(fields) ?? {};
    const model = asked.model ?? text(fields.modelId);
    const streaming = stream !== undefined;
    this.#reading = this.#contextOf(fields);
    this.prepare({
      description: {
        provider: PROVIDER,
        operation: endpoint.operation,
        request: { ...asked, ...known({ model, stream: streaming || undefined }) },
        size: () => requestSize(PROVIDER, fields, Buffer.byteLength(JSON.stringify(fields))),
        ...known({ region, serverAddress: region && `bedrock-runtime.${region}.amazonaws.com` }),
      },
      bill: { endpoint, streaming, context: this.#reading },
      requestIdHeader: REQUEST_ID,
    });
  }

  override asks(model: string): void {
    super.asks(model);
    this.#model = model;
  }

  /** The command's arguments, with another model where a listener wants one; the caller's own are not changed. */
  changed(args: HandlerArguments): HandlerArguments {
    const model = this.#model;
    return model === undefined ? args : { ...args, input: { ...object(args.input), modelId: model } };
  }

  /** One attempt, below the SDK's own retries. */
  async attempted(send: () => Promise<HandlerResult>): Promise<HandlerResult> {
    this.sent();
    try {
      const result = await send();
      attempt('read the head of a reply', () => this.#answeredWith(result.response));
      return result;
    } catch (error) {
      const { $response: response, $metadata: metadata } = (object(error) ?? {}) as Record<string, unknown>;
      const status = object(response)?.statusCode ?? object(metadata)?.httpStatusCode;
      if (count(status) !== undefined || neverArrived(error)) this.refused(text(object(metadata)?.requestId));
      throw error;
    }
  }

  /** The reply is there; streams in it stay the caller's. */
  received(output: unknown): void {
    const { endpoint, reply, stream } = this.#operation;
    const fields = object(output) ?? {};
    const events = stream?.(fields);
    if (stream === undefined || events === undefined) {
      return this.settle(read(endpoint.readResponse?.(reply?.(fields), this.#reading) ?? {}));
    }
    const reader = endpoint.readStream?.(this.#reading) ?? SILENT;
    this.follow(() => readingOf(reader));
    observeEvents(events, {
      event: (event) => {
        this.firstChunk();
        reader.read(event);
      },
      ended: () => {
        reader.end?.();
        this.settle(ended(readingOf(reader), false));
      },
      left: () => this.settle(left(readingOf(reader))),
      failed: (error) => this.settle(failed(error, readingOf(reader))),
    });
  }

  #answeredWith(response: unknown): void {
    const headers = object(object(response)?.headers) ?? {};
    this.#headers = headers as Readonly<Record<string, string>>;
    this.answered(text(headers[REQUEST_ID]));
  }

  /** Embeddings of Cohere and Nova are counted in headers alone, which come with the reply. */
  #contextOf(request: JsonObject): ReadingContext {
    const headers = (): Readonly<Record<string, string>> => this.#headers;
    return {
      provider: PROVIDER,
      request,
      countTokens,
      get headers() {
        return headers();
      },
    };
  }
}

const PROVIDER = 'aws.bedrock';
const SILENT: StreamReader = { read: () => undefined, reading: () => ({}) };
const REQUEST_ID = 'x-amzn-requestid';
