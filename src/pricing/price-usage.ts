import { date, flag, type KindsOf, optionsOf, record, required, text } from '../base/options.ts';
import { givenUsage } from '../usage/given-usage.ts';
import type { Usage, UsageJson } from '../usage/usage.ts';
import { costOf, priceLists } from './cost-of.ts';
import type { Cost, PriceList, PriceQuery } from './price.ts';
import { defaultPriceList } from './shipped/default-price-list.ts';

export interface PriceUsageOptions extends Omit<
  PriceQuery,
  'at' | 'provider' | 'requestModel' | 'responseModel'
> {
  readonly provider: string;
  readonly model: string;
  /** When the call was made. Default: now. */
  readonly at?: Date;
  /** Default: `defaultPriceList`. */
  readonly prices?: PriceList | readonly PriceList[];
}

const OPTIONS: KindsOf<PriceUsageOptions> = {
  provider: required(text),
  model: required(text),
  at: date,
  prices: priceLists,
  operation: text,
  serviceTier: text,
  batch: flag,
  speed: text,
  inferenceGeo: text,
  serverAddress: text,
  region: text,
  deploymentType: text,
  parameters: record,
  reported: record,
  freeReason: text,
};

/**
 * What quantities cost, offline and without a reply. Quantities are named as in code or as in an event's JSON.
 *
 * @throws {ConfigError} for options and quantities that do not exist or are of a wrong kind.
 * @example
 * priceUsage({ inputTokens: 1000, outputTokens: 100 }, { provider: 'openai', model: 'gpt-4o' }).amount; // '0.0035'
 */
export function priceUsage(usage: Usage | UsageJson, options: PriceUsageOptions): Cost {
  const {
    model,
    prices = defaultPriceList,
    at = new Date(),
    ...query
  } = optionsOf('priceUsage', options, OPTIONS);
  return costOf(
    givenUsage('priceUsage', usage),
    { ...query, at, requestModel: model, responseModel: model },
    prices,
  );
}
