import { decimalOf, type Decimal } from '../../base/decimal.ts';
import { known } from '../../base/read.ts';
import { canonicalProvider } from '../../providers/spelling.ts';
import type { Usage } from '../../usage/usage.ts';
import { costOfUsage } from '../cost.ts';
import type { Cost, PriceQuery } from '../price.ts';
import { isTokenMeter, type Meter, PER_MILLION, type Rate, type RateCard, type Rates } from '../rate-card.ts';
import { tierOf } from '../shipped/conditions.ts';
import { closeness, holds } from './price-file-match.ts';
import type { Amount, UserModel, UserPrice } from './price-file.ts';

/** A user's own models, ready to be asked. */
export interface OwnModels {
  /** The cost by the row that names the call's model most closely and, of those, is the newest. */
  price(usage: Usage, query: PriceQuery): Cost | undefined;
}

export function ownModels(models: readonly UserModel[], list: string, currency: string): OwnModels {
  const rows = models.map((model) => ({
    provider: canonicalProvider(model.provider),
    model: model.model,
    from: model.validFrom === undefined ? -Infinity : new Date(model.validFrom).getTime(),
    row: model,
    rates: toRates(model.prices ?? {}),
  }));
  return {
    price(usage, query) {
      const provider = canonicalProvider(query.provider);
      let best: (typeof rows)[number] | undefined;
      let closest = 0;
      for (const each of rows) {
        if (each.provider !== provider || !holds(each.row, query.at)) continue;
        const close = closenessTo(each.model, query, provider);
        if (close === undefined || close < closest) continue;
        if (close === closest && best !== undefined && each.from <= best.from) continue;
        [best, closest] = [each, close];
      }
      return best && priceOwn(usage, query, cardOf(best.row, best.rates, query, list, currency));
    },
  };
}

/** The reply's model or the request's, whichever the row names more closely; Bedrock's replies never name the profile. */
function closenessTo(pattern: string, query: PriceQuery, provider: string): number | undefined {
  const [reply, request] = [query.responseModel, query.requestModel].map((name) =>
    name === undefined ? undefined : closeness(pattern, name, provider),
  );
  return reply === undefined || (request !== undefined && request > reply) ? request : reply;
}

/** Whether a pattern of a price file means the model of a call. */
export function namesModel(pattern: string, query: PriceQuery): boolean {
  return closenessTo(pattern, query, canonicalProvider(query.provider)) !== undefined;
}

/** A user's price is a whole card: what it does not list has no price. */
function cardOf(
  { model, validFrom, validTo, free }: UserModel,
  rates: Rates,
  { provider }: PriceQuery,
  list: string,
  currency: string,
): RateCard {
  return known({
    reference: known({
      list,
      id: `${provider}/${model}`,
      validFrom: instant(validFrom),
      validTo: instant(validTo),
    }),
    currency,
    rates,
    shared: SHARED,
    free,
  });
}

const SHARED: readonly Meter[] = [
  'input_image',
  'input_video',
  'input_audio',
  'output_image',
  'output_video',
  'output_audio',
];

function priceOwn(usage: Usage, query: PriceQuery, card: RateCard): Cost {
  const cost = costOfUsage(usage, card);
  const tier = tierOf(query);
  if (tier === undefined) return cost;
  return {
    ...cost,
    notes: [...(cost.notes ?? []), `your own price holds for every tier (${query.serviceTier ?? tier})`],
  };
}

function toRates(prices: Readonly<Record<string, Amount | UserPrice>>): Rates {
  return Object.fromEntries(
    (Object.entries(prices) as [Meter, Amount | UserPrice][]).map(([meter, given]) => [
      meter,
      toRate(meter, given),
    ]),
  );
}

function toRate(meter: Meter, given: Amount | UserPrice): Rate {
  const per: Decimal = isTokenMeter(meter) || meter === 'input_characters' ? PER_MILLION : '1';
  if (typeof given !== 'object') return { price: decimalOf(given), per };
  const longContext = given.above?.map(({ inputTokens, price }) => ({
    above: inputTokens,
    price: decimalOf(price),
  }));
  return known({
    price: decimalOf(given.price),
    per: given.per === undefined ? per : decimalOf(given.per),
    longContext,
  });
}

function instant(value: string | undefined): string | undefined {
  return value === undefined ? undefined : new Date(value).toISOString();
}
