import { known } from '../base/read.ts';
import { type BilledCall, BilledCalls, type OpenCall } from './billed-calls.ts';
import type { SeenCall } from './seen-call.ts';
import { callsAbove, callsBelow, type SpanNode, SpanTree } from './span-tree.ts';
import type { SpanRole } from './span.ts';
import type { Suppression, Verdict } from './verdict.ts';

/** What becomes of an offered call. `favour` is the event that bills it instead. */
export type Decision<Call extends SeenCall> =
  | { readonly bill: Call }
  | { readonly suppress: Call; readonly reason: Suppression; readonly favour: string };

export interface ChargeOnceBounds {
  /** How long a span of a framework waits for one that is nearer to the wire. */
  readonly windowMs: number;
  /** How many spans are remembered, and how many calls wait; the oldest go first. */
  readonly maxSpans: number;
  readonly maxPending: number;
}

export const DEFAULT_BOUNDS: ChargeOnceBounds = { windowMs: 1_000, maxSpans: 50_000, maxPending: 10_000 };

/**
 * Decides which of the spans that several layers make of one call is billed: the one nearest to the wire. Pure: time
 * is given, and what is decided is returned. Order of the rules: a call of our own, a response id that has an event, a
 * billed descendant; then whatever else shows that two spans are one call.
 *
 * Spans may end in any order. One that stands where the request is sent is decided as soon as nothing below it is
 * open; one of a framework waits for the window, because what is below may not be linked to it; one that does not know
 * the usage waits twice as long.
 */
export class ChargeOnce<Call extends SeenCall> {
  readonly #bounds: ChargeOnceBounds;
  readonly #spans: SpanTree;
  readonly #calls: BilledCalls;
  #pending: Pending<Call>[] = [];
  #waiting: ReadonlySet<string> = new Set();

  constructor(bounds: Partial<ChargeOnceBounds> = {}) {
    this.#bounds = { ...DEFAULT_BOUNDS, ...bounds };
    this.#spans = new SpanTree(this.#bounds.maxSpans);
    this.#calls = new BilledCalls(this.#bounds.maxSpans, this.#bounds.maxPending);
  }

  /** When the next waiting call is due; undefined when none waits. */
  get nextDeadline(): number | undefined {
    return this.#pending[0]?.deadline;
  }

  /** How many spans are remembered. */
  get size(): number {
    return this.#spans.size;
  }

  /** A span was started in this process: whatever is above it waits for it. */
  started(key: string, parentKey?: string): void {
    this.#spans.started(key, parentKey);
  }

  /** A span ended; `role` is what it is to a bill. */
  ended(key: string, parentKey: string | undefined, role: SpanRole | 'other'): void {
    this.#spans.ended(key, parentKey, role);
  }

  /** A call of our own is under way, on a span that it may have. */
  opened(call: OpenCall): void {
    this.#calls.opened(call);
  }

  /** A span belongs to a call of our own, which is billed or will be. */
  ownSpan(key: string, eventId: string): void {
    this.#spans.node(key).own = eventId;
  }

  /** A call of our own has settled, and has an event. */
  settled(call: SeenCall): void {
    this.#calls.settled(call);
    if (call.key !== undefined) this.ownSpan(call.key, call.eventId);
    this.#bill(call, true);
  }

  /** A call that has an event, from an earlier life of this process or from another; not one that is known already. */
  recall(call: SeenCall & { readonly key: string }): void {
    const node = this.#spans.node(call.key);
    if (node.billed !== undefined || node.own !== undefined) return;
    this.#spans.node(call.key, call.parentKey);
    this.#bill(call, false);
  }

  /** A span that may be billed has ended. */
  offer(call: Call & { readonly key: string }, now: number): void {
    this.ended(call.key, call.parentKey, 'call');
    // Those who know the usage are decided before.
    const windows = call.layer === 'blind' ? 2 : 1;
    this.#pending.push({ call, key: call.key, deadline: now + windows * this.#bounds.windowMs });
  }

  /** Whether `decide` left a span undecided. */
  waits(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Decides all that can be decided by now; `Infinity` decides everything. */
  decide(now: number): Decision<Call>[] {
    const tooMany = this.#pending.length - this.#bounds.maxPending;
    const waiting: Pending<Call>[] = [];
    const decisions: Decision<Call>[] = [];
    const order = this.#pending.map((pending, index) => ({ pending, isLast: index < tooMany }));
    for (const { pending, isLast } of order.toSorted(innermostFirst)) {
      const decision = this.#decide(pending, isLast ? Number.POSITIVE_INFINITY : now);
      if (decision === undefined) waiting.push(pending);
      else decisions.push(decision);
    }
    this.#pending = waiting.toSorted((a, b) => a.deadline - b.deadline);
    this.#waiting = new Set(waiting.map(({ key }) => key));
    return decisions;
  }

  #decide({ call, key, deadline }: Pending<Call>, now: number): Decision<Call> | undefined {
    const node = this.#spans.node(key);
    // The same span again: it has the same event.
    if (node.billed?.call.eventId === call.eventId) return { bill: call };
    const verdict =
      node.verdict ??
      ownVerdict(node) ??
      verdictOf(this.#calls.withResponseOf(call), 'responseSeen') ??
      firstVerdict(callsBelow(node), 'billedDescendant') ??
      firstVerdict(callsAbove(node), 'billedAncestor') ??
      verdictOf(this.#calls.like(call), 'sameCall');
    if (verdict !== undefined) return this.#suppress(call, node, verdict);
    const mayWait = call.layer !== 'wire' || node.openChildren > 0;
    if (mayWait && now < deadline) return undefined;
    const open = this.#calls.openLike(call);
    if (open !== undefined) return this.#suppress(call, node, { reason: 'ownCall', favour: open.eventId });
    this.#bill(call, false);
    return { bill: call };
  }

  #suppress(call: Call, node: SpanNode, { reason, favour, billed }: Verdict): Decision<Call> {
    this.#spans.decided(node, { reason, favour });
    billed?.seenBy.add(call.scope);
    return { suppress: call, reason, favour };
  }

  #bill(call: SeenCall, isOwn: boolean): void {
    const billed = this.#calls.add(call, isOwn);
    if (call.key !== undefined) this.#spans.billed(call.key, billed);
  }
}

interface Pending<Call> {
  readonly call: Call;
  readonly key: string;
  readonly deadline: number;
}

function ownVerdict({ own }: SpanNode): Verdict | undefined {
  return own === undefined ? undefined : { reason: 'ownCall', favour: own };
}

function verdictOf(billed: BilledCall | undefined, reason: Suppression): Verdict | undefined {
  return billed && { reason: billed.isOwn ? 'ownCall' : reason, favour: billed.call.eventId, billed };
}

/** Of the first of these spans of which it is known who bills them. */
function firstVerdict(nodes: Iterable<SpanNode>, reason: Suppression): Verdict | undefined {
  for (const node of nodes) {
    const own = ownVerdict(node);
    if (own !== undefined) return { ...own, ...known({ billed: node.billed }) };
    if (node.billed !== undefined) return verdictOf(node.billed, reason);
    const { verdict } = node;
    if (verdict !== undefined)
      return { reason: verdict.reason === 'ownCall' ? 'ownCall' : reason, favour: verdict.favour };
  }
  return undefined;
}

const ORDER = ['wire', 'framework', 'blind'] as const;

/** Those at the wire before those of frameworks, those who know nothing last, and inner ones before outer ones. */
function innermostFirst(
  { pending: { call: a } }: { readonly pending: Pending<SeenCall> },
  { pending: { call: b } }: { readonly pending: Pending<SeenCall> },
): number {
  if (a.layer !== b.layer) return ORDER.indexOf(a.layer) - ORDER.indexOf(b.layer);
  return b.startMs - a.startMs || a.endMs - b.endMs;
}
