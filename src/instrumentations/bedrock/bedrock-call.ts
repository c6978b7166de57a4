import type { Context, Tracer } from '@opentelemetry/api';
import { attributionOf, withoutCostEntries } from '../../attribution/who-pays.ts';
import { attempt } from '../../base/attempt.ts';
import { count, type JsonObject, known, object, text } from '../../base/read.ts';
import { captureCallSite } from '../../calls/call-site.ts';
import { ended, failed, isAbort, left, read, readingOf } from '../../calls/outcome.ts';
import type { ReadingContext, StreamReader } from '../../wire/reading.ts';
import { requestSize } from '../../wire/request-size.ts';
import { withCall } from '../http/current-call.ts';
import { errorTypeOf } from '../../calls/measure-call.ts';
import { neverArrived } from '../http/never-arrived.ts';
import { ObservedCall } from '../http/observed-call.ts';
import { observeEvents } from '../http/observe-events.ts';
import { countTokens } from '../tokenizer.ts';
import type { HandlerArguments, HandlerResult } from './client.ts';
import type { Operation } from './operations.ts';

/** What an application stops a command by: an `AbortSignal`, or what the SDK had before there were any. */
export interface Signal {
  readonly aborted?: boolean;
}

/** One call made through a client of `@aws-sdk/client-bedrock-runtime`, with all its attempts. */
export class BedrockCall extends ObservedCall {
  /** Where the request is made: the caller's context, without what must not leave the process. */
  readonly context: Context;
  readonly #operation: Operation;
  readonly #signal: Signal | undefined;
  #reading: ReadingContext = { provider: PROVIDER };
  #model: string | undefined;
  #headers: Readonly<Record<string, string>> = {};

  constructor(caller: Context, tracer: () => Tracer, operation: Operation, signal?: Signal) {
    const attribution = attributionOf(caller);
    super(caller, attribution, tracer, attribution.customer === undefined ? captureCallSite() : undefined);
    this.context = withCall(withoutCostEntries(caller), this);
    this.#operation = operation;
    this.#signal = signal;
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
    // The SDK sends nothing then.
    if (this.#isStopped) return send();
    this.sent();
    try {
      const result = await send();
      attempt('read the head of a reply', () => this.#answeredWith(result.response));
      return result;
    } catch (error) {
      const status = statusOf(error);
      // It came, and broke off or could not be read.
      if (status === 200) attempt('read the head of a reply', () => this.#answeredWith(responseOf(error)));
      else if (status !== undefined || neverArrived(error)) this.refused(requestIdOf(error));
      throw error;
    }
  }

  /** No reply came that the application could read. */
  override fail(error: unknown): void {
    if (this.#isStopped && !isFault(error)) return this.settle({ status: 'aborted', error });
    if (this.isAnswered)
      return this.settle({ status: 'partial', error, unreadable: 'the reply could not be read' });
    super.fail(named(error));
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
      failed: (error) => {
        const reading = readingOf(reader);
        const errorType =
          reading.errorType ?? (isFault(error) ? errorTypeOf({ status: 'error', error }) : undefined);
        this.settle(
          failed(error, { ...reading, ...known({ errorType }) }, this.#isStopped || isAbort(error)),
        );
      },
    });
  }

  get #isStopped(): boolean {
    return this.#signal?.aborted === true;
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

/** Bedrock said what failed: a class of the SDK, or a name it does not know, which ends alike. */
function isFault(error: unknown): boolean {
  const { $fault: fault, name } = object(error) ?? {};
  return fault !== undefined || text(name)?.endsWith('Exception') === true;
}

/** What Bedrock refuses is named by its class; where the SDK has none for it, by the status. */
function named(error: unknown): unknown {
  const { constructor } = object(error) ?? {};
  const status = statusOf(error);
  const hasClass = typeof constructor !== 'function' || constructor.name !== 'BedrockRuntimeServiceException';
  return hasClass || status === undefined ? error : { status };
}

function statusOf(error: unknown): number | undefined {
  return count(responseOf(error)?.statusCode) ?? count(object(object(error)?.$metadata)?.httpStatusCode);
}

function requestIdOf(error: unknown): string | undefined {
  return text(object(object(error)?.$metadata)?.requestId);
}

function responseOf(error: unknown): JsonObject | undefined {
  return object(object(error)?.$response);
}

const PROVIDER = 'aws.bedrock';
const SILENT: StreamReader = { read: () => undefined, reading: () => ({}) };
const REQUEST_ID = 'x-amzn-requestid';
