import { type JsonObject, known, list, object, text } from '../base/read.ts';
import type { EndedSpan } from '../dialects/span.ts';

/** The spans of an export request, and how many of what was sent are none. */
export interface OtlpSpans {
  readonly spans: readonly EndedSpan[];
  readonly rejected: number;
}

/**
 * Reads an `ExportTraceServiceRequest`, decoded from protobuf or parsed from JSON: the two differ in how ids and large
 * numbers are written. https://opentelemetry.io/docs/specs/otlp/
 */
export function readOtlpSpans(request: unknown): OtlpSpans {
  const spans: EndedSpan[] = [];
  let rejected = 0;
  for (const resourceSpans of list(object(request)?.resourceSpans)) {
    const resource = attributesOf(object(object(resourceSpans)?.resource)?.attributes);
    const origin = known({ service: text(resource['service.name']), process: processOf(resource) });
    for (const scopeSpans of list(object(resourceSpans)?.scopeSpans)) {
      const { name, version } = object(object(scopeSpans)?.scope) ?? {};
      const scope = { name: text(name) ?? '', ...known({ version: text(version) }) };
      for (const given of list(object(scopeSpans)?.spans)) {
        const span = readOtlpSpan(object(given) ?? {}, scope, origin);
        if (span === undefined) rejected++;
        else spans.push(span);
      }
    }
  }
  return { spans, rejected };
}

function readOtlpSpan(
  span: JsonObject,
  scope: EndedSpan['scope'],
  origin: Pick<EndedSpan, 'service' | 'process'>,
): EndedSpan | undefined {
  const [traceId, spanId] = [idOf(span.traceId, 32), idOf(span.spanId, 16)];
  const [startMs, endMs] = [milliseconds(span.startTimeUnixNano), milliseconds(span.endTimeUnixNano)];
  if (traceId === undefined || spanId === undefined || startMs === undefined) return undefined;
  return {
    traceId,
    spanId,
    name: text(span.name) ?? '',
    isClient: span.kind === 3 || span.kind === 'SPAN_KIND_CLIENT',
    startMs,
    endMs: endMs ?? startMs,
    attributes: attributesOf(span.attributes),
    scope,
    failed: isError(object(span.status)?.code),
    ...origin,
    ...known({ parentSpanId: idOf(span.parentSpanId, 16), exceptionType: exceptionOf(list(span.events)) }),
  };
}

/** Attributes as a plain object; what has no plain value is left out. */
function attributesOf(pairs: unknown): JsonObject {
  const attributes: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const pair of list(pairs)) {
    const { key, value } = object(pair) ?? {};
    const name = text(key);
    if (name !== undefined) attributes[name] = valueOf(object(value), 0);
  }
  return attributes;
}

function valueOf(value: JsonObject | undefined, depth: number): unknown {
  if (value === undefined || depth > MAX_DEPTH) return undefined;
  // A decoded message inherits a default for every field that was not sent.
  const kind = Object.keys(value).find((name) => value[name] !== undefined);
  const given = kind === undefined ? undefined : value[kind];
  if (kind === 'stringValue' || kind === 'boolValue') return given;
  if (kind === 'intValue' || kind === 'doubleValue') return numberOf(given);
  const values = list(object(given)?.values);
  if (kind === 'arrayValue') return values.map((each) => valueOf(object(each), depth + 1));
  if (kind !== 'kvlistValue') return undefined;
  return Object.fromEntries(
    values.map((pair) => {
      const { key, value: inner } = object(pair) ?? {};
      return [String(key), valueOf(object(inner), depth + 1)];
    }),
  );
}

/** 64-bit integers are text in JSON, and two halves in a decoded message. */
function numberOf(value: unknown): number {
  const { low, high } = object(value) ?? {};
  if (typeof low === 'number' && typeof high === 'number') return high * 2 ** 32 + (low >>> 0);
  return typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
}

const MAX_DEPTH = 8;

/** Hex in JSON, bytes in protobuf; all zeros are no id. */
function idOf(value: unknown, digits: number): string | undefined {
  const hex = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : text(value)?.toLowerCase();
  const isId = hex?.length === digits && /^[0-9a-f]+$/.test(hex) && !/^0+$/.test(hex);
  return isId ? hex : undefined;
}

/** Nanoseconds since 1970, as a number or as text. */
function milliseconds(nanoseconds: unknown): number | undefined {
  const value = numberOf(nanoseconds);
  return Number.isFinite(value) && value > 0 && value < MAX_NANOSECONDS ? value / 1e6 : undefined;
}

/** The last instant a `Date` can hold. */
const MAX_NANOSECONDS = 8.64e21;

function isError(code: unknown): boolean {
  return code === 2 || code === 'STATUS_CODE_ERROR';
}

function exceptionOf(events: readonly unknown[]): string | undefined {
  const exception = events.findLast((event) => object(event)?.name === 'exception');
  return exception === undefined
    ? undefined
    : text(attributesOf(object(exception)?.attributes)['exception.type']);
}

/** What tells one sending process from another. */
function processOf(resource: JsonObject): string | undefined {
  const parts = ['service.name', 'service.instance.id', 'host.name', 'process.pid'].map((name) => {
    const value = resource[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  });
  return parts.every((part) => part === '') ? undefined : parts.join('/');
}
