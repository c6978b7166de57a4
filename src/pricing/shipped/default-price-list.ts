import { known } from '../../base/read.ts';
import type { Usage, UsageIteration } from '../../usage/usage.ts';
import { addCosts, costOfUsage, unpricedCost } from '../cost.ts';
import type { Cost, PriceList, PriceQuery } from '../price.ts';
import type { RateCard } from '../rate-card.ts';
import { CATALOGUE_NAME } from './catalogue.ts';
import { pricedCall } from './find-model.ts';
import { OVERLAY_NAME } from './lay-rows.ts';
import { pricedCard } from './priced-card.ts';
import { resolveCard } from './resolve-card.ts';

/**
 * The prices Costspan ships with: the catalogue of `@pydantic/genai-prices`, and over it a small reviewed
 * overlay for what the catalogue lacks. Offline; nothing is loaded before the first price is asked for.
 *
 * @example
 * defaultPriceList.price({ inputTokens: 1000 }, { provider: 'openai', requestModel: 'gpt-4o', at: new Date() });
 */
export const defaultPriceList: PriceList = {
  name: `${CATALOGUE_NAME}+${OVERLAY_NAME}`,
  price(usage, query) {
    if (Number.isNaN(query.at.getTime())) return unpricedCost('the time of the call is not a valid date');
    const headline = priceStep(usage, query);
    if (headline === undefined || usage.iterations === undefined) return headline;
    return addCosts([headline, ...usage.iterations.map((step) => priceIteration(step, query))]);
  },
};

function priceStep(usage: Usage, query: PriceQuery): Cost | undefined {
  const priced = pricedCard(query);
  if (priced === undefined) return undefined;
  if (priced.unpriced !== undefined) return unpricedCost(priced.unpriced, priced.card.reference);
  const cost = costOfUsage(usage, withImageTool(priced.card, usage, query), priced.adjustments);
  return priced.notes.length === 0 ? cost : { ...cost, notes: [...(cost.notes ?? []), ...priced.notes] };
}

/** The image model behind an image generation tool bills its own tokens, when the call says which it was. */
function withImageTool(card: RateCard, usage: Usage, query: PriceQuery): RateCard {
  const model = query.parameters?.image_generation_model;
  if (usage.imageToolOutputTokens === undefined || model === undefined) return card;
  const image = pricedCall({ ...query, requestModel: model, responseModel: model });
  const rates = resolveCard(image)?.card.rates ?? {};
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

/** A step of the call at its own model's price, every line item marked with that model. */
function priceIteration(step: UsageIteration, query: PriceQuery): Cost {
  if (step.model === undefined) return priceStep(step.usage, query) ?? unpricedCost('');
  const { model } = step;
  const cost = priceStep(step.usage, { ...query, requestModel: model, responseModel: model });
  if (cost === undefined)
    return unpricedCost(`no price list knows ${query.provider}/${model}, used by ${step.type}`);
  return { ...cost, lineItems: cost.lineItems.map((item) => ({ ...item, model })) };
}
