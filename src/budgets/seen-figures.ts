import { compare, exact, sum } from '../base/decimal.ts';
import { isPromise } from '../base/promises.ts';
import { Recent } from '../base/recent.ts';
import type { BudgetStore, CounterState } from '../ledger/budget-store.ts';
import { NOTHING_COUNTED, type Refused, refusalOf } from './refusal.ts';
import { keyOf, type Scope } from './scope.ts';
import type { StoreWork } from './store-work.ts';

interface Figure {
  /** Undefined where the counter could not be read. */
  readonly state: CounterState | undefined;
  readonly from: number;
  readonly readAt: number;
}

/** What `check` goes by: figures as they were read last. Asking never waits, and may be a moment late. */
export class SeenFigures {
  readonly #store: BudgetStore;
  readonly #work: StoreWork;
  readonly #figures = new Recent<string, Figure>(MAX_FIGURES);

  constructor(store: BudgetStore, work: StoreWork) {
    this.#store = store;
    this.#work = work;
  }

  refusal(scopes: readonly Scope[], now: Date): Refused | undefined {
    for (const scope of scopes) {
      const seen = this.#seen(scope, now);
      if (seen === undefined) continue;
      const { limit, onStoreError } = scope.budget;
      if (seen.state === undefined) {
        if (onStoreError === 'allow') continue;
        return refusalOf(scope, NOTHING_COUNTED, undefined, 'its counters cannot be read.');
      }
      const used = sum([exact(seen.state.spent), exact(seen.state.held)]);
      if (compare(used, exact(limit)) >= 0)
        return refusalOf(scope, seen.state, undefined, 'the limit is reached.');
    }
    return undefined;
  }

  refresh(scopes: readonly Scope[], now: Date): void {
    if (scopes.length === 0) return;
    const keep = (states: readonly (CounterState | undefined)[]): void => {
      for (const [index, { counter, window }] of scopes.entries())
        this.#figures.set(counter, { state: states[index], from: window.from, readAt: now.getTime() });
    };
    const read = (states: readonly CounterState[]): void => {
      this.#work.succeeded();
      keep(states);
    };
    const failed = (error: unknown): void => {
      keep([]);
      this.#work.failed(error);
    };
    try {
      const states = this.#store.read(scopes.map(keyOf), now);
      if (isPromise(states)) states.then(read).catch(failed);
      else read(states);
    } catch (error) {
      failed(error);
    }
  }

  /** Other processes spend as well: a figure is read again once it is a second old. */
  #seen(scope: Scope, now: Date): Figure | undefined {
    const { counter, window } = scope;
    const seen = this.#figures.get(counter);
    const isCurrent = seen?.from === window.from;
    if (!isCurrent || now.getTime() - seen.readAt >= REFRESH_MS) this.refresh([scope], now);
    const figure = this.#figures.get(counter);
    return figure?.from === window.from ? figure : undefined;
  }
}

const MAX_FIGURES = 100_000;
const REFRESH_MS = 1_000;
