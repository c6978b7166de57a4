import { basename } from 'node:path';
import type { PriceFile } from '../pricing/own/price-file.ts';
import { type UserPricesOptions } from '../pricing/own/user-prices.ts';
import { createUserPrices, type UserPriceList } from '../charging/user-prices.ts';
import { readPriceFile } from './read-price-file.ts';

/**
 * A user's own prices, from `costspan.prices.yaml`, a JSON file or an object: own models, aliases for deployment
 * names and ARNs, negotiated discounts, own services, rate cards. What they do not price, the base list does.
 * Give the result to `CostSpanProcessor({ prices })` in place of the default list.
 *
 * @throws {ConfigError} for a file that cannot be read, or that has a field nobody knows.
 * @example
 * const prices = userPrices({ models: [{ provider: 'self_hosted', model: 'llama*', prices: { input: '0.2', output: '0.6' } }] });
 * prices.price({ inputTokens: 1000 }, { provider: 'self_hosted', requestModel: 'llama-3', at: new Date() })?.amount; // '0.0002'
 */
export function userPrices(source: string | PriceFile, options: UserPricesOptions = {}): UserPriceList {
  return typeof source === 'string'
    ? createUserPrices(basename(source), readPriceFile(source), options)
    : createUserPrices('user-prices', source, options);
}
