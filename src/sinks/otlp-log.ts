import { type Context, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { ConfigError } from '../base/errors.ts';
import { anything, flag, type KindsOf, oneOf, optionsOf, positive, text as aText } from '../base/options.ts';
import { httpAddress, httpHeaders } from './check.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink } from '../delivery/sink.ts';
import { decodeMessage, encodeMessage } from '../base/protobuf.ts';
import { jsonValue, known, object, text } from '../base/read.ts';
import { OTLP_PROTOCOLS, type OtlpProtocol, readOtlpEnvironment } from './otlp/environment.ts';
import { LOGS_REQUEST, LOGS_RESPONSE, STATUS } from './otlp/messages.ts';
import {
  type AttributeValue,
  EVENT_NAME,
  logAttributes,
  SEVERITY_INFO,
  toExportRequest,
} from './otlp/record.ts';
import { type Answer, type HeaderValue, post } from './post.ts';
import { SinkError } from '../delivery/sink-error.ts';

/** Options of `OTLPLogSink`. */
export interface OTLPLogSinkOptions {
  /**
   * The receiver's address, `http://collector:4318/v1/logs`. Default: `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`, else
   * `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/logs`, else `http://localhost:4318/v1/logs`.
   */
  readonly url?: string;
  /** Default: those of `OTEL_EXPORTER_OTLP_HEADERS`, and over them those of `OTEL_EXPORTER_OTLP_LOGS_HEADERS`. */
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  /**
   * The application's own logger, `logs.getLogger('costspan')`, instead of an address: a convenience. Its batch
   * processor drops what it cannot send, so nothing is guaranteed beyond it.
   */
  readonly logger?: LogEmitter;
  /** Default: `OTEL_EXPORTER_OTLP_LOGS_PROTOCOL`, else `OTEL_EXPORTER_OTLP_PROTOCOL`, else `http/protobuf`. */
  readonly protocol?: OtlpProtocol;
  /** Default: whether `OTEL_EXPORTER_OTLP_LOGS_COMPRESSION`, else `OTEL_EXPORTER_OTLP_COMPRESSION`, is `gzip`. */
  readonly gzip?: boolean;
  /** Default: `OTEL_EXPORTER_OTLP_LOGS_TIMEOUT`, else `OTEL_EXPORTER_OTLP_TIMEOUT`, else 10,000. */
  readonly timeoutMs?: number;
  /** The name in `health()` and in the outbox. Default: `otlp-log`. */
  readonly name?: string;
}

/** The part of a logger of `@opentelemetry/api-logs` that is used. */
export interface LogEmitter {
  emit(record: {
    eventName: string;
    timestamp: Date;
    severityNumber: number;
    severityText: string;
    body: string;
    attributes: Record<string, AttributeValue>;
    context: Context;
  }): void;
}

const OPTIONS: KindsOf<OTLPLogSinkOptions> = {
  url: httpAddress,
  logger: anything,
  headers: httpHeaders,
  protocol: oneOf(...OTLP_PROTOCOLS),
  gzip: flag,
  timeoutMs: positive,
  name: aText,
};

/**
 * Sends each cost event as an OTLP log record (`eventName` `costspan.cost`) to any OpenTelemetry receiver, over
 * HTTP as protobuf or JSON. Beside a durable ledger nothing is lost on the way: the event waits in the ledger until the
 * receiver has taken it. Receivers deduplicate by the attribute `costspan.event.id`.
 *
 * @throws {ConfigError} for a wrong option.
 * @example
 * new CostSpanProcessor({ sinks: [ledger, new OTLPLogSink({ url: 'http://collector:4318/v1/logs' })] });
 */
export class OTLPLogSink implements CostEventSink {
  readonly name: string;
  readonly durable = true;
  readonly #url: string;
  readonly #logger: LogEmitter | undefined;
  readonly #headers: Readonly<Record<string, HeaderValue>>;
  readonly #protocol: OtlpProtocol;
  readonly #gzip: boolean;
  readonly #timeoutMs: number;

  constructor(options: OTLPLogSinkOptions = {}) {
    optionsOf('new OTLPLogSink', options, OPTIONS);
    const settings = { ...readOtlpEnvironment(), ...known(options) };
    const { url, headers, protocol, gzip, timeoutMs } = settings;
    // What the environment says is held to the same.
    optionsOf('new OTLPLogSink', { url, headers, protocol }, OPTIONS);
    if (options.logger !== undefined && options.url !== undefined) {
      throw new ConfigError(
        "new OTLPLogSink: 'url' sends by itself, 'logger' through the application. Choose one.",
      );
    }
    this.name = options.name ?? 'otlp-log';
    this.#logger = options.logger;
    this.#url = url;
    this.#headers = headers;
    this.#protocol = protocol;
    this.#gzip = gzip;
    this.#timeoutMs = timeoutMs;
  }

  async write(events: readonly CostEvent[]): Promise<void> {
    if (events.length === 0) return;
    if (this.#logger !== undefined) {
      for (const event of events) emit(this.#logger, event);
      return;
    }
    const isBinary = this.#protocol === 'http/protobuf';
    const request = toExportRequest(events);
    const answer = await post({
      url: this.#url,
      headers: this.#headers,
      contentType: isBinary ? PROTOBUF : 'application/json',
      body: isBinary ? encodeMessage(LOGS_REQUEST, request) : JSON.stringify(request),
      gzip: this.#gzip,
      timeoutMs: this.#timeoutMs,
      readRefusal: (answer) => {
        const message = answer.contentType === PROTOBUF && decodeMessage(STATUS, answer.bytes)?.message;
        return text(message) ?? answer.text();
      },
    });
    refusePartialSuccess(answer);
  }
}

/**
 * OTLP answers 200 when it took only some of the records, and does not say which. The refusal is handed on as
 * one of the batch, so that delivery finds the offender; the others arrive again and are deduplicated by id.
 * https://opentelemetry.io/docs/specs/otlp/#partial-success-1
 */
function refusePartialSuccess(answer: Answer): void {
  // Some receivers answer with nothing: a success either way.
  const response =
    answer.contentType === PROTOBUF
      ? decodeMessage(LOGS_RESPONSE, answer.bytes)
      : object(jsonValue(answer.text()));
  const partial = object(response?.partialSuccess);
  const rejected = Number(partial?.rejectedLogRecords ?? 0);
  if (!(rejected > 0)) return;
  const reason = text(partial?.errorMessage) ?? 'no reason given';
  throw new SinkError(`the receiver rejected ${rejected} log records: ${reason}`, {
    status: 400,
    response: reason,
  });
}

const PROTOBUF = 'application/x-protobuf';

function emit(logger: LogEmitter, event: CostEvent): void {
  const { traceId, spanId } = event;
  const spanContext =
    traceId === undefined || spanId === undefined
      ? undefined
      : { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  logger.emit({
    eventName: EVENT_NAME,
    timestamp: event.timestamp,
    severityNumber: SEVERITY_INFO,
    severityText: 'INFO',
    body: JSON.stringify(event),
    attributes: logAttributes(event),
    // Of the call, not of delivery; sampled, so that a logger that follows traces does not leave it out.
    context: spanContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext),
  });
}
