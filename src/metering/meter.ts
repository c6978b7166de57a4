import type { Charge, Cost, PriceList } from '../pricing/price.ts';
import type { SettledCall } from '../calls/call.ts';
import { type CallFacts, factsOf } from '../calls/call-facts.ts';
import { costOfCall } from '../calls/cost-of-call.ts';
import { known } from '../base/read.ts';
import { type CostEvent, createCostEvent } from './cost-event.ts';

/** What a meter needs beside the call itself. */
export interface MeterOptions {
  /** Asked in order; the first that knows the model prices the call. */
  readonly prices: readonly PriceList[];
  /** `service.name` of this process. */
  readonly service?: string;
}

/** One finished call → one cost event. Pure: the same call and prices give the same event. */
export function meterCall(call: SettledCall, { prices, service }: MeterOptions): CostEvent {
  const facts = factsOf(call);
  const cost = costOfCall(call, prices, facts);
  return createCostEvent({
    ...facts,
    kind: call.denied === true ? 'denied' : 'usage',
    cost,
    ...known({ charge: chargeOfCall(call, facts, cost, prices), service }),
  });
}

/** What the customer pays by the first rate card that fits; a call that failed and consumed nothing is not charged. */
function chargeOfCall(
  { consumed }: SettledCall,
  facts: CallFacts,
  cost: Cost,
  prices: readonly PriceList[],
): Charge | undefined {
  if (facts.usageSource === 'none') return undefined;
  const subject = {
    cost,
    usage: facts.usage,
    at: facts.timestamp,
    customer: facts.customer,
    context: facts.context,
    provider: facts.provider,
    ...known({
      model: facts.responseModel ?? facts.requestModel,
      quantities: consumed.kind === 'service' ? consumed.quantities : undefined,
    }),
  };
  for (const list of prices) {
    const charge = list.charge?.(subject);
    if (charge !== undefined) return charge;
  }
  return undefined;
}
