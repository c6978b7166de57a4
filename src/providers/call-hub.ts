import { diag } from '../attribution/diag.ts';
import type { Attribution } from '../attribution/attribution.ts';
import type { Cost } from '../pricing/price.ts';
import type { JsonObject } from '../usage/read.ts';
import type { OpenCall, SettledCall } from './call.ts';

/**
 * Where finished calls are heard: the one thing that providers, metering and budgets share.
 *
 * It lives in a slot of `globalThis`, so that two copies of this package in a process (two versions, or one
 * bundled) find each other: the copy that patched the SDK speaks, the copy that meters listens.
 */
export interface CallHub {
  readonly version: 1;
  readonly listeners: Set<CallListener>;
  /** What must be remembered between calls; the first ledger that can keep it takes the place of the memory. */
  memory: CallMemory;
  /** Calls under way: what they consumed would be lost if the process ended now. */
  readonly open: Set<UnfinishedCall>;
  /** The end of the process is being watched. */
  endIsWatched?: boolean;
}

/** A call under way. */
export interface UnfinishedCall {
  /** Nobody will hear how it ends: it settles with what is known by now. */
  interrupt(): void;
}

/** Hears of calls. Listeners run in the request path: they are quick, and what they throw is caught. */
export interface CallListener {
  /**
   * The attribution that spans and events show: resolved, completed with defaults, redacted. Asked once, when
   * the call starts; the first listener that answers decides what the span shows.
   */
  attribute?(call: OpenCall): Attribution | undefined;
  /** Hears a finished call, once, in the moment it settles. What it returns is stamped on the call's span. */
  record(call: SettledCall): Cost | undefined;
  /** What a call would cost if it ended now, for a span that ends before the call does. Records nothing. */
  quote?(call: SettledCall): Cost | undefined;
}

/**
 * Small facts that outlive a call: who started a batch or a background response. Never throws; a ledger's memory
 * keeps what it cannot keep durably for the life of the process.
 */
export interface CallMemory {
  remember(kind: string, key: string, value: JsonObject): void;
  recall(kind: string, key: string): JsonObject | undefined;
}

const SLOT = Symbol.for('costspan.calls.v1');

/** The process's hub, created by whoever asks first. */
export function callHub(): CallHub {
  const slots = globalThis as { [SLOT]?: CallHub };
  slots[SLOT] ??= { version: 1, listeners: new Set(), memory: new RecentMemory(), open: new Set() };
  return slots[SLOT];
}

/**
 * Hears calls until the returned function is called. The last one to leave hears of the calls still under way, as
 * does everybody when the process ends: a request that was sent is billed, whether or not its reply is awaited.
 */
export function listen(listener: CallListener): () => void {
  const hub = callHub();
  hub.listeners.add(listener);
  if (hub.endIsWatched !== true) {
    hub.endIsWatched = true;
    // Before whoever writes out, at the end, what was heard.
    process.prependListener('exit', interruptCalls);
  }
  return () => {
    if (hub.listeners.size === 1 && hub.listeners.has(listener)) interruptCalls();
    hub.listeners.delete(listener);
  };
}

function interruptCalls(): void {
  for (const call of callHub().open) call.interrupt();
}

/** Tells every listener of a finished call; returns the first cost one of them names. */
export function announce(call: SettledCall): Cost | undefined {
  return firstAnswer((listener) => listener.record(call));
}

/** What the listeners would charge for a call that is not over. */
export function quote(call: SettledCall): Cost | undefined {
  return firstAnswer((listener) => listener.quote?.(call));
}

/** What may be shown of a call's attribution, as the listeners see it. */
export function shownAttribution(call: OpenCall): Attribution {
  return firstAnswer((listener) => listener.attribute?.(call)) ?? call.attribution;
}

/** Asks every listener, also after one answered. A listener that throws harms nobody. */
function firstAnswer<T>(ask: (listener: CallListener) => T | undefined): T | undefined {
  let first: T | undefined;
  for (const listener of callHub().listeners) {
    try {
      const answer = ask(listener);
      first ??= answer;
    } catch (error) {
      diag.error('costspan: a listener failed; the call itself is unharmed', error);
    }
  }
  return first;
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
