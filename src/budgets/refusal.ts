import { diag } from '../base/diag.ts';
import { compare, type Decimal, exact, formatDecimal, subtract, sum, ZERO } from '../base/decimal.ts';
import { known } from '../base/read.ts';
import type { CounterState } from '../ledger/budget-store.ts';
import { type Budget, type BudgetState, percentOf } from './budget.ts';
import { BudgetExceededError, type BudgetRefusal } from './budget-exceeded-error.ts';
import type { BudgetedCall } from './budgeted-call.ts';
import { forecastOf } from './forecast.ts';
import type { Scope } from './scope.ts';

/** What the keeper answers to a call that is about to be sent; undefined: nobody objects. */
export type Verdict = { readonly error: BudgetExceededError } | { readonly model: string };

/** A refusal, with the budget that made it. */
export interface Refused extends BudgetRefusal {
  readonly budget: Budget;
}

export function refusalOf(
  { budget, values, window }: Scope,
  { spent, held }: { readonly spent: Decimal; readonly held: Decimal },
  estimate: Decimal | undefined,
  reason: string,
): Refused {
  const { start, end } = window;
  return {
    budget,
    budgetId: budget.id,
    scope: values,
    period: { timeZone: budget.timeZone, ...known({ start, end }) },
    measure: budget.measure,
    currency: budget.currency,
    limit: budget.limit,
    spent,
    held,
    reason,
    ...known({ estimate, resetsAt: end }),
  };
}

/** Where the counters were not asked. */
export const NOTHING_COUNTED = { spent: '0', held: '0' } as const;

/** The application's own answer to a limit comes first: a cheaper model in place of none. */
export function verdictOn(refusal: Refused, call: BudgetedCall): Verdict {
  const other = otherModel(refusal, call);
  return other === undefined ? { error: new BudgetExceededError(refusal) } : { model: other };
}

function otherModel(refusal: Refused, call: BudgetedCall): string | undefined {
  const { budget } = refusal;
  try {
    const answer = budget.onExceeded?.(call, stateFrom(refusal));
    return typeof answer?.model === 'string' && answer.model !== '' ? answer.model : undefined;
  } catch (error) {
    diag.error(`costspan: onExceeded of budget '${budget.id}' failed; the call is refused`, error);
    return undefined;
  }
}

function stateFrom({ budgetId, scope, period, limit, spent, held, resetsAt }: BudgetRefusal): BudgetState {
  return figures({ id: budgetId, scope, period, limit, spent, held, ...known({ resetsAt }) });
}

/** How far a scope is used at an instant. */
export function stateOf(scope: Scope, { spent, held }: CounterState, now: Date): BudgetState {
  const { budget, values, window } = scope;
  const { start, end } = window;
  return figures({
    id: budget.id,
    scope: values,
    period: known({ start, end }),
    limit: budget.limit,
    spent,
    held,
    ...known({ resetsAt: end }),
    ...forecastOf(scope, spent, now),
  });
}

function figures(state: Omit<BudgetState, 'remaining' | 'percent'>): BudgetState {
  const left = subtract(exact(state.limit), sum([exact(state.spent), exact(state.held)]));
  return {
    ...state,
    remaining: formatDecimal(compare(left, ZERO) < 0 ? ZERO : left),
    percent: percentOf(state.spent, state.limit),
  };
}
