import { sumDecimals } from '../pricing/money.ts';
import type { ReportedCost } from '../pricing/price.ts';
import { count, decimal, type JsonObject, object, text } from '../usage/read.ts';

/**
 * What a usage block says the call costs, at the hosts whose figure is the bill. They add it to every wire they
 * speak: OpenAI's and Anthropic's alike.
 */
export function reportedCost(raw: unknown, provider: string): ReportedCost | undefined {
  const block = object(raw);
  if (block === undefined) return undefined;
  if (provider === 'x_ai') {
    // A tick is 1e-10 US dollars.
    return dollars(decimal(count(block['cost_in_usd_ticks']), -10));
  }
  if (provider === 'perplexity') {
    const cost = object(block['cost']);
    return dollars(decimal(count(cost?.['total_cost'])), text(cost?.['currency']));
  }
  if (!GATEWAYS.has(provider)) return undefined;
  return block['is_byok'] === true ? ownKeyCost(block) : dollars(decimal(count(block['cost'])));
}

/**
 * With an own key (BYOK) `cost` is the gateway's fee alone. What the model's host bills comes beside it; the call
 * costs both. Where it does not come, nobody has said what the call costs.
 */
function ownKeyCost(block: JsonObject): ReportedCost | undefined {
  const upstream = decimal(count(object(block['cost_details'])?.['upstream_inference_cost']));
  if (upstream === undefined || upstream === '0') return undefined;
  return dollars(sumDecimals([decimal(count(block['cost'])) ?? '0', upstream]));
}

const GATEWAYS: ReadonlySet<string> = new Set(['openrouter', 'vercel', 'avian']);

function dollars(amount: string | undefined, currency = 'USD'): ReportedCost | undefined {
  return amount === undefined ? undefined : { amount, currency };
}
