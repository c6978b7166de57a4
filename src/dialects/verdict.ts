import type { BilledCall } from './billed-calls.ts';

/**
 * Why a span about a model call became no event of its own. `ownCall`: an instrumentation of ours bills the call.
 * `responseSeen`: an event has its response id. `billedDescendant`, `billedAncestor`: a span below or above it bills
 * the call. `sameCall`: a span without a link to it does, at the same time, of the same model and size. `spanKind`:
 * agents, tools and the like repeat what the calls below them consumed.
 */
export type Suppression =
  | 'ownCall'
  | 'responseSeen'
  | 'billedDescendant'
  | 'billedAncestor'
  | 'sameCall'
  | 'spanKind';

/** `favour` is the event that bills the call instead. */
export interface Verdict {
  readonly reason: Suppression;
  readonly favour: string;
  readonly billed?: BilledCall;
}
