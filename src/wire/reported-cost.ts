import { type Decimal, sumDecimals } from '../base/decimal.ts';
import type { ReportedCost } from '../pricing/price.ts';
import { decimal, type JsonObject, object, text } from '../base/read.ts';
import type { CostField } from '../providers/provider.ts';
import { providerNamed } from '../providers/registry.ts';

/**
 * What a usage block says the call costs, at the hosts whose figure is the bill. They add it to every wire they
 * speak: OpenAI's and Anthropic's alike.
 */
export function reportedCost(raw: unknown, provider: string): ReportedCost | undefined {
  const field = providerNamed(provider)?.reportsCost;
  const block = field && object(raw);
  return block && READERS[field](block);
}

const READERS: Readonly<Record<CostField, (block: JsonObject) => ReportedCost | undefined>> = {
  cost: (block) => (block.is_byok === true ? ownKeyCost(block) : dollars(money(block.cost))),
  'cost.total_cost': ({ cost }) => dollars(money(object(cost)?.total_cost), text(object(cost)?.currency)),
  // A tick is 1e-10 US dollars.
  cost_in_usd_ticks: (block) => dollars(money(block.cost_in_usd_ticks, -10)),
};

/** An amount as a number or as decimal text; a negative one says nothing. */
function money(value: unknown, shift = 0): Decimal | undefined {
  const amount = decimal(value, shift);
  return amount?.startsWith('-') === true ? undefined : amount;
}

/**
 * With an own key (BYOK) `cost` is the gateway's fee alone. What the model's host bills comes beside it; the call
 * costs both. Without it the cost of the call is unknown.
 */
function ownKeyCost(block: JsonObject): ReportedCost | undefined {
  const upstream = money(object(block.cost_details)?.upstream_inference_cost);
  if (upstream === undefined || upstream === '0') return undefined;
  return dollars(sumDecimals([money(block.cost) ?? '0', upstream]));
}

function dollars(amount: string | undefined, currency = 'USD'): ReportedCost | undefined {
  return amount === undefined ? undefined : { amount, currency };
}
