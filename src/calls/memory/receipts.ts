import { type JsonObject, known, object, text } from '../../base/read.ts';
import { attributionFromFact, attributionToFact } from './attribution-fact.ts';
import { boundedReading } from '../bounded.ts';
import { announce, callMemory } from '../hub.ts';
import { type OpenCall, settled, type SettledCall } from '../call.ts';
import { derivedEventId } from '../event-id.ts';
import { shownAttribution } from '../shown-call.ts';
import { read as wholeReply } from '../outcome.ts';
import type { Reading, RequestReading } from '../../wire/reading.ts';
import { claimEvent } from './claims.ts';

/** Work that goes on after its call was answered: background responses, assistants' runs, videos. */
const KIND = 'receipt';

/**
 * Work in the background is billed by whoever first sees what it consumed: the call that started it, a poll, another
 * process that remembers nothing. All of them derive the same id of its event.
 */
export function asWork(call: SettledCall): SettledCall {
  const { background, responseId } = call.reading;
  if (background !== true || responseId === undefined) return call;
  return { ...call, id: workId(responseId), startedAs: call.id };
}

export function workId(responseId: string): string {
  return derivedEventId(KIND, responseId);
}

/**
 * Remembers who started the work a receipt stands for; false when there is nothing to find it by. Its event is
 * announced when somebody reads what it consumed.
 */
export function rememberReceipt(call: SettledCall): boolean {
  const { responseId } = call.reading;
  if (responseId === undefined) return false;
  const memory = callMemory();
  // A run that was resumed belongs to the call that created it.
  if (memory.recall(KIND, responseId) !== undefined) return true;
  const { id, startTime, attribution, provider, operation, request } = call;
  const fact = known({
    event_id: id,
    call_id: call.startedAs,
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

/** The id of the event that will bill remembered work; undefined for work nobody here remembers. */
export function receiptOf({ responseId }: Reading): string | undefined {
  return responseId === undefined ? undefined : text(callMemory().recall(KIND, responseId)?.event_id);
}

/**
 * Bills what a reading says to the customer who started the work, or to the reader's where nobody here remembers the
 * start: once, however often and by whomever it is read. A reading that does not say what was consumed bills nothing;
 * nor does a foreground reply, which was billed when it was made.
 */
export function settleReceipt(read: Reading, reader?: () => OpenCall): void {
  const reading = boundedReading(read);
  const { responseId, usage, usageFault } = reading;
  if (responseId === undefined || (usage === undefined && usageFault === undefined)) return;
  const work = rememberedWork(responseId) ?? unknownWork(reading, responseId, reader);
  if (work === undefined || !work.open.attribution.tracked || !claimEvent(work.open.id)) return;
  announce(
    settled(work.open, reading, {
      status: wholeReply(reading).status,
      consumed:
        usage === undefined ? { kind: 'unknown', ...known({ why: usageFault }) } : { kind: 'counted', usage },
      ...work.more,
      ...known({ errorType: reading.errorType }),
    }),
  );
}

interface Work {
  readonly open: Parameters<typeof settled>[0];
  readonly more: Pick<SettledCall, 'startedAs' | 'requestId' | 'traceId' | 'spanId'>;
}

function rememberedWork(responseId: string): Work | undefined {
  const fact = callMemory().recall(KIND, responseId);
  const id = text(fact?.event_id);
  const attribution = attributionFromFact(fact ?? {});
  if (fact === undefined || id === undefined || attribution === undefined) return undefined;
  return {
    open: {
      id,
      startTime: new Date(text(fact.started_at) ?? Date.now()),
      attribution,
      provider: text(fact.provider) ?? 'unknown',
      operation: text(fact.operation) ?? 'unknown',
      request: requestOf(fact),
      ...known({ serverAddress: text(fact.server_address) }),
    },
    more: known({
      startedAs: text(fact.call_id),
      requestId: text(fact.request_id),
      traceId: text(fact.trace_id),
      spanId: text(fact.span_id),
    }),
  };
}

/** Work that another process started: only what goes on in the background may not have been billed yet. */
function unknownWork(
  reading: Reading,
  responseId: string,
  reader: (() => OpenCall) | undefined,
): Work | undefined {
  if (reading.background !== true || reader === undefined) return undefined;
  const call = reader();
  const attribution = shownAttribution(call);
  return { open: { ...call, id: workId(responseId), attribution }, more: {} };
}

function requestOf(fact: JsonObject): RequestReading {
  const parameters = object(fact.parameters) as Readonly<Record<string, string>> | undefined;
  return known({
    model: text(fact.model),
    stream: fact.stream === true ? true : undefined,
    parameters,
  });
}
