import { asGiven, shareAttribution, type ShownAttribution, withoutContext } from '../attribution/shown.ts';
import type { OpenCall } from './call.ts';
import { callHub, type CallListener, type CallViews, guarded } from './hub.ts';

/** How a call may be shown: to each listener by its own rules, and redacted by all on what they share. */
export class ShownCall implements CallViews {
  /** For spans and memories: as the first listener whose call it is resolves it. */
  readonly shared: ShownAttribution;
  readonly #call: OpenCall;
  readonly #views = new Map<CallListener, ShownAttribution | undefined>();

  /** Asks every listener now: a resolver hears of a call when it is made. */
  constructor(call: OpenCall) {
    this.#call = call;
    let first: ShownAttribution | undefined;
    for (const listener of callHub().listeners) {
      const view = this.of(listener);
      if (first === undefined && view !== undefined && listener.show !== undefined)
        first = shareAttribution(view, listener.redact);
    }
    this.shared = first ?? shareAttribution(call.attribution);
  }

  of(listener: CallListener): ShownAttribution | undefined {
    if (!this.#views.has(listener)) this.#views.set(listener, viewOf(this.#call, listener));
    return this.#views.get(listener);
  }
}

/** What may be shown of a call's attribution on what all listeners share. */
export function shownAttribution(call: OpenCall): ShownAttribution {
  return new ShownCall(call).shared;
}

function viewOf(call: OpenCall, listener: CallListener): ShownAttribution | undefined {
  if (guarded(() => listener.takes?.(call)) === false) return undefined;
  if (listener.show === undefined) return asGiven(call.attribution);
  return guarded(() => listener.show?.(call)) ?? withoutContext(call.attribution);
}
