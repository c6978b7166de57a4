import { known } from '../base/read.ts';
import { CLOCKS_MS, isCloser, isSameCall, isUnmeasured, sameUsage, type SeenCall } from './seen-call.ts';

/** A call that has an event. */
export interface BilledCall {
  readonly call: SeenCall;
  readonly isOwn: boolean;
  /** The instrumentations whose span of this call is known: each has one. */
  readonly seenBy: Set<string>;
}

/** A call of our own that has not settled. */
export interface OpenCall {
  readonly eventId: string;
  readonly startMs: number;
  readonly models: readonly string[];
  seenBy?: Set<string>;
}

const MAX_ALIKE = 256;
const MAX_MODELS = 1_000;

/** The calls that have an event, or will have one, and how a span finds the one that it is about. */
export class BilledCalls {
  readonly #mostResponses: number;
  readonly #mostOpen: number;
  readonly #byResponse = new Map<string, BilledCall>();
  readonly #byModel = new Map<string, BilledCall[]>();
  readonly #open = new Map<string, OpenCall>();

  constructor(mostResponses: number, mostOpen: number) {
    this.#mostResponses = mostResponses;
    this.#mostOpen = mostOpen;
  }

  opened(call: OpenCall): void {
    this.#open.set(call.eventId, call);
    if (this.#open.size > this.#mostOpen) deleteOldest(this.#open);
  }

  settled({ eventId }: SeenCall): void {
    this.#open.delete(eventId);
  }

  add(call: SeenCall, isOwn: boolean): BilledCall {
    const billed: BilledCall = { call: seenCall(call), isOwn, seenBy: new Set([call.scope]) };
    if (call.responseId !== undefined && !this.#byResponse.has(call.responseId)) {
      this.#byResponse.set(call.responseId, billed);
      if (this.#byResponse.size > this.#mostResponses) deleteOldest(this.#byResponse);
    }
    for (const model of namesOf(call).kept) {
      const key = modelKey(call, model);
      const recent = this.#byModel.get(key) ?? [];
      recent.push(billed);
      if (recent.length > MAX_ALIKE) recent.splice(0, MAX_ALIKE / 2);
      this.#byModel.set(key, recent);
      if (this.#byModel.size > MAX_MODELS) deleteOldest(this.#byModel);
    }
    return billed;
  }

  /** The call with the same response id. */
  withResponseOf(call: SeenCall): BilledCall | undefined {
    const billed = call.responseId === undefined ? undefined : this.#byResponse.get(call.responseId);
    if (billed === undefined) return undefined;
    // One instrumentation that sees one id twice sees a second read of it, unless the figures are others.
    return billed.call.scope === call.scope && !sameUsage(billed.call, call) ? undefined : billed;
  }

  /**
   * Frameworks often start their spans apart from what they call (LangChain's callbacks: both are roots), and not all
   * instrumentations write the response id. Then the same process, model, time and size tell, once per instrumentation.
   */
  like(call: SeenCall): BilledCall | undefined {
    let best: BilledCall | undefined;
    for (const model of namesOf(call).sought) {
      for (const billed of this.#byModel.get(modelKey(call, model)) ?? []) {
        if (billed.seenBy.has(call.scope) || !isSameCall(billed.call, call)) continue;
        if (best === undefined || isCloser(billed.call, best.call, call)) best = billed;
      }
    }
    return best;
  }

  /** The same among the calls of our own that are under way; each instrumentation gets one once. */
  openLike(call: SeenCall): OpenCall | undefined {
    for (const open of this.#open.values()) {
      const isWithinTime = open.startMs >= call.startMs - CLOCKS_MS && open.startMs <= call.endMs;
      if (!isWithinTime || open.seenBy?.has(call.scope) === true) continue;
      if (!call.models.some((model) => open.models.includes(model))) continue;
      (open.seenBy ??= new Set()).add(call.scope);
      return open;
    }
    return undefined;
  }
}

/** What is remembered of a call; not what a caller adds to it. */
function seenCall(call: SeenCall): SeenCall {
  const { eventId, scope, layer, startMs, endMs, models } = call;
  const { key, parentKey, traceId, responseId, inputTokens, outputTokens, process } = call;
  const optional = known({ key, parentKey, traceId, responseId, inputTokens, outputTokens, process });
  return { eventId, scope, layer, startMs, endMs, models, ...optional };
}

/** Lists of all calls of a process, and of those whose model nobody said. */
const ANY = '';
const UNNAMED = ' ';

/**
 * Under which names a call is kept, and sought. A span that does not say its model may be a call of any, if it says how
 * large it was.
 */
function namesOf(call: SeenCall): { readonly kept: readonly string[]; readonly sought: readonly string[] } {
  const { models } = call;
  if (models.length > 0) return { kept: [...new Set(models), ANY], sought: [...models, UNNAMED] };
  return { kept: [ANY, UNNAMED], sought: isUnmeasured(call) ? [] : [ANY] };
}

function modelKey({ process = '' }: SeenCall, model: string): string {
  return `${process}\n${model}`;
}

/** A map keeps the order in which its entries came. */
export function deleteOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
