import { known } from '../base/read.ts';
import type { SeenCall } from '../dialects/seen-call.ts';
import { modelNames, spanKey } from '../dialects/span-call.ts';
import type { CostEvent } from '../metering/cost-event.ts';

/** A kept event as a call that `process` saw; undefined for one that no span tells of. */
export function seenEvent(
  event: CostEvent,
  process?: string,
): (SeenCall & { readonly key: string }) | undefined {
  const { id, kind, timestamp, durationMs = 0, traceId, spanId, usage } = event;
  if (kind !== 'usage' || traceId === undefined || spanId === undefined) return undefined;
  return {
    eventId: id,
    key: spanKey(traceId, spanId),
    traceId,
    // Which instrumentation it was is not kept; it was none that waits now.
    scope: 'ledger',
    layer: 'wire',
    startMs: timestamp.getTime(),
    endMs: timestamp.getTime() + durationMs,
    models: modelNames(event.requestModel, event.responseModel),
    ...known({
      process,
      responseId: event.responseId,
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
    }),
  };
}
