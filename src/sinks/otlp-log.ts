import { type Context, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { checkKinds, checkOptions, ConfigError, describe } from '../errors.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink } from '../metering/sink.ts';
import { ATTRIBUTES, usageToAttributes } from '../usage/attributes.ts';
import { count, object, text } from '../usage/read.ts';
import { otlpEndpoint, otlpHeaders } from './otlp-environment.ts';
import { type HeaderValue, post } from './post.ts';
import { SinkError } from './sink-error.ts';

/** Options of `OTLPLogSink`. */
export interface OTLPLogSinkOptions {
  /**
   * The receiver's address, `http://collector:4318/v1/logs`. Default: `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`, else
   * `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/logs`, else `http://localhost:4318/v1/logs`.
   */
  readonly url?: string;
  /** Default: those of `OTEL_EXPORTER_OTLP_LOGS_HEADERS`, else of `OTEL_EXPORTER_OTLP_HEADERS`. */
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  /**
   * The application's own logger, `logs.getLogger('costspan')`, instead of an address: a convenience. Its batch
   * processor drops what it cannot send, so nothing is guaranteed beyond it.
   */
  readonly logger?: LogEmitter;
  /** Default: `false`. */
  readonly gzip?: boolean;
  /** Default: 10,000. */
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
    attributes: Record<string, string | number | boolean | string[]>;
    context: Context;
  }): void;
}

const OPTIONS: readonly string[] = [
  'url',
  'logger',
  'headers',
  'gzip',
  'timeoutMs',
  'name',
] satisfies (keyof OTLPLogSinkOptions)[];

/**
 * Sends each cost event as an OTLP log record (`eventName` `costspan.cost`) to any OpenTelemetry receiver, over
 * HTTP with JSON. Beside a durable ledger nothing is lost on the way: the event waits in the ledger until the
 * receiver has taken it. Receivers deduplicate by the attribute `costspan.event.id`.
 *
 * @throws {ConfigError} for a wrong option.
 * @example
 * new CostSpanProcessor({ sinks: [ledger, new OTLPLogSink({ url: 'http://collector:4318/v1/logs' })] });
 */
export class OTLPLogSink implements CostEventSink {
  readonly name: string;
  readonly #url: string;
  readonly #logger: LogEmitter | undefined;
  readonly #headers: Readonly<Record<string, HeaderValue>>;
  readonly #gzip: boolean;
  readonly #timeoutMs: number;

  constructor(options: OTLPLogSinkOptions = {}) {
    checkOptions('new OTLPLogSink', options, OPTIONS);
    checkKinds('new OTLPLogSink', options, {
      url: 'text',
      headers: 'object',
      gzip: 'flag',
      timeoutMs: 'positive',
      name: 'text',
    });
    const { url = otlpEndpoint(process.env), headers = otlpHeaders(process.env) } = options;
    if (!URL.canParse(url)) {
      throw new ConfigError(
        `new OTLPLogSink: expected 'url' to be an address such as 'http://localhost:4318/v1/logs', got ${describe(url)}.`,
      );
    }
    if (options.logger !== undefined && options.url !== undefined) {
      throw new ConfigError(
        "new OTLPLogSink: 'url' sends by itself, 'logger' through the application. Choose one.",
      );
    }
    this.name = options.name ?? 'otlp-log';
    this.#logger = options.logger;
    this.#url = url;
    this.#headers = headers;
    this.#gzip = options.gzip ?? false;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
  }

  async write(events: readonly CostEvent[]): Promise<void> {
    if (events.length === 0) return;
    if (this.#logger !== undefined) {
      for (const event of events) emit(this.#logger, event);
      return;
    }
    const answer = await post({
      url: this.#url,
      headers: this.#headers,
      contentType: 'application/json',
      body: JSON.stringify(toExportRequest(events)),
      gzip: this.#gzip,
      timeoutMs: this.#timeoutMs,
    });
    refusePartialSuccess(answer);
  }
}

/**
 * OTLP answers 200 when it took only some of the records, and does not say which. The refusal is handed on as
 * one of the batch, so that delivery finds the offender; the others arrive again and are deduplicated by id.
 * https://opentelemetry.io/docs/specs/otlp/#partial-success-1
 */
function refusePartialSuccess(answer: string): void {
  const partial = object(parsed(answer)?.['partialSuccess']);
  const rejected = Number(partial?.['rejectedLogRecords'] ?? 0);
  if (!(rejected > 0)) return;
  const reason = text(partial?.['errorMessage']) ?? 'no reason given';
  throw new SinkError(`the receiver rejected ${rejected} log records: ${reason}`, {
    status: 400,
    response: answer,
  });
}

function parsed(answer: string): ReturnType<typeof object> {
  try {
    return object(JSON.parse(answer));
  } catch {
    return undefined; // Some receivers answer with nothing, or with protobuf: a success either way.
  }
}

type AttributeValue = string | number | boolean | string[];

/**
 * The attributes of a cost event's log record; absent facts have none.
 *
 * | attribute | value |
 * |---|---|
 * | `costspan.event.id` | the idempotency key |
 * | `costspan.event.kind`, `costspan.event.adjusts` | `usage` or `adjustment`, and the event it corrects |
 * | `costspan.customer`, `costspan.attribution.source` | who is billed, and who said so |
 * | `costspan.context.<name>` | one per context entry, as text |
 * | `gen_ai.provider.name`, `gen_ai.operation.name`, `gen_ai.request.model`, `gen_ai.request.stream`, `gen_ai.response.model`, `gen_ai.response.id`, `gen_ai.response.finish_reasons` | what was called |
 * | `gen_ai.usage.input_tokens`, `.output_tokens`, `.cache_read.input_tokens`, `.cache_write.input_tokens`, `.reasoning.output_tokens`, …; `costspan.usage.<quantity>` for the rest | integers, or doubles for seconds |
 * | `costspan.usage.source` | `provider`, `estimated` or `none` |
 * | `costspan.cost` | the exact amount as a decimal string; absent when unpriced |
 * | `costspan.cost.currency`, `costspan.cost.status` | `USD`; `priced`, `free` or `unpriced` |
 * | `gen_ai.usage.cost.amount`, `.currency`, `.source` | the amount as a double, for dashboards |
 * | `costspan.status`, `error.type`, `costspan.duration_ms`, `costspan.retries`, `costspan.service_tier`, `server.address` | how the call went |
 */
export function logAttributes(event: CostEvent): Record<string, AttributeValue> {
  const { cost } = event;
  const facts: Record<string, AttributeValue | undefined> = {
    [ATTRIBUTES.eventId]: event.id,
    'costspan.event.kind': event.kind,
    'costspan.event.adjusts': event.adjusts,
    [ATTRIBUTES.customer]: event.customer ?? undefined,
    'costspan.attribution.source': event.attributionSource,
    ...contextAttributes(event),
    [ATTRIBUTES.providerName]: event.provider,
    [ATTRIBUTES.operationName]: event.operation,
    [ATTRIBUTES.requestModel]: event.requestModel,
    [ATTRIBUTES.requestStream]: event.stream,
    [ATTRIBUTES.responseModel]: event.responseModel,
    [ATTRIBUTES.responseId]: event.responseId,
    [ATTRIBUTES.finishReasons]: event.finishReasons?.slice(),
    ...usageToAttributes(event.usage),
    [ATTRIBUTES.usageSource]: event.usageSource,
    [ATTRIBUTES.cost]: cost.amount,
    'costspan.cost.currency': cost.currency,
    [ATTRIBUTES.costStatus]: cost.status,
    [ATTRIBUTES.costAmount]: cost.amount === undefined ? undefined : Number(cost.amount),
    [ATTRIBUTES.costCurrency]: cost.amount === undefined ? undefined : cost.currency,
    [ATTRIBUTES.costSource]: cost.source,
    'costspan.status': event.status,
    [ATTRIBUTES.errorType]: event.errorType,
    'costspan.duration_ms': event.durationMs,
    'costspan.retries': event.retries,
    [ATTRIBUTES.serviceTier]: event.serviceTier,
    [ATTRIBUTES.serverAddress]: event.serverAddress,
  };
  const attributes: Record<string, AttributeValue> = {};
  for (const [key, value] of Object.entries(facts)) if (value !== undefined) attributes[key] = value;
  return attributes;
}

function contextAttributes(event: CostEvent): Record<string, string> {
  const context = object(event.toJSON()['context']) ?? {};
  return Object.fromEntries(
    Object.entries(context)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [
        ATTRIBUTES.contextPrefix + name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
  );
}

/** `ExportLogsServiceRequest` in OTLP's JSON form, one resource per service. */
function toExportRequest(events: readonly CostEvent[]): object {
  const services = Map.groupBy(events, ({ service }) => service);
  return {
    resourceLogs: [...services].map(([service, own]) => ({
      resource: { attributes: service === undefined ? [] : [keyValue('service.name', service)] },
      scopeLogs: [{ scope: { name: 'costspan' }, logRecords: own.map(toLogRecord) }],
    })),
  };
}

/** INFO, https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
const SEVERITY_INFO = 9;

function toLogRecord(event: CostEvent): object {
  return {
    timeUnixNano: `${event.timestamp.getTime()}000000`,
    observedTimeUnixNano: `${Date.now()}000000`,
    severityNumber: SEVERITY_INFO,
    severityText: 'INFO',
    eventName: 'costspan.cost',
    body: { stringValue: JSON.stringify(event) },
    attributes: Object.entries(logAttributes(event)).map(([key, value]) => keyValue(key, value)),
    ...(event.traceId === undefined ? {} : { traceId: event.traceId }),
    ...(event.spanId === undefined ? {} : { spanId: event.spanId }),
  };
}

function emit(logger: LogEmitter, event: CostEvent): void {
  const { traceId, spanId } = event;
  const spanContext =
    traceId === undefined || spanId === undefined
      ? undefined
      : { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  logger.emit({
    eventName: 'costspan.cost',
    timestamp: event.timestamp,
    severityNumber: SEVERITY_INFO,
    severityText: 'INFO',
    body: JSON.stringify(event),
    attributes: logAttributes(event),
    // Of the call, not of delivery; sampled, so that a logger that follows traces does not leave it out.
    context: spanContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext),
  });
}

function keyValue(key: string, value: AttributeValue): object {
  return { key, value: anyValue(key, value) };
}

/** Integers are text in OTLP's JSON; an amount is a double even when it is whole, so that its type never changes. */
function anyValue(key: string, value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { arrayValue: { values: value.map((each) => anyValue(key, each)) } };
  const whole = count(value) !== undefined && Number.isSafeInteger(value) && key !== ATTRIBUTES.costAmount;
  return whole ? { intValue: String(value) } : { doubleValue: value };
}
