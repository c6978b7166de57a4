import { isPromise, type MaybePromise } from '../base/promises.ts';
import type { BudgetStore, HoldEntry, HoldRequest, HoldResult } from '../ledger/budget-store.ts';
import type { Bounds } from './bounds.ts';
import type { BudgetedCall } from './budgeted-call.ts';
import type { HeldCalls } from './held-calls.ts';
import type { HoldAmounts } from './hold-amounts.ts';
import { NOTHING_COUNTED, type Refused, refusalOf, type Verdict, verdictOn } from './refusal.ts';
import { keyOf, type Scope } from './scope.ts';
import type { StoreWork } from './store-work.ts';

interface HoldsOptions {
  readonly store: BudgetStore;
  readonly work: StoreWork;
  readonly amounts: HoldAmounts;
  readonly held: HeldCalls;
  readonly holdMs: number;
}

/** Sets aside what calls may need, in every scope of a call or in none; or says why there is no room. */
export class Holds {
  readonly #options: HoldsOptions;
  /** A store that takes long to fail is not waited for again before this time. */
  #awayUntil = 0;

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  take(
    scopes: readonly Scope[],
    call: BudgetedCall,
    bounds: () => Bounds,
    now: Date,
  ): MaybePromise<Verdict | undefined> {
    const { amounts, work, held, holdMs } = this.#options;
    const entries: HoldEntry[] = [];
    for (const scope of scopes) {
      const wanted = amounts.of(scope.budget, call, bounds);
      if ('refuse' in wanted)
        return verdictOn(refusalOf(scope, NOTHING_COUNTED, undefined, wanted.refuse), call);
      entries.push({ ...keyOf(scope), ...wanted, limit: scope.budget.limit });
    }
    const decide = (result: HoldResult): Verdict | undefined => {
      work.succeeded();
      if (result.admitted) {
        held.add(call.id);
        return undefined;
      }
      const refused = withoutRoom(result, scopes, entries);
      return refused === undefined ? undefined : verdictOn(refused, call);
    };
    const failed = (error: unknown): Verdict | undefined => {
      work.failed(error);
      const closed = scopes.find(({ budget }) => budget.onStoreError === 'block');
      if (closed === undefined) return undefined;
      return verdictOn(refusalOf(closed, NOTHING_COUNTED, undefined, 'its counters cannot be read.'), call);
    };
    const expiresAt = new Date(now.getTime() + holdMs);
    return this.#ask({ callId: call.id, now, expiresAt, entries }, decide, failed);
  }

  #ask<T>(
    request: HoldRequest,
    decide: (result: HoldResult) => T,
    failed: (error: unknown) => T,
  ): MaybePromise<T> {
    const { store, held } = this.#options;
    const started = performance.now();
    if (started < this.#awayUntil) return failed(new Error('the counters were away a moment ago'));
    try {
      const result = store.hold(request);
      if (!isPromise(result)) return decide(result);
      return result.then(decide, (error: unknown) => {
        // It may have been taken all the same: the answer alone was lost.
        held.add(request.callId);
        if (performance.now() - started > SLOW_MS) this.#awayUntil = performance.now() + AWAY_MS;
        return failed(error);
      });
    } catch (error) {
      return failed(error);
    }
  }
}

const SLOW_MS = 250;
const AWAY_MS = 1_000;

function withoutRoom(
  result: Extract<HoldResult, { admitted: false }>,
  scopes: readonly Scope[],
  entries: readonly HoldEntry[],
): Refused | undefined {
  const index = scopes.findIndex(({ counter }) => counter === result.counter);
  const scope = scopes[index];
  if (scope === undefined) return undefined;
  return refusalOf(scope, result, entries[index]?.amount, 'there is no room for this call.');
}
