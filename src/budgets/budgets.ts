import type { Attribution } from '../attribution/attribution.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { isPromise, type MaybePromise } from '../base/promises.ts';
import { known } from '../base/read.ts';
import { Recent } from '../base/recent.ts';
import { warnOnce } from '../base/warn-once.ts';
import type { OpenCall, SettledCall } from '../calls/call.ts';
import type { BudgetStore } from '../ledger/budget-store.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { PriceList } from '../pricing/price.ts';
import { Budget, type BudgetState, checkDistinct } from './budget.ts';
import type { BudgetedCall } from './budgeted-call.ts';
import { boundsOf } from './bounds.ts';
import { BudgetKeeper } from './budget-keeper.ts';
import { consumptionOf } from './consumption.ts';
import type { BudgetFilter } from './budget-status.ts';
import { isBypassed } from './bypass.ts';
import { readBudgets } from './definition.ts';
import { KnownBudgets } from './known-budgets.ts';
import { MemoryBudgetStore } from './memory-budget-store.ts';
import { BudgetNotifier, checkNotify, type NotifyTarget } from './notify.ts';
import { type LimitTokenOptions, signLimits } from './limit-token.ts';
import { reachedLimits } from './reached-limits.ts';
import {
  checkRemoteLimits,
  RemoteLimits,
  type RemoteLimitsOptions,
  type RemoteLimitsState,
} from './remote-limits.ts';
import type { Verdict } from './refusal.ts';
import type { Scope } from './scope.ts';
import type { StoreWorkState } from './store-work.ts';

export interface BudgetsOptions {
  /** In code, or the path of a file. */
  readonly budgets?: readonly Budget[] | string;
  readonly notify?: readonly NotifyTarget[];
  readonly prices: readonly PriceList[];
  /** Of the ledger among the sinks; without one, budgets end with the process. */
  readonly store?: BudgetStore;
  /** Calls are counted before they return. */
  readonly atOnce?: boolean;
  /** Somebody asks for `recentStatus`. */
  readonly isObserved?: boolean;
  readonly remoteLimits?: RemoteLimitsOptions;
}

/** How budgets are doing, for `health()`. */
export interface BudgetsState extends StoreWorkState {
  /** Where limits come from a token. */
  readonly remote?: RemoteLimitsState;
}

/**
 * The budgets of one processor: those given in code, and those kept in its ledger, which are read again every few
 * seconds. Asked before a call is sent, told when it has settled.
 */
export class Budgets {
  readonly #known: KnownBudgets;
  readonly #prices: readonly PriceList[];
  readonly #keeper: BudgetKeeper;
  readonly #notifier: BudgetNotifier;
  readonly #remote: RemoteLimits | undefined;
  /** Scopes of the calls that settled last, by counter. */
  readonly #recent: Recent<string, Scope> | undefined;

  constructor({
    budgets = [],
    notify = [],
    prices,
    store,
    atOnce = false,
    isObserved = false,
    remoteLimits,
  }: BudgetsOptions) {
    this.#remote = remoteLimits && new RemoteLimits(remoteLimits);
    this.#known = new KnownBudgets(budgets, store);
    this.#prices = prices;
    this.#recent = isObserved ? new Recent(MAX_RECENT) : undefined;
    const counters = store ?? new MemoryBudgetStore();
    this.#notifier = new BudgetNotifier({ targets: notify, store: counters });
    this.#keeper = new BudgetKeeper({
      book: () => this.#known.book,
      store: counters,
      atOnce,
      tell: (notice, { action }) => {
        this.#notifier.tell(notice);
        const { state, threshold } = notice;
        if (action === 'warn' || (action === 'block' && threshold >= 100))
          warnOnce(`budget '${state.id}' has passed ${threshold} % of ${state.limit}.`);
      },
    });
  }

  /** Whether any budget may have a word to say before a call is sent. */
  get mayRefuse(): boolean {
    return this.#remote !== undefined || this.#known.book.mayRefuse;
  }

  /** Undefined, and not a promise, where nobody objects. */
  admit(call: OpenCall): MaybePromise<Verdict | undefined> {
    if (isBypassed()) return undefined;
    const { ready } = this.#known;
    return ready === undefined ? this.#admit(call) : ready.then(() => this.#admit(call));
  }

  #admit(call: OpenCall): MaybePromise<Verdict | undefined> {
    if (!this.mayRefuse) return undefined;
    const asked = budgeted(call);
    const error = this.#remote?.refusal(asked);
    if (error !== undefined) return { error };
    const verdict = this.#keeper.admit(asked, () => boundsOf(call, this.#prices));
    if (call.operation !== 'batch') return verdict;
    // Its calls are counted when their results are read; until then nobody could tell what to hold, and how long.
    const release = (answer: Verdict | undefined): Verdict | undefined => {
      this.#keeper.settle(asked, asked.id, undefined);
      return answer;
    };
    return isPromise(verdict) ? verdict.then(release) : release(verdict);
  }

  /** Counts what a call consumed. Never throws. */
  settle(call: SettledCall, event: CostEvent): void {
    if (this.#known.book.isEmpty && !this.#keeper.isHolding) return;
    const held = { ...budgeted(call), id: call.startedAs ?? call.id };
    for (const scope of this.#keeper.settle(held, event.id, consumptionOf(event)))
      this.#recent?.set(scope.counter, scope);
  }

  /** How far each budget is used, for every scope that has counted something in its period. */
  status(filter: BudgetFilter = {}): Promise<readonly BudgetState[]> {
    return this.#keeper.status(filter);
  }

  /** The same for the scopes that calls of this process fell into lately, two hundred at most: for metrics. */
  recentStatus(): Promise<readonly BudgetState[]> {
    return this.#keeper.statusOf([...(this.#recent?.values() ?? [])]);
  }

  /**
   * A token of the limits that are reached, signed for processes that cannot ask the counters: serve it where their
   * `remoteLimits` fetch it.
   *
   * @throws {ConfigError} for a key that is no Ed25519 key.
   * @example
   * new Response(await processor.budgets.token({ privateKey: process.env.LIMITS_KEY }));
   */
  async token(options: LimitTokenOptions): Promise<string> {
    return signLimits(reachedLimits(this.#known.book.all, await this.status()), options);
  }

  /** What the counters did not take, and what waits for them: for `health()`. */
  get state(): BudgetsState {
    return { ...this.#keeper.state, ...known({ remote: this.#remote?.state }) };
  }

  /** Hands to the counters what waits for them, at once. */
  drain(): void {
    this.#keeper.drain();
  }

  async flush(): Promise<void> {
    await this.#keeper.flush();
    await this.#notifier.flush();
  }

  async shutdown(): Promise<void> {
    this.#known.stop();
    await this.flush();
    this.#keeper.stop();
    this.#remote?.stop();
    this.#notifier.stop();
  }
}

/** Each costs a reader of metrics one look at a counter. */
const MAX_RECENT = 200;

/**
 * Refuses budgets and targets that cannot be used.
 *
 * @throws {ConfigError}
 */
export function checkBudgets(
  where: string,
  {
    budgets,
    notify,
    remoteLimits,
  }: { budgets?: unknown; notify?: unknown; remoteLimits?: RemoteLimitsOptions },
): void {
  if (typeof budgets === 'string') readBudgets(budgets);
  else if (budgets !== undefined) {
    if (!Array.isArray(budgets) || !budgets.every((each) => each instanceof Budget)) {
      throw new ConfigError(
        `${where}: expected 'budgets' to be a list of budgets, or the path of a file of them, got ${describe(budgets)}. Use [new Budget({ … })], or 'costspan.budgets.yaml'.`,
      );
    }
    checkDistinct(budgets);
  }
  if (notify !== undefined) checkNotify(where, notify);
  if (remoteLimits !== undefined) checkRemoteLimits(where, remoteLimits);
}

function budgeted(call: OpenCall): BudgetedCall {
  const { id, startTime, provider, operation, request } = call;
  const attribution: Attribution = call.attribution;
  return {
    id,
    startTime,
    provider,
    operation,
    context: attribution.context,
    ...known({ customer: attribution.customer, model: request.model }),
  };
}
