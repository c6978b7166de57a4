import { count, type JsonObject, known, object } from '../../base/read.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import { ATTRIBUTES, usageToAttributes } from '../../usage/attributes.ts';

/** Under which a receiver finds cost events among other log records. */
export const EVENT_NAME = 'costspan.cost';

export type AttributeValue = string | number | boolean | string[];

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
 * | `costspan.cost.amount` | the exact amount as a decimal string; absent when unpriced |
 * | `costspan.cost.currency`, `costspan.cost.status` | `USD`; `priced`, `free` or `unpriced` |
 * | `gen_ai.usage.cost.amount`, `.currency`, `.source` | the amount as a double, for dashboards |
 * | `costspan.status`, `error.type`, `costspan.duration_ms`, `costspan.retries`, `costspan.service_tier`, `server.address` | how the call went |
 */
export function logAttributes(
  event: CostEvent,
  json: JsonObject = event.toJSON(),
): Record<string, AttributeValue> {
  const { cost } = event;
  const facts: Record<string, AttributeValue | undefined> = {
    [ATTRIBUTES.eventId]: event.id,
    'costspan.event.kind': event.kind,
    'costspan.event.adjusts': event.adjusts,
    [ATTRIBUTES.customer]: event.customer ?? undefined,
    'costspan.attribution.source': event.attributionSource,
    ...contextAttributes(object(json.context) ?? {}),
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
    [ATTRIBUTES.costIn]: cost.currency,
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

function contextAttributes(context: JsonObject): Record<string, string> {
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
export function toExportRequest(events: readonly CostEvent[]): object {
  const services = Map.groupBy(events, ({ service }) => service);
  return {
    resourceLogs: [...services].map(([service, own]) => ({
      resource: { attributes: service === undefined ? [] : [keyValue('service.name', service)] },
      scopeLogs: [{ scope: { name: 'costspan' }, logRecords: own.map(toLogRecord) }],
    })),
  };
}

/** INFO, https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
export const SEVERITY_INFO = 9;

function toLogRecord(event: CostEvent): object {
  const json = event.toJSON();
  return {
    timeUnixNano: `${event.timestamp.getTime()}000000`,
    observedTimeUnixNano: `${Date.now()}000000`,
    severityNumber: SEVERITY_INFO,
    severityText: 'INFO',
    eventName: EVENT_NAME,
    body: { stringValue: JSON.stringify(json) },
    attributes: Object.entries(logAttributes(event, json)).map(([key, value]) => keyValue(key, value)),
    ...known({ traceId: event.traceId, spanId: event.spanId }),
  };
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
