import { list, object, text } from '../base/read.ts';
import type { CallMemory } from '../calls/hub.ts';
import type { Suppression } from './verdict.ts';

/** A span that became no event, because another event bills its call. */
export interface SuppressedSpan {
  readonly reason: Suppression;
  readonly name: string;
  /** The instrumentation that made it. */
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
}

/** Where it is kept, beside the events: an event itself never changes. */
const KIND = 'suppressed';
const MAX_KEPT = 20;

/** Keeps, for `costspan explain`, that a span was suppressed in favour of an event. */
export function rememberSuppressed(
  memory: CallMemory,
  eventId: string,
  { name, scope, traceId, spanId }: Omit<SuppressedSpan, 'reason'>,
  reason: Suppression,
): void {
  const earlier = list(memory.recall(KIND, eventId)?.spans);
  if (earlier.length >= MAX_KEPT || earlier.some((span) => object(span)?.span_id === spanId)) return;
  const span = { reason, name: name.slice(0, 200), scope, trace_id: traceId, span_id: spanId };
  memory.remember(KIND, eventId, { spans: [...earlier, span] });
}

/** The spans that were suppressed in favour of an event. */
export function suppressedFor(
  memory: Pick<CallMemory, 'recall'>,
  eventId: string,
): readonly SuppressedSpan[] {
  return list(memory.recall(KIND, eventId)?.spans).flatMap((value) => {
    const span = object(value);
    const [traceId, spanId] = [text(span?.trace_id), text(span?.span_id)];
    if (span === undefined || traceId === undefined || spanId === undefined) return [];
    const reason = (text(span.reason) ?? 'sameCall') as Suppression;
    return [{ reason, name: text(span.name) ?? '', scope: text(span.scope) ?? '', traceId, spanId }];
  });
}
