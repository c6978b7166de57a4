import { Recent } from '../base/recent.ts';
import type { Attribution } from '../attribution/attribution.ts';
import type { ShownAttribution } from '../attribution/shown.ts';
import { boundedErrorType } from '../calls/bounded.ts';
import { type Consumed, type OpenCall, type SettledCall, settled } from '../calls/call.ts';
import { derivedEventId } from '../calls/event-id.ts';
import { known } from '../base/read.ts';
import type { SeenCall } from './seen-call.ts';
import type { Layer, SpanCall } from './dialect.ts';
import type { EndedSpan } from './span.ts';

/** A span that may be billed, until it is decided. */
export interface OfferedCall extends SeenCall {
  readonly key: string;
  readonly name: string;
  readonly call: SpanCall;
  readonly attribution: Attribution;
  readonly traceId: string;
  readonly spanId: string;
  readonly service?: string;
}

export function spanKey(traceId: string, spanId: string): string {
  return `${traceId}${spanId}`;
}

/** The same span has the same event, by whichever way it came and however often. */
export function offeredCall(
  span: EndedSpan,
  { layer, call }: { readonly layer: Layer; readonly call: SpanCall },
  attribution: Attribution,
): OfferedCall {
  const { traceId, spanId, parentSpanId, startMs, endMs, service, process, name } = span;
  const { usage, responseId, responseModel } = call.reading;
  return {
    eventId: call.eventId ?? derivedEventId('span', traceId, spanId),
    key: spanKey(traceId, spanId),
    name,
    call,
    attribution,
    traceId,
    spanId,
    scope: scopeKey(span),
    layer: usage === undefined && call.status !== 'error' ? 'blind' : layer,
    startMs,
    endMs,
    models: modelNames(call.request.model, responseModel),
    ...known({
      parentKey: parentSpanId === undefined ? undefined : spanKey(traceId, parentSpanId),
      responseId,
      inputTokens: usage?.inputTokens,
      outputTokens: usage?.outputTokens,
      process,
      service,
    }),
  };
}

/**
 * The models of a call, for comparing. Some put the maker's name before the model's, and some know the model that was
 * asked where others know the build that answered: `openai/gpt-4o` and `gpt-4o-2024-08-06` are both `gpt-4o`.
 */
export function modelNames(...models: readonly (string | undefined)[]): readonly string[] {
  const names: string[] = [];
  for (const model of models) {
    if (model === undefined) continue;
    const name = NAMES.get(model) ?? NAMES.set(model, withoutBuild(model));
    if (!names.includes(name)) names.push(name);
  }
  return names;
}

function withoutBuild(model: string): string {
  return (model.toLowerCase().split('/').at(-1) ?? '').replace(BUILD, '');
}

const NAMES = new Recent<string, string>(1_000);

const BUILD = /(?:[-@](?:\d{4}-\d\d-\d\d|\d{8})|-latest|@latest|-\d{3})$/;

/** Sentry makes the spans of all its integrations under one scope. */
function scopeKey({ scope, attributes }: EndedSpan): string {
  const origin = attributes['sentry.origin'];
  return typeof origin === 'string' ? origin : scope.name;
}

export function openCallOf({ eventId, startMs, call, attribution }: OfferedCall): OpenCall {
  const { provider, operation, request, serverAddress, serverPort, region } = call;
  return {
    id: eventId,
    startTime: new Date(startMs),
    attribution,
    provider,
    operation,
    request,
    ...known({ serverAddress, serverPort, region }),
  };
}

/** The call that a span tells of, for the meter. */
export function settledCallOf(offered: OfferedCall, attribution: ShownAttribution): SettledCall {
  const { call, startMs, endMs, traceId, spanId } = offered;
  const { reading, status, timeToFirstTokenMs } = call;
  const errorType = call.errorType === undefined ? undefined : boundedErrorType(call.errorType);
  return settled({ ...openCallOf(offered), attribution }, reading, {
    status,
    consumed: consumedBy(call),
    durationMs: Math.max(0, Math.round(endMs - startMs)),
    traceId,
    spanId,
    ...known({ timeToFirstTokenMs, errorType }),
  });
}

function consumedBy({ reading: { usage }, status, errorType = '' }: SpanCall): Consumed {
  if (usage !== undefined) return { kind: 'counted', usage };
  if (status === 'error' && REFUSAL.test(errorType)) return { kind: 'nothing', why: errorType };
  return { kind: 'unknown', why: 'the span did not say what was consumed' };
}

/** Errors with which a provider answers instead of working: a status, or what the SDKs name their errors after it. */
const REFUSAL =
  /^[45]\d\d$|(?:BadRequest|Authentication|PermissionDenied|NotFound|Conflict|UnprocessableEntity|RateLimit|InternalServer|Overloaded|ServiceUnavailable|APIStatus)\w*$/i;
