import type { Decimal } from '../base/decimal.ts';
import { type Bounds, inCurrency } from './bounds.ts';
import type { Budget } from './budget.ts';
import type { BudgetedCall } from './budgeted-call.ts';
import { type HoldAmount, HoldEstimates } from './estimate-hold.ts';

/** How much is set aside for a call; or why it is refused without asking the store. */
export type Wanted = HoldAmount | { readonly refuse: string };

/** How much each budget sets aside for a call: from what is known of the request, and of calls like it before. */
export class HoldAmounts {
  readonly #estimates = new HoldEstimates();

  /** A call consumed so much of a budget's measure. */
  learn(budget: Budget, call: BudgetedCall, amount: Decimal): void {
    this.#estimates.learn(kindOf(budget, call), amount);
  }

  of(budget: Budget, call: BudgetedCall, bounds: () => Bounds): Wanted {
    if (budget.measure === 'calls') return { amount: '1', shrinks: false };
    const isTokens = budget.measure === 'tokens';
    const of = isTokens ? bounds().tokens : inCurrency(bounds().cost, budget.currency);
    const isPriced = isTokens || of.most !== undefined || of.likely !== undefined;
    if (!isPriced && budget.unpriced === 'block') return { refuse: 'nobody knows what the model costs.' };
    if (!isPriced) return NOTHING;
    if (budget.mode !== 'strict') return this.#estimates.holdFor(kindOf(budget, call), of) ?? NOTHING;
    return of.most === undefined
      ? { refuse: `the call has no upper bound: ${of.unbounded ?? 'set a limit on its output'}.` }
      : { amount: of.most, shrinks: false };
  }
}

/** The store is asked all the same: a limit that is reached admits nothing more, priced or not. */
const NOTHING: HoldAmount = { amount: '0', shrinks: false };

/** Calls that cost alike: the same model for the same feature. */
function kindOf({ id }: Budget, { provider, operation, model, context }: BudgetedCall): string {
  const { feature } = context;
  return [id, provider, operation, model, typeof feature === 'string' ? feature : ''].join('|');
}
