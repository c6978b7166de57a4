import { compare, exact } from '../base/decimal.ts';
import { known } from '../base/read.ts';
import type { Budget, BudgetState } from './budget.ts';
import type { ReachedLimit } from './limit-token.ts';

/** What processes elsewhere must know: the scopes of budgets that block, whose limit is spent. */
export function reachedLimits(
  budgets: readonly Budget[],
  states: readonly BudgetState[],
): readonly ReachedLimit[] {
  const blocking = new Map(budgets.filter(({ action }) => action === 'block').map((each) => [each.id, each]));
  return states.flatMap(({ id, scope, limit, spent, resetsAt }) => {
    const budget = blocking.get(id);
    if (budget === undefined || compare(exact(spent), exact(limit)) < 0) return [];
    const { measure, currency } = budget;
    return [{ budgetId: id, scope, limit, spent, measure, currency, ...known({ until: resetsAt }) }];
  });
}
