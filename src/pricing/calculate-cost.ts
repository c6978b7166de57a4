import { flag, kind, type Kind, type KindsOf, optionsOf, record, required } from '../base/options.ts';
import { givenUsage } from '../usage/given-usage.ts';
import type { Usage, UsageJson } from '../usage/usage.ts';
import { checkedPrices, costOf } from './cost-of.ts';
import type { Cost, PriceList, PriceQuery } from './price.ts';

/** What replies and requests say, and be it nothing. */
const said: Kind<string> = kind('a string', (value) => typeof value === 'string');

const QUERY: KindsOf<PriceQuery> = {
  provider: required(said),
  operation: said,
  requestModel: said,
  responseModel: said,
  at: required(kind('a Date', (value) => value instanceof Date)),
  serviceTier: said,
  batch: flag,
  speed: said,
  inferenceGeo: said,
  serverAddress: said,
  region: said,
  deploymentType: said,
  parameters: record,
  reported: record,
  freeReason: said,
};

/**
 * What a call costs: what the provider says it charges, else the first list that knows the model, else
 * unpriced. A list that knows the model and lacks a price for something consumed decides, too: prices of
 * different lists are never mixed within one call.
 *
 * @throws {ConfigError} for quantities and facts that do not exist or are of a wrong kind.
 * @example
 * // 86 uncached × $2.50/M + 1 920 cached × $1.25/M + 300 out × $10/M = $0.005615
 * calculateCost({ inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300 },
 *   { provider: 'openai', responseModel: 'gpt-4o-2024-08-06', at: new Date() }, defaultPriceList).amount; // '0.005615'
 */
export function calculateCost(
  usage: Usage | UsageJson,
  query: PriceQuery,
  prices: PriceList | readonly PriceList[],
): Cost {
  const where = 'calculateCost';
  return costOf(givenUsage(where, usage), optionsOf(where, query, QUERY), checkedPrices(where, prices));
}
