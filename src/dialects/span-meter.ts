import { Recent } from '../base/recent.ts';
import type { Context } from '@opentelemetry/api';
import { type Attribution, UNATTRIBUTED } from '../attribution/attribution.ts';
import type { ShownAttribution } from '../attribution/shown.ts';
import { attributionOf } from '../attribution/who-pays.ts';
import { type JsonObject, known, object, text } from '../base/read.ts';
import { type OpenCall, type SettledCall, usageOf } from '../calls/call.ts';
import type { CallMemory } from '../calls/hub.ts';
import { ATTRIBUTES } from '../usage/attributes.ts';
import { ChargeOnce, type ChargeOnceBounds, type Decision } from './charge-once.ts';
import type { Suppression } from './verdict.ts';
import { readSpan } from './dialects.ts';
import type { SeenCall } from './seen-call.ts';
import { attributesOf, idsOf, readSdkSpan, type SpanIds } from './sdk-span.ts';
import type { EndedSpan } from './span.ts';
import {
  modelNames,
  type OfferedCall,
  offeredCall,
  openCallOf,
  settledCallOf,
  spanKey,
} from './span-call.ts';
import { completedBy, spanAttribution, type SpanAttributionOptions } from './span-attribution.ts';
import { rememberSuppressed } from './suppressed.ts';

export interface SpanMeterOptions extends SpanAttributionOptions {
  /** Completes what scope, baggage and span said: resolver, defaults, redaction. */
  readonly show: (call: OpenCall) => ShownAttribution;
  /** False: the call is not this meter's. Default: all are. */
  readonly takes?: (call: OpenCall) => boolean;
  /** Hears each call that is billed; `offered` says what the event cannot. */
  readonly bill: (call: SettledCall, offered: OfferedCall) => void;
  /** Where it is kept which spans were suppressed in favour of an event. */
  readonly memory?: CallMemory;
  readonly bounds?: Partial<ChargeOnceBounds>;
  /**
   * Spans of our own instrumentations: `heard` when this process hears their calls directly, `billed` when spans are
   * all that comes. Default: `heard`.
   */
  readonly ownSpans?: 'heard' | 'billed';
  readonly now?: () => number;
}

/**
 * Turns spans of other instrumentations into calls, each call once. It is told of spans as they start and end, and of
 * the calls of our own; what it bills it says through `bill`.
 */
export class SpanMeter {
  readonly #options: SpanMeterOptions;
  readonly #once: ChargeOnce<OfferedCall>;
  readonly #now: () => number;
  /** For whom the spans under way were started. */
  readonly #started = new Recent<string, Attribution>(MAX_STARTED);
  readonly #suppressed: Partial<Record<Suppression, number>> = {};
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SpanMeterOptions) {
    this.#options = options;
    this.#once = new ChargeOnce(options.bounds);
    this.#now = options.now ?? (() => performance.now());
  }

  /** Spans that became no event of their own, by reason. */
  get suppressed(): Readonly<Partial<Record<Suppression, number>>> {
    return { ...this.#suppressed };
  }

  /** For a span processor's `onStart`: whom a call is for is read when it is made. */
  started(span: unknown, parentContext: Context): void {
    const ids = idsOf(span);
    if (ids === undefined) return;
    const key = spanKey(ids.traceId, ids.spanId);
    this.#once.started(key, parentKeyOf(ids));
    const attribution = attributionOf(parentContext);
    if (attribution === UNATTRIBUTED) return;
    this.#started.set(key, attribution);
  }

  /** For a span processor's `onEnd`. */
  ended(span: unknown): void {
    const ids = idsOf(span);
    if (ids === undefined) return;
    const key = spanKey(ids.traceId, ids.spanId);
    const ownId = text(attributesOf(object(span) ?? {})[ATTRIBUTES.eventId]);
    if (ownId !== undefined) {
      this.#started.delete(key);
      this.#once.ownSpan(key, ownId);
      this.#once.ended(key, parentKeyOf(ids), 'call');
      return this.#decide(this.#now());
    }
    const read = readSdkSpan(span);
    if (read !== undefined) this.offer(read);
    this.#decide(this.#now());
  }

  /** A span from wherever; `decide` follows when all that came together was offered. */
  offer(span: EndedSpan): void {
    const key = spanKey(span.traceId, span.spanId);
    const said = this.#started.get(key) ?? UNATTRIBUTED;
    this.#started.delete(key);
    const reading = readSpan(span);
    if (reading?.role !== 'call') {
      this.#once.ended(key, parentKeyOf(span), reading?.role ?? 'other');
      if (reading !== undefined && saysUsage(span.attributes)) this.#count('spanKind');
      return;
    }
    const { attributes } = span;
    const attribution = completedBy(said, spanAttribution(attributes, reading.call.metadata, this.#options));
    if (!attribution.tracked) return this.#once.ended(key, parentKeyOf(span), 'call');
    this.#once.offer(offeredCall(span, reading, attribution), this.#now());
  }

  /** A call that has an event, from an earlier life of this process. */
  recall(call: SeenCall & { readonly key: string }): void {
    this.#once.recall(call);
  }

  /** Whether it is still open what becomes of a span. */
  waits({ traceId, spanId }: EndedSpan): boolean {
    return this.#once.waits(spanKey(traceId, spanId));
  }

  /** A call of our own is under way. */
  opened(call: OpenCall): void {
    this.#once.opened({
      eventId: call.id,
      startMs: call.startTime.getTime(),
      models: modelNames(call.request.model),
    });
  }

  /** A call of our own has settled. */
  heard(call: SettledCall): void {
    const { id, startTime, durationMs = 0, reading, request, traceId, spanId } = call;
    const usage = usageOf(call);
    this.#once.settled({
      eventId: id,
      scope: OWN,
      layer: 'wire',
      startMs: startTime.getTime(),
      endMs: startTime.getTime() + durationMs,
      models: modelNames(request.model, reading.responseModel),
      ...known({
        key: traceId === undefined || spanId === undefined ? undefined : spanKey(traceId, spanId),
        traceId,
        responseId: reading.responseId,
        inputTokens: usage.inputTokens,
        outputTokens: usage.outputTokens,
      }),
    });
    this.#decide(this.#now());
  }

  /** Decides all that is due; `Infinity` decides whatever waits. */
  decide(now: number = this.#now()): void {
    this.#decide(now);
  }

  /** Decides whatever waits, and waits for nothing more. */
  flush(): void {
    this.#decide(Number.POSITIVE_INFINITY);
  }

  #decide(now: number): void {
    if (this.#once.nextDeadline === undefined) return;
    for (const decision of this.#once.decide(now)) this.#carryOut(decision);
    this.#wake();
  }

  #carryOut(decision: Decision<OfferedCall>): void {
    if ('bill' in decision) {
      const { bill } = decision;
      const open = openCallOf(bill);
      if (this.#options.takes?.(open) === false) return;
      return this.#options.bill(settledCallOf(bill, this.#options.show(open)), bill);
    }
    const { suppress, reason, favour } = decision;
    this.#count(reason);
    if (this.#options.memory !== undefined)
      rememberSuppressed(this.#options.memory, favour, suppress, reason);
  }

  #count(reason: Suppression): void {
    this.#suppressed[reason] = (this.#suppressed[reason] ?? 0) + 1;
  }

  #wake(): void {
    const deadline = this.#once.nextDeadline;
    if (deadline === undefined || this.#timer !== undefined) return;
    const due = Math.max(0, deadline - this.#now()) + 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#decide(this.#now());
    }, due);
    this.#timer.unref();
  }
}

const OWN = 'costspan';
const MAX_STARTED = 50_000;

function parentKeyOf({ traceId, parentSpanId }: SpanIds): string | undefined {
  return parentSpanId === undefined ? undefined : spanKey(traceId, parentSpanId);
}

/** Whether a span that is no call repeats what calls consumed. */
function saysUsage(attributes: JsonObject): boolean {
  for (const name in attributes) if (USAGE.test(name)) return true;
  return false;
}

const USAGE = /^(?:gen_ai\.usage|ai\.usage|llm\.(?:usage|token_count)|langfuse\.observation\.usage)/;
