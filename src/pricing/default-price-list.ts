import { known } from '../usage/read.ts';
import type { Usage, UsageIteration } from '../usage/usage.ts';
import { circumstancesOf } from './circumstances.ts';
import { addCosts, costOfUsage, freeCost, unpricedCost } from './cost.ts';
import { catalogueName } from './genai-prices.ts';
import { formatDecimal, parseDecimal } from './money.ts';
import { OVERLAY_VERSION } from './overlay/index.ts';
import type { Cost, PriceList, PriceQuery, ReportedCost } from './price.ts';
import { canonicalProvider } from './provider-id.ts';
import type { RateCard } from './rate-card.ts';
import { applyCircumstances, resolveCard } from './resolve-card.ts';

/**
 * The prices Costspan ships with: the catalogue of `@pydantic/genai-prices`, and over it a small reviewed
 * overlay for what the catalogue lacks. Offline; nothing is loaded before the first price is asked for.
 *
 * @example
 * defaultPriceList.price({ inputTokens: 1000 }, { provider: 'openai', requestModel: 'gpt-4o', at: new Date() });
 */
export const defaultPriceList: PriceList = {
  get name() {
    return `${catalogueName()}+costspan-overlay@${OVERLAY_VERSION}`;
  },
  price(usage, query) {
    if (Number.isNaN(query.at.getTime())) return unpricedCost('the time of the call is not a valid date');
    const headline = priceStep(usage, query);
    if (headline === undefined) return undefined;
    return addCosts([headline, ...(usage.iterations ?? []).map((step) => priceIteration(step, query))]);
  },
};

/**
 * What a call costs: what the provider says it charges, else the first list that knows the model, else
 * unpriced. A list that knows the model and lacks a price for something consumed decides, too: prices of
 * different lists are never mixed within one call.
 *
 * @example
 * // 86 uncached × $2.50/M + 1 920 cached × $1.25/M + 300 out × $10/M = $0.005615
 * calculateCost({ inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300 },
 *   { provider: 'openai', responseModel: 'gpt-4o-2024-08-06', at: new Date() }, defaultPriceList).amount; // '0.005615'
 */
export function calculateCost(
  usage: Usage,
  query: PriceQuery,
  prices: PriceList | readonly PriceList[],
): Cost {
  if (query.freeReason !== undefined) return freeCost(query.freeReason);
  const local = localCost(usage, query, prices);
  return query.reported === undefined ? local : (reportedCost(query.reported, query, local) ?? local);
}

function localCost(usage: Usage, query: PriceQuery, prices: PriceList | readonly PriceList[]): Cost {
  for (const list of Array.isArray(prices) ? (prices as readonly PriceList[]) : [prices as PriceList]) {
    const cost = list.price(usage, query);
    if (cost !== undefined) return cost;
  }
  const model = query.responseModel ?? query.requestModel;
  return unpricedCost(
    model === undefined
      ? `the call names no model of ${query.provider}`
      : `no price list knows ${query.provider}/${model}`,
  );
}

/** The provider's own figure to the last digit, with ours beside it. An amount that is no number is no report. */
function reportedCost(reported: ReportedCost, query: PriceQuery, local: Cost): Cost | undefined {
  const value = parseDecimal(reported.amount);
  if (value === undefined || value.digits < 0n) return undefined;
  const amount = formatDecimal(value);
  const free = value.digits === 0n;
  return {
    status: free ? 'free' : 'priced',
    currency: reported.currency,
    amount,
    source: 'provider',
    lineItems: free ? [] : [{ meter: 'reported', quantity: '1', unitPrice: amount, per: '1', amount }],
    price: { list: 'provider', id: `${query.provider}/${query.responseModel ?? query.requestModel ?? ''}` },
    ...(free ? { reason: 'the provider reports a cost of 0' } : {}),
    local,
  };
}

function priceStep(usage: Usage, query: PriceQuery): Cost | undefined {
  const resolved = resolveCard(query);
  if (resolved === undefined) return undefined;
  const priced = applyCircumstances(resolved, circumstancesOf(query), query);
  if ('unpriced' in priced) return unpricedCost(priced.unpriced, resolved.card.reference);
  const cost = costOfUsage(usage, withImageTool(priced.card, usage, query), priced.adjustments);
  const notes = [...(cost.notes ?? []), ...priced.notes, ...assumptions(query)];
  return notes.length === 0 ? cost : { ...cost, notes };
}

/** The image model behind an image generation tool bills its own tokens, when the call says which it was. */
function withImageTool(card: RateCard, usage: Usage, query: PriceQuery): RateCard {
  const model = query.parameters?.['image_generation_model'];
  if (usage.imageToolOutputTokens === undefined || model === undefined) return card;
  const rates = resolveCard({ ...query, requestModel: model, responseModel: model })?.card.rates ?? {};
  return {
    ...card,
    rates: {
      ...card.rates,
      ...known({
        image_tool_input: rates.input,
        image_tool_input_image: rates.input_image,
        image_tool_cache_read: rates.cache_read,
        image_tool_output: rates.output_image ?? rates.output,
      }),
    },
  };
}

/** What the wire cannot say and the caller did not. */
function assumptions(query: PriceQuery): readonly string[] {
  return canonicalProvider(query.provider) === 'azure.ai.openai' && query.deploymentType === undefined
    ? ['deployment type unknown: priced as global']
    : [];
}

/** A step of the call at its own model's price, every line item marked with that model. */
function priceIteration(step: UsageIteration, query: PriceQuery): Cost {
  if (step.model === undefined) return priceStep(step.usage, query) ?? unpricedCost('');
  const { model } = step;
  const cost = priceStep(step.usage, { ...query, requestModel: model, responseModel: model });
  if (cost === undefined)
    return unpricedCost(`no price list knows ${query.provider}/${model}, used by ${step.type}`);
  return { ...cost, lineItems: cost.lineItems.map((item) => ({ ...item, model })) };
}
