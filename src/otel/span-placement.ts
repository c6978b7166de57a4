import type { Span } from '@opentelemetry/api';
import { readSpan } from '../dialects/dialects.ts';
import { readSdkSpan } from '../dialects/sdk-span.ts';
import type { SpanPlacement } from '../calls/hub.ts';

/**
 * Which spans show a call. `own`: a GenAI span of ours. `enrich`: the span of another instrumentation that is active
 * where the call is made, if it is about a model call; else our own. `none`: no span of ours, and nothing on others'.
 */
export type SpanMode = 'own' | 'enrich' | 'none';

/** Where a call is shown, given the span that is active where it was made. */
export function placeSpan(mode: SpanMode, active: Span | undefined): SpanPlacement {
  if (mode !== 'enrich') return mode;
  if (active?.isRecording() !== true || shown.has(active) || !isModelCall(active)) return 'own';
  // One span shows one call: a framework may make several below one span.
  shown.add(active);
  return 'active';
}

const shown = new WeakSet<Span>();

/** What a span is stands in the attributes it was started with. */
function isModelCall(span: Span): boolean {
  const read = readSdkSpan(span);
  return read !== undefined && readSpan(read)?.role === 'call';
}
