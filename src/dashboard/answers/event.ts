import { CostspanError } from '../../base/errors.ts';
import { sumDecimals } from '../../base/decimal.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import { amountOf } from '../../pricing/line-item.ts';
import type { Cost } from '../../pricing/price.ts';
import { sourcesOf } from '../../pricing/shipped/list-prices.ts';
import { explainCost } from '../../reports/explain-cost.ts';
import { explanationOf } from '../../reports/explanation.ts';
import type { EventAnswer } from '../api.ts';
import { eventToJson } from '../event-json.ts';
import { requiredOf } from '../question.ts';
import type { Answer } from './answer.ts';
import { sourceToJson } from './model.ts';

/** One event, and how its amount came about. */
export const event: Answer = {
  async json({ ledger, filter }): Promise<EventAnswer> {
    const id = requiredOf(filter.id, 'id', '019aa1c2-5e4b-7c3a-9d2f-0123456789ab');
    const explained = await explanationOf(ledger, id);
    if (explained === undefined)
      throw new CostspanError('EVENT_UNKNOWN', `There is no event '${id}' in this ledger.`);
    const { event: found, adjustments, suppressed, amount } = explained;
    return {
      event: eventToJson(found),
      amount: amount ?? null,
      explanation: explainCost(found.cost),
      adds_up: addsUp(found.cost),
      sources: sourcesOfEvent(found).map(sourceToJson),
      adjustments: adjustments.map((each) => ({
        event: eventToJson(each),
        explanation: explainCost(each.cost),
      })),
      suppressed: suppressed.map(({ reason, name, scope, traceId, spanId }) => ({
        reason,
        name,
        scope,
        trace_id: traceId,
        span_id: spanId,
      })),
    };
  },
};

function addsUp({ status, source, amount, lineItems }: Cost): boolean {
  if (status !== 'priced' || source === 'provider' || amount === undefined) return true;
  const isRight = lineItems.every((item) => amountOf(item) === item.amount);
  return isRight && sumDecimals(lineItems.map((item) => item.amount)) === amount;
}

function sourcesOfEvent({ cost, ...event }: CostEvent): ReturnType<typeof sourcesOf> {
  const query = { ...event, ...event.priceInputs, at: event.timestamp };
  return cost.price === undefined ? [] : sourcesOf(cost.price, query);
}
