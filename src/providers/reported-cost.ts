import type { ReportedCost } from '../pricing/price.ts';
import { count, decimal, object, text } from '../usage/read.ts';

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
  // With an own key (BYOK) `cost` is the gateway's fee alone: the model is billed by somebody else.
  if (GATEWAYS.has(provider) && block['is_byok'] !== true) return dollars(decimal(count(block['cost'])));
  return undefined;
}

const GATEWAYS: ReadonlySet<string> = new Set(['openrouter', 'vercel', 'avian']);

function dollars(amount: string | undefined, currency = 'USD'): ReportedCost | undefined {
  return amount === undefined ? undefined : { amount, currency };
}
