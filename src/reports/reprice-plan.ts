import type { CostLedger, EventFilter } from '../ledger/ledger.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import { repriceEvent, type Repricing } from '../metering/reprice.ts';
import type { PriceList } from '../pricing/price.ts';

export interface RepriceOptions {
  /** Asked in order, as a processor asks them. */
  readonly prices: readonly PriceList[];
  /** The priced events, too, and not only the unpriced. */
  readonly all?: boolean;
}

/** What today's prices would change, oldest first. Nothing is written. */
export async function repricePlan(
  ledger: Pick<CostLedger, 'events'>,
  filter: EventFilter,
  { prices, all = false }: RepriceOptions,
): Promise<readonly Repricing[]> {
  const changes: Repricing[] = [];
  if (!all) {
    // What was priced once is only looked at again when everything is.
    for await (const event of ledger.events({ ...filter, unpriced: true })) {
      const change = repriceEvent(event, [], prices);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }
  const adjustments = new Map<string, CostEvent[]>();
  const candidates: CostEvent[] = [];
  // How a call ended is not said of its corrections; without them it would be corrected twice.
  const { status, costStatus, ...wider } = filter;
  for await (const event of ledger.events(wider)) {
    if (event.adjusts === undefined) {
      const isMeant = (status ?? event.status) === event.status;
      if (isMeant && (costStatus ?? event.cost.status) === event.cost.status) candidates.push(event);
    } else adjustments.set(event.adjusts, [...(adjustments.get(event.adjusts) ?? []), event]);
  }
  return candidates.flatMap((event) => repriceEvent(event, adjustments.get(event.id) ?? [], prices) ?? []);
}
