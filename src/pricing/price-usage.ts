import { checkOptions } from '../errors.ts';
import type { Usage } from '../usage/usage.ts';
import { calculateCost, defaultPriceList } from './default-price-list.ts';
import type { Cost, PriceList, PriceQuery } from './price.ts';

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

const OPTIONS = [
  'provider',
  'model',
  'at',
  'prices',
  'operation',
  'serviceTier',
  'batch',
  'speed',
  'inferenceGeo',
  'serverAddress',
  'region',
  'deploymentType',
  'parameters',
  'reported',
  'freeReason',
] as const satisfies readonly (keyof PriceUsageOptions)[];

/**
 * What quantities cost, offline and without a reply.
 *
 * @throws {ConfigError} for options that nobody reads.
 * @example
 * priceUsage({ inputTokens: 1000, outputTokens: 100 }, { provider: 'openai', model: 'gpt-4o' }).amount; // '0.0035'
 */
export function priceUsage(usage: Usage, options: PriceUsageOptions): Cost {
  checkOptions('priceUsage', options, OPTIONS);
  const { model, prices = defaultPriceList, at = new Date(), ...query } = options;
  return calculateCost(usage, { ...query, at, requestModel: model, responseModel: model }, prices);
}
