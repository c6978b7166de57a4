import type { VNode } from 'preact';
import type { Amount as Decimal, BudgetJson } from '../../api.ts';
import { formatCount } from '../format/count.ts';
import { Amount, Linked } from './amount.tsx';

/** An amount in what a budget measures: money, tokens or calls. */
export function BudgetAmount({
  budget: { currency, measure },
  amount,
  filter,
}: {
  readonly budget: BudgetJson;
  readonly amount: Decimal;
  readonly filter?: string | undefined;
}): VNode {
  if (currency !== null) return <Amount amount={amount} currency={currency} filter={filter} />;
  return (
    <Linked filter={filter}>
      <data value={amount}>{formatCount(Number(amount))}</data> {measure}
    </Linked>
  );
}

/** `customer acme`, or that it is for everything. */
export function scopeOf({ scope }: BudgetJson): string {
  const parts = Object.entries(scope).map(([name, value]) => `${name.replace('context.', '')} ${value}`);
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

/** How worrying it is: past the limit, past its last threshold, or neither. */
export function stateOf({ percent, thresholds }: BudgetJson): '' | 'warn' | 'bad' {
  if (percent >= 100) return 'bad';
  const below = thresholds.filter((threshold) => threshold < 100);
  return below.length > 0 && percent >= Math.max(...below) ? 'warn' : '';
}
