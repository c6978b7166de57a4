import type { MaybePromise } from '../base/promises.ts';
import type { BudgetStore, ThresholdCrossing } from '../ledger/budget-store.ts';
import type { Bounds } from './bounds.ts';
import type { Budget, BudgetState } from './budget.ts';
import type { BudgetBook } from './budget-book.ts';
import { type BudgetFilter, readScopes, readStatus } from './budget-status.ts';
import type { BudgetedCall } from './budgeted-call.ts';
import { type Consumption, measured } from './consumption.ts';
import { HeldCalls } from './held-calls.ts';
import { HoldAmounts } from './hold-amounts.ts';
import { Holds } from './holds.ts';
import { refusedBySize } from './max-cost.ts';
import { type BudgetNotice, createNotice } from './notice.ts';
import { stateOf, type Verdict, verdictOn } from './refusal.ts';
import { keyOf, type Scope, scopeFor, scopesOf } from './scope.ts';
import { SeenFigures } from './seen-figures.ts';
import { StoreWork, type StoreWorkState } from './store-work.ts';

export interface BudgetKeeperOptions {
  readonly book: () => BudgetBook;
  readonly store: BudgetStore;
  readonly now?: () => Date;
  readonly tell?: (notice: BudgetNotice, budget: Budget) => void;
  /** How long a hold lasts without a sign of life, in milliseconds. Default: 10 minutes. */
  readonly holdMs?: number;
  /** Calls are counted before they return. Default: right after, so that no call waits for it. */
  readonly atOnce?: boolean;
}

/**
 * Holds calls to budgets: asked before a call is sent, told when it has settled.
 *
 * Every scope of a call is held in one transaction of the store, all or none. What a call consumed is always
 * counted, whatever became of the budget since: a limit refuses the next call, never a bill.
 */
export class BudgetKeeper {
  readonly #options: BudgetKeeperOptions;
  readonly #store: BudgetStore;
  readonly #amounts = new HoldAmounts();
  readonly #work = new StoreWork();
  readonly #seen: SeenFigures;
  readonly #held: HeldCalls;
  readonly #holds: Holds;

  constructor(options: BudgetKeeperOptions) {
    const { store, holdMs = 600_000 } = options;
    this.#options = options;
    this.#store = store;
    this.#seen = new SeenFigures(store, this.#work);
    this.#held = new HeldCalls({
      holdMs,
      now: () => this.#now(),
      renew: (callId, until, now) => this.#work.attempt(() => store.renew(callId, until, now)),
    });
    this.#holds = new Holds({ store, work: this.#work, amounts: this.#amounts, held: this.#held, holdMs });
  }

  /** What the counters did not take, and what waits for them. */
  get state(): StoreWorkState {
    return this.#work.state;
  }

  /** Whether a call under way holds something, of a budget that may be gone by now. */
  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  /** Undefined, and not a promise, where no budget has anything to say: such a call does not wait. */
  admit(call: BudgetedCall, bounds: () => Bounds): MaybePromise<Verdict | undefined> {
    const scopes = scopesOf(this.#options.book(), call).filter(
      ({ budget }) => budget.mode !== 'observe' || budget.maxCost !== undefined,
    );
    if (scopes.length === 0) return undefined;
    this.#work.drain();
    const asked = remembered(bounds);
    const refused =
      refusedBySize(scopes, asked) ??
      this.#seen.refusal(
        scopes.filter(({ budget }) => budget.mode === 'check'),
        this.#now(),
      );
    if (refused !== undefined) return verdictOn(refused, call);
    const holding = scopes.filter(({ budget }) => budget.mode === 'hold' || budget.mode === 'strict');
    return holding.length === 0 ? undefined : this.#holds.take(holding, call, asked, this.#now());
  }

  /** Counts a finished call, and says where; `consumed` is undefined for one that consumed nothing. */
  settle(call: BudgetedCall, eventId: string, consumed: Consumption | undefined): readonly Scope[] {
    const wasHeld = this.#held.delete(call.id);
    if (consumed === undefined) {
      if (wasHeld) this.#count(() => this.#store.release(call.id));
      return [];
    }
    const scopes = scopesOf(this.#options.book(), call);
    if (scopes.length === 0 && !wasHeld) return [];
    const counted = scopes.flatMap((scope) => {
      const amount = measured(scope.budget, consumed);
      if (amount === undefined) return [];
      this.#amounts.learn(scope.budget, call, amount);
      return [{ scope, entry: entryOf(scope, amount) }];
    });
    if (counted.length === 0 && !wasHeld) return [];
    const now = this.#now();
    const entries = counted.map(({ entry }) => entry);
    this.#count(
      () => this.#store.settle({ callId: call.id, eventId, now, entries }),
      (crossings) => {
        this.#crossed(crossings, scopes);
        this.#seen.refresh(
          counted.flatMap(({ scope }) => (scope.budget.mode === 'check' ? [scope] : [])),
          this.#now(),
        );
      },
    );
    return scopes;
  }

  /** How far budgets are used, for every scope that has counted or holds something in its period of now. */
  async status(filter: BudgetFilter = {}): Promise<readonly BudgetState[]> {
    await this.#work.flush();
    return readStatus(this.#store, this.#options.book(), this.#now(), filter);
  }

  /** How far budgets are used in the periods of now, for scopes that were met before. */
  statusOf(scopes: readonly Scope[]): Promise<readonly BudgetState[]> {
    const book = this.#options.book();
    const now = this.#now();
    const current = scopes.flatMap(({ budget: { id }, values }) => {
      const budget = book.of(values.customer).find((each) => each.id === id);
      return budget === undefined ? [] : [scopeFor(book.limitedFor(budget, values.customer), values, now)];
    });
    return readScopes(this.#store, current, now);
  }

  /** Hands to the store what waits for it, at once. */
  drain(): void {
    this.#work.drain();
  }

  /** Resolves when everything told so far is counted, or was tried once more. */
  flush(): Promise<void> {
    return this.#work.flush();
  }

  /** Keeps no timer: what calls under way hold expires, unless they settle before. */
  stop(): void {
    this.#held.stop();
    this.#work.stop();
  }

  #count<T>(act: () => MaybePromise<T>, then?: (value: T) => void): void {
    this.#work.settle(act, then);
    if (this.#options.atOnce === true) this.#work.drain();
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date();
  }

  #crossed(crossings: readonly ThresholdCrossing[], scopes: readonly Scope[]): void {
    for (const { counter, percent, spent } of crossings) {
      const scope = scopes.find((each) => each.counter === counter);
      if (scope === undefined) continue;
      const now = this.#now();
      const state = stateOf(scope, { counter, spent, held: '0' }, now);
      this.#options.tell?.(createNotice(scope.budget, state, percent, now), scope.budget);
    }
  }
}

function entryOf(scope: Scope, amount: string) {
  const { limit, thresholds } = scope.budget;
  return { ...keyOf(scope), amount, limit, thresholds, scope: JSON.stringify(scope.values) };
}

function remembered<T>(ask: () => T): () => T {
  let answer: { readonly value: T } | undefined;
  return () => (answer ??= { value: ask() }).value;
}
