import type { Layer } from './dialect.ts';

/** A call somebody saw: a span that may be billed, or a call of our own. */
export interface SeenCall {
  /** The id of its event. */
  readonly eventId: string;
  /** Trace and span id; absent for a call of ours without a span. */
  readonly key?: string;
  readonly parentKey?: string;
  readonly traceId?: string;
  /** Who saw it: two spans of one instrumentation are two calls. */
  readonly scope: string;
  /** `blind`: it saw the call and not what it consumed; any other span of the call is better. */
  readonly layer: Layer | 'blind';
  readonly startMs: number;
  readonly endMs: number;
  readonly responseId?: string;
  /** The model that was asked and the one that answered. */
  readonly models: readonly string[];
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** Which process made it, where several send to one place. */
  readonly process?: string;
}

/** Whether two layers that nothing links saw one call: at one time, in one trace or unlinked, and of one size. */
export function isSameCall(a: SeenCall, b: SeenCall): boolean {
  if (a.responseId !== undefined && b.responseId !== undefined && a.responseId !== b.responseId) return false;
  return (isDuring(a, b) || isDuring(b, a)) && mayBeOneTrace(a, b) && isAlike(a, b);
}

function isDuring(inner: SeenCall, outer: SeenCall): boolean {
  return (
    inner.startMs >= outer.startMs - CLOCKS_MS &&
    inner.startMs <= outer.endMs &&
    inner.endMs <= outer.endMs + LATE_END_MS
  );
}

/** One trace, or two of which one begins with the call: nobody linked it to anything. */
function mayBeOneTrace(a: SeenCall, b: SeenCall): boolean {
  return (
    a.traceId === undefined ||
    b.traceId === undefined ||
    a.traceId === b.traceId ||
    a.parentKey === undefined ||
    b.parentKey === undefined
  );
}

/**
 * Of two that both stand at the wire the figures must be the same. A framework may get one of them wrong
 * (`@langchain/anthropic` counts 213 tokens of output for 210), or have none.
 */
function isAlike(a: SeenCall, b: SeenCall): boolean {
  if (isUnmeasured(a) || isUnmeasured(b) || sameUsage(a, b)) return true;
  const atWire = a.layer === 'wire' && b.layer === 'wire';
  return !atWire && (same(a.inputTokens, b.inputTokens) || same(a.outputTokens, b.outputTokens));
}

/** Whether it is unknown what it consumed. */
export function isUnmeasured({ inputTokens, outputTokens }: SeenCall): boolean {
  return inputTokens === undefined && outputTokens === undefined;
}

/** Whether both tell the same figures. */
export function sameUsage(a: SeenCall, b: SeenCall): boolean {
  return a.inputTokens === b.inputTokens && a.outputTokens === b.outputTokens;
}

function same(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && a === b;
}

/** Of two that may be the same call as `to`, whether the first is the better match. */
export function isCloser(a: SeenCall, b: SeenCall, to: SeenCall): boolean {
  const [alikeA, alikeB] = [sameUsage(a, to), sameUsage(b, to)];
  if (alikeA !== alikeB) return alikeA;
  return Math.abs(a.startMs - to.startMs) < Math.abs(b.startMs - to.startMs);
}

/** Milliseconds by which the clocks of two layers may differ. */
export const CLOCKS_MS = 10;
/** Milliseconds by which the inner span of a stream may end after the outer one. */
const LATE_END_MS = 1_000;
