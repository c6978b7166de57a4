import { type JsonObject, known, list, object, text } from '../base/read.ts';
import type { EndedSpan } from './span.ts';

/** The ids of a span of any OpenTelemetry SDK for JavaScript, and of what is above it. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

export function idsOf(span: unknown): SpanIds | undefined {
  const { spanContext } = (object(span) ?? {}) as { spanContext?: () => unknown };
  if (typeof spanContext !== 'function') return undefined;
  const ids = object(spanContext.call(span));
  const [traceId, spanId] = [text(ids?.traceId), text(ids?.spanId)];
  if (traceId === undefined || spanId === undefined) return undefined;
  // SDK 2 and later; before, the parent's id stood on the span itself.
  const parentSpanId =
    text(object(object(span)?.parentSpanContext)?.spanId) ?? text(object(span)?.parentSpanId);
  return parentSpanId === undefined ? { traceId, spanId } : { traceId, spanId, parentSpanId };
}

/** A span of the SDK (1.x to 3.x) as the dialects read it; undefined when it is none. */
export function readSdkSpan(span: unknown): EndedSpan | undefined {
  const ids = idsOf(span);
  const fields = object(span);
  if (ids === undefined || fields === undefined) return undefined;
  return {
    ...ids,
    name: text(fields.name) ?? '',
    isClient: fields.kind === CLIENT,
    startMs: milliseconds(fields.startTime),
    endMs: milliseconds(fields.endTime),
    attributes: attributesOf(fields),
    scope: scopeOf(fields),
    failed: object(fields.status)?.code === ERROR,
    ...known({ exceptionType: exceptionOf(list(fields.events)) }),
  };
}

/** The instrumentation that made a span. */
export function scopeOf(span: JsonObject): EndedSpan['scope'] {
  const scope = object(span.instrumentationScope) ?? object(span.instrumentationLibrary) ?? {};
  return { name: text(scope.name) ?? '', ...known({ version: text(scope.version) }) };
}

export function attributesOf(span: JsonObject): JsonObject {
  return object(span.attributes) ?? {};
}

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR` of the API. */
const CLIENT = 2;
const ERROR = 2;

function milliseconds(time: unknown): number {
  const [seconds, nanoseconds] = list(time);
  return typeof seconds === 'number' && typeof nanoseconds === 'number'
    ? seconds * 1000 + nanoseconds / 1e6
    : 0;
}

function exceptionOf(events: readonly unknown[]): string | undefined {
  const exception = events.findLast((event) => object(event)?.name === 'exception');
  return text(object(object(exception)?.attributes)?.['exception.type']);
}
