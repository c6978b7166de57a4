import { costOfFacts } from '../calls/cost-of-call.ts';
import { compare, exact, formatDecimal, subtract, sumDecimals } from '../base/decimal.ts';
import type { Cost, PriceList } from '../pricing/price.ts';
import type { Decimal } from '../base/decimal.ts';
import { known } from '../base/read.ts';
import { type CostEvent, createCostEvent } from './cost-event.ts';

/** What pricing an event again would change. */
export interface Repricing {
  readonly event: CostEvent;
  /** What counts today: the event's amount and the adjustments made so far; absent when it has none. */
  readonly before?: Decimal;
  readonly after: Cost;
  /** after − before, exactly. */
  readonly difference: Decimal;
}

/**
 * Prices an event again with today's lists, at the instant of its call. Undefined when nothing changes, when it
 * cannot be priced, or when its amount is none of ours: reported by the provider, or free.
 */
export function repriceEvent(
  event: CostEvent,
  adjustments: readonly CostEvent[],
  prices: readonly PriceList[],
): Repricing | undefined {
  const { cost } = event;
  if (event.kind !== 'usage' || event.usageSource === 'none') return undefined;
  if (cost.status === 'free' || cost.source === 'provider') return undefined;
  const after = costOfFacts(event, prices);
  if (after.amount === undefined) return undefined;
  const earlier = [cost, ...adjustments.map((adjustment) => adjustment.cost)].flatMap(
    ({ amount, currency }) => (amount === undefined ? [] : [{ amount, currency }]),
  );
  if (earlier.some(({ currency }) => currency !== after.currency)) return undefined;
  const before = earlier.length === 0 ? undefined : sumDecimals(earlier.map(({ amount }) => amount));
  const difference = formatDecimal(subtract(exact(after.amount), exact(before ?? '0')));
  if (before !== undefined && compare(exact(difference), exact('0')) === 0) return undefined;
  return { event, after, difference, ...(before === undefined ? {} : { before }) };
}

/**
 * The event that books the difference. The corrected event stays as it is; the adjustment carries its customer,
 * context and time, so that it lands in the same lines and period, and no usage, so that nothing counts twice.
 */
export function adjustmentOf({ event, before, after, difference }: Repricing, id: string): CostEvent {
  const reversal =
    before === undefined || before === '0'
      ? []
      : [{ meter: 'already_booked', quantity: '1', unitPrice: `-${before}`, per: '1', amount: `-${before}` }];
  return createCostEvent({
    id,
    kind: 'adjustment',
    adjusts: event.id,
    timestamp: event.timestamp,
    customer: event.customer,
    context: event.context,
    provider: event.provider,
    operation: event.operation,
    stream: event.stream,
    status: 'ok',
    retries: 0,
    usage: {},
    usageSource: 'none',
    cost: {
      ...after,
      amount: difference,
      lineItems: [...after.lineItems, ...reversal],
      reason: before === undefined ? 'priced later' : 'priced again',
    },
    ...known({
      attributionSource: event.attributionSource,
      requestModel: event.requestModel,
      responseModel: event.responseModel,
      serviceTier: event.serviceTier,
      serverAddress: event.serverAddress,
      service: event.service,
    }),
  });
}
