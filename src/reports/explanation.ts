import { type Decimal, sumDecimals } from '../base/decimal.ts';
import { known } from '../base/read.ts';
import { type SuppressedSpan, suppressedFor } from '../dialects/suppressed.ts';
import type { CostLedger } from '../ledger/ledger.ts';
import type { CostEvent } from '../metering/cost-event.ts';

/** One event with all that was said about it since. */
export interface Explanation {
  readonly event: CostEvent;
  readonly adjustments: readonly CostEvent[];
  /** Spans of the same call, as others saw it, that were not billed again. */
  readonly suppressed: readonly SuppressedSpan[];
  /** What the call costs by now, adjustments included; absent while it is unpriced. */
  readonly amount?: Decimal;
}

/** Undefined for an id that no event has. */
export async function explanationOf(
  ledger: Pick<CostLedger, 'events' | 'memory'>,
  id: string,
): Promise<Explanation | undefined> {
  let event: CostEvent | undefined;
  for await (const found of ledger.events({ id })) event = found;
  if (event === undefined) return undefined;
  const adjustments: CostEvent[] = [];
  for await (const found of ledger.events({ adjusts: id })) adjustments.push(found);
  const amounts = [event, ...adjustments].flatMap(({ cost }) => cost.amount ?? []);
  return {
    event,
    adjustments,
    suppressed: ledger.memory === undefined ? [] : suppressedFor(ledger.memory, id),
    ...known({ amount: amounts.length === 0 ? undefined : sumDecimals(amounts) }),
  };
}
