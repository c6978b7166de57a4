import { type JsonObject, known, object, text } from '../usage/read.ts';
import { attributionFromFact, attributionToFact } from './attribution-fact.ts';
import { boundedReading } from './bounded.ts';
import { announce, callHub } from './call-hub.ts';
import type { SettledCall } from './call.ts';
import type { Reading, RequestReading } from './reading.ts';
import { claimEvent } from './settled-once.ts';

/** Work that goes on after its call was answered: background responses, assistants' runs, videos. */
const KIND = 'receipt';

/**
 * Remembers who started the work a receipt stands for; false when there is nothing to find it by. Its event is
 * announced, under the id of this call, when somebody reads what it consumed.
 */
export function rememberReceipt(call: SettledCall): boolean {
  const { responseId } = call.reading;
  if (responseId === undefined) return false;
  const { memory } = callHub();
  // A run that was resumed belongs to the call that created it.
  if (memory.recall(KIND, responseId) !== undefined) return true;
  const { id, startTime, attribution, provider, operation, request } = call;
  const fact = known({
    event_id: id,
    started_at: startTime.toISOString(),
    ...attributionToFact(attribution),
    provider,
    operation,
    model: request.model,
    stream: request.stream,
    parameters: request.parameters,
    server_address: call.serverAddress,
    request_id: call.requestId,
    trace_id: call.traceId,
    span_id: call.spanId,
  });
  memory.remember(KIND, responseId, fact);
  return true;
}

/**
 * Bills what a reading says to whoever started the work: once, however often and by whomever it is read. A
 * reading without usage, or of work that was never a receipt, bills nothing.
 */
export function settleReceipt(read: Reading): void {
  const reading = boundedReading(read);
  const { responseId, usage } = reading;
  if (responseId === undefined || usage === undefined) return;
  const fact = callHub().memory.recall(KIND, responseId);
  const eventId = text(fact?.['event_id']);
  const attribution = attributionFromFact(fact ?? {});
  if (fact === undefined || eventId === undefined || attribution === undefined) return;
  if (!claimEvent(eventId)) return;
  const settled: SettledCall = {
    id: eventId,
    startTime: new Date(text(fact['started_at']) ?? Date.now()),
    attribution,
    provider: text(fact['provider']) ?? 'unknown',
    operation: text(fact['operation']) ?? 'unknown',
    request: requestOf(fact),
    status: reading.errorType === undefined ? 'ok' : 'error',
    retries: 0,
    reading,
    usage,
    usageSource: 'provider',
    consumedNothing: false,
    ...known({
      errorType: reading.errorType,
      serverAddress: text(fact['server_address']),
      requestId: text(fact['request_id']),
      traceId: text(fact['trace_id']),
      spanId: text(fact['span_id']),
    }),
  };
  announce(settled);
}

function requestOf(fact: JsonObject): RequestReading {
  const parameters = object(fact['parameters']) as Readonly<Record<string, string>> | undefined;
  return known({
    model: text(fact['model']),
    stream: fact['stream'] === true ? true : undefined,
    parameters,
  });
}
