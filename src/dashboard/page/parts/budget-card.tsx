import type { VNode } from 'preact';
import type { BudgetAnswer } from '../../api.ts';
import { formatTime } from '../format/time.ts';
import { BudgetAmount, scopeOf, stateOf } from './budget-amount.tsx';
import { BurnDown, burnColumns } from './burn-down.tsx';
import { Card } from './card.tsx';
import { SaveCsv } from './save-csv.tsx';
import { Level } from './share.tsx';

/** One budget: how far it is used, and how that came about. */
export function BudgetCard({ budget }: { readonly budget: BudgetAnswer }): VNode {
  const { burn_down: points, filter, percent } = budget;
  return (
    <Card
      title={`Budget ${budget.id}: ${scopeOf(budget)}`}
      tools={
        points !== null && (
          <SaveCsv name={`budget ${budget.id}`} columns={burnColumns(budget)} rows={points} />
        )
      }
    >
      <p>
        <BudgetAmount budget={budget} amount={budget.spent} filter={filter} /> of{' '}
        <BudgetAmount budget={budget} amount={budget.limit} /> per {budget.period_name} ({percent.toFixed(1)}{' '}
        %), <BudgetAmount budget={budget} amount={budget.remaining} /> left
        {budget.held !== '0' && (
          <>
            , <BudgetAmount budget={budget} amount={budget.held} /> held by running calls
          </>
        )}
      </p>
      <Level percent={percent} kind={stateOf(budget)} />
      {points === null ? (
        <p class="muted small">The ledger keeps no sums that this budget’s course could be drawn from.</p>
      ) : (
        <BurnDown budget={budget} points={points} />
      )}
      <p class="muted small">
        When the limit is reached: {budget.action === 'block' ? 'calls are refused' : budget.action}.
        {budget.resets_at !== null &&
          ` Begins anew ${formatTime(budget.resets_at, budget.time_zone)} (${budget.time_zone}).`}
      </p>
    </Card>
  );
}
