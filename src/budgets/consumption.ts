import { add, type Decimal, exact, formatDecimal } from '../base/decimal.ts';
import { known } from '../base/read.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { Budget } from './budget.ts';

interface Money {
  readonly amount: Decimal;
  readonly currency: string;
}

/** What a call consumed, in every measure; absent = unknown. */
export interface Consumption {
  readonly cost?: Money;
  readonly charge?: Money;
  readonly tokens: Decimal;
}

/** What an event counts; undefined for one that consumed nothing. */
export function consumptionOf({
  cost,
  charge,
  usage,
  kind,
  usageSource,
}: CostEvent): Consumption | undefined {
  if (kind === 'denied' || (cost.status === 'free' && usageSource === 'none')) return undefined;
  const tokens = usage.totalTokens ?? 0;
  const counted = add(exact(String(usage.inputTokens ?? 0)), exact(String(usage.outputTokens ?? 0)));
  return known({
    cost: money(cost.amount, cost.currency),
    charge: money(charge?.amount, charge?.currency),
    tokens: tokens > 0 ? String(tokens) : formatDecimal(counted),
  });
}

/** What a call counts for a budget; undefined where that is unknown, or in another currency. */
export function measured({ measure, currency }: Budget, consumed: Consumption): Decimal | undefined {
  if (measure === 'calls') return '1';
  if (measure === 'tokens') return consumed.tokens;
  const amount = consumed[measure];
  return amount?.currency === currency ? amount.amount : undefined;
}

function money(amount: Decimal | undefined, currency = 'USD'): Money | undefined {
  return amount === undefined ? undefined : { amount, currency };
}
