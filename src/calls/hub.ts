import type { Attributes, Span } from '@opentelemetry/api';
import { diag } from '../base/diag.ts';
import type { MaybePromise } from '../base/promises.ts';
import type { Redactor } from '../attribution/attribution.ts';
import type { ShownAttribution } from '../attribution/shown.ts';
import { join, shared } from '../base/process.ts';
import type { Cost } from '../pricing/price.ts';
import type { JsonObject } from '../base/read.ts';
import type { OpenCall, SettledCall, ShownOpenCall } from './call.ts';

/**
 * Where finished calls are heard: the one thing that instrumentations, metering and budgets share.
 *
 * It is a part of the process's slot, so that two copies of this package in a process (two versions, or one
 * bundled) find each other: the copy that patched the SDK speaks, the copy that meters listens.
 */
export interface CallHub {
  readonly listeners: CallListener[];
  /** What must be remembered between calls: the process's own memory, then those of ledgers. */
  readonly memories: CallMemory[];
  /** Calls under way: what they consumed would be lost if the process ended now. */
  readonly open: Set<UnfinishedCall>;
  /** Stops watching the end of the process. */
  stopWatching?: () => void;
}

/** A call under way. */
export interface UnfinishedCall {
  /** The process ends, or nobody listens any more: it settles with what is known by now. */
  interrupt(): void;
}

/** Hears of calls. Listeners run in the request path: they are quick, and what they throw is caught. */
export interface CallListener {
  /** False: the call is not this listener's, and it hears nothing more of it. Asked once. Default: all are. */
  takes?(call: OpenCall): boolean;
  /**
   * The attribution as this listener shows it to its own sinks: resolved, completed with defaults, redacted. Asked
   * once, when the call starts. The span shows what the first listener says, redacted by all.
   */
  show?(call: OpenCall): ShownAttribution;
  /** Completes what was remembered of a call, where nobody was named: a batch's line, a background response. */
  complete?(remembered: ShownAttribution): ShownAttribution;
  /** What `show` redacts with, as it was given to `joinRedactor`. */
  readonly redact?: Redactor | undefined;
  /** Where the trace shows the call; `active` is the span in whose context it was made. Default: on a span of ours. */
  placeSpan?(active: Span | undefined): SpanPlacement;
  /** What else its span says, once when it starts and, with a cost, when it has settled. */
  spanAttributes?(call: ShownOpenCall | SettledCall, cost?: Cost): Attributes;
  /**
   * Asked before a byte of the call is sent: undefined lets it go as it is. A promise holds the call back until it
   * is settled; one that rejects lets the call go. Every call that was let go is heard by `record`, however it ends.
   */
  admit?(call: OpenCall): MaybePromise<Admission | undefined>;
  /** Hears a finished call, once, in the moment it settles. What it returns is stamped on the call's span. */
  record(call: SettledCall): Cost | undefined;
  /** What a call would cost if it ended now, for a span that ends before the call does. Records nothing. */
  quote?(call: SettledCall): Cost | undefined;
}

/** On a span of ours, on the span that is active, or nowhere. */
export type SpanPlacement = 'own' | 'active' | 'none';

/** What a listener says to a call that is about to be sent. */
export type Admission =
  /** Send nothing: the application's call is rejected with this error, and heard as `denied`. */
  | { readonly error: Error; readonly model?: never }
  /** Ask this model instead. */
  | { readonly model: string; readonly error?: never };

/**
 * Small facts that outlive a call: who started a batch or a background response. Never throws; a ledger's memory
 * keeps what it cannot keep durably for the life of the process.
 */
export interface CallMemory {
  remember(kind: string, key: string, value: JsonObject): void;
  recall(kind: string, key: string): JsonObject | undefined;
}

/** How one call looks to each listener. */
export interface CallViews {
  /** The attribution as the listener shows it; undefined when the call is not its. */
  of(listener: CallListener): ShownAttribution | undefined;
}

/** The process's hub, created by whoever asks first. */
export function callHub(): CallHub {
  return shared('calls', () => ({ listeners: [], memories: [new RecentMemory()], open: new Set() }));
}

/**
 * Hears calls until the returned function is called. The last one to leave hears of the calls still under way, as
 * does everybody when the process ends: a request that was sent is billed, whether or not its reply is awaited.
 */
export function listen(listener: CallListener): () => void {
  const hub = callHub();
  const leave = join(hub.listeners, listener);
  if (hub.stopWatching === undefined) {
    // Before whoever writes out, at the end, what was heard.
    process.prependListener('exit', interruptCalls);
    hub.stopWatching = () => process.removeListener('exit', interruptCalls);
  }
  return () => {
    if (hub.listeners.length === 1 && hub.listeners[0] === listener) interruptCalls();
    leave();
    if (hub.listeners.length > 0) return;
    hub.stopWatching?.();
    delete hub.stopWatching;
  };
}

/** What remembers between calls: the newest ledger that can, or else the process. */
export function callMemory(): CallMemory {
  return callHub().memories.at(-1) ?? NO_MEMORY;
}

/** Makes a memory the one that counts. Returns the way out. */
export function joinMemory(memory: CallMemory): () => void {
  return join(callHub().memories, memory);
}

function interruptCalls(): void {
  for (const call of callHub().open) call.interrupt();
}

/**
 * Tells every listener of a finished call; returns the first cost one of them names. Without `views` all see the
 * attribution that the call carries: it was remembered, and redacted by all.
 */
export function announce(call: SettledCall, views?: CallViews): Cost | undefined {
  return firstAnswer(call, views, (listener, seen) => listener.record(seen));
}

/** What the listeners would charge for a call that is not over. */
export function quote(call: SettledCall, views?: CallViews): Cost | undefined {
  return firstAnswer(call, views, (listener, seen) => listener.quote?.(seen));
}

/** Asks every listener whose call it is, also after one answered. One that throws does not stop the others. */
function firstAnswer(
  call: SettledCall,
  views: CallViews | undefined,
  ask: (listener: CallListener, call: SettledCall) => Cost | undefined,
): Cost | undefined {
  let first: Cost | undefined;
  for (const listener of callHub().listeners) {
    const answer = guarded(() => {
      const attribution = views === undefined ? remembered(call, listener) : views.of(listener);
      if (attribution === undefined) return undefined;
      return ask(listener, attribution === call.attribution ? call : { ...call, attribution });
    });
    first ??= answer;
  }
  return first;
}

function remembered(call: SettledCall, listener: CallListener): ShownAttribution | undefined {
  if (listener.takes?.(call) === false) return undefined;
  return listener.complete?.(call.attribution) ?? call.attribution;
}

/** Asks a listener something; what it throws is told to `diag`. */
export function guarded<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    diag.error('costspan: a listener failed; the call itself is unharmed', error);
    return undefined;
  }
}

/** Keeps the newest facts of this process, for set-ups without a ledger. */
class RecentMemory implements CallMemory {
  readonly #facts = new Map<string, JsonObject>();

  remember(kind: string, key: string, value: JsonObject): void {
    this.#facts.set(`${kind}\n${key}`, value);
    if (this.#facts.size <= MAX_FACTS) return;
    const oldest = this.#facts.keys().next().value;
    if (oldest !== undefined) this.#facts.delete(oldest);
  }

  recall(kind: string, key: string): JsonObject | undefined {
    return this.#facts.get(`${kind}\n${key}`);
  }
}

const MAX_FACTS = 100_000;

/** A part made by a copy that keeps no memory of its own. */
const NO_MEMORY: CallMemory = { remember: () => undefined, recall: () => undefined };
