import type { Budget, BudgetState } from './budget.ts';

/** What happened at a budget, for whoever is to be told. */
export interface BudgetNotice {
  readonly type: 'budget.threshold' | 'budget.exceeded';
  /** Equal for one threshold of one scope and period, however often it is told. */
  readonly id: string;
  readonly timestamp: Date;
  readonly state: BudgetState;
  /** The threshold that was passed, in percent of the limit. */
  readonly threshold: number;
  readonly measure: Budget['measure'];
  readonly currency: string;
}

/** A notice of a threshold; its id says which, so that a second one is recognised. */
export function createNotice(budget: Budget, state: BudgetState, threshold: number, at: Date): BudgetNotice {
  const scope = Object.entries(state.scope).map(([key, value]) => `${key}=${value}`);
  const start = state.period.start?.toISOString() ?? 'total';
  return {
    type: threshold >= 100 ? 'budget.exceeded' : 'budget.threshold',
    id: [state.id, ...scope, start, threshold].join('|'),
    timestamp: at,
    state,
    threshold,
    measure: budget.measure,
    currency: budget.currency,
  };
}
