import type { Usage } from '../usage/usage.ts';
import { costOf } from './cost-of.ts';
import { defaultPriceList } from './shipped/default-price-list.ts';
import { compare, exact } from '../base/decimal.ts';
import type { Cost, PriceList, PriceQuery } from './price.ts';

/** A call that has not been made yet. */
export interface PlannedCall {
  readonly provider: string;
  readonly model: string;
  /** Input tokens, when they were counted. Otherwise give the text's length. */
  readonly inputTokens?: number;
  /** Bytes (UTF-8) of everything that is sent. A token is at least one byte, and about four in prose. */
  readonly inputBytes?: number;
  /** The limit the request sets. Without it there is no upper bound, unless `defaultMaxOutputTokens` gives one. */
  readonly maxOutputTokens?: number;
  /** What is expected to come out. Default: a quarter of the limit. */
  readonly expectedOutputTokens?: number;
  /** How many answers are asked for (`n`). Default: 1. */
  readonly choices?: number;
}

export interface EstimateOptions extends Partial<
  Omit<PriceQuery, 'provider' | 'requestModel' | 'responseModel'>
> {
  readonly prices?: PriceList | readonly PriceList[];
  /** Used where the request sets no limit. */
  readonly defaultMaxOutputTokens?: number;
}

export interface Estimate {
  /** Not exceeded if the token counts hold: nothing cached, everything written to the cache, the output at its limit. Unpriced when there is no limit. */
  readonly upperBound: Cost;
  /** What to expect. */
  readonly expected: Cost;
}

/** Prose in European languages averages about four bytes a token. */
const BYTES_PER_TOKEN = 4;

/**
 * What a call would cost, before it is made: an upper bound to hold against a budget, and an expectation.
 *
 * @example
 * // at most 1 000 × $2.50/M + 500 × $10/M = $0.0075
 * estimateCall({ provider: 'openai', model: 'gpt-4o', inputTokens: 1000, maxOutputTokens: 500 }).upperBound.amount; // '0.0075'
 */
export function estimateCall(request: PlannedCall, options: EstimateOptions = {}): Estimate {
  const { prices = defaultPriceList, defaultMaxOutputTokens, ...facts } = options;
  const query: PriceQuery = {
    at: new Date(),
    ...facts,
    provider: request.provider,
    requestModel: request.model,
  };
  const limit = request.maxOutputTokens ?? defaultMaxOutputTokens;
  const choices = request.choices ?? 1;
  const most = request.inputTokens ?? request.inputBytes ?? 0;
  const likely = request.inputTokens ?? Math.ceil((request.inputBytes ?? 0) / BYTES_PER_TOKEN);
  const output = request.expectedOutputTokens ?? Math.ceil((limit ?? 0) / 4);
  return {
    upperBound:
      limit === undefined
        ? { status: 'unpriced', lineItems: [], reason: 'the request sets no limit on its output' }
        : dearest(most, limit * choices, query, prices),
    expected: costOf({ inputTokens: likely, outputTokens: output * choices }, query, prices),
  };
}

/** The dearest way the same tokens can be billed: fresh, or written to the longest-lived cache. */
function dearest(
  inputTokens: number,
  outputTokens: number,
  query: PriceQuery,
  prices: PriceList | readonly PriceList[],
): Cost {
  const fresh: Usage = { inputTokens, outputTokens };
  const written = [
    { ...fresh, cacheWriteTokens: inputTokens },
    { ...fresh, cacheWriteTokens: inputTokens, cacheWrite1hTokens: inputTokens },
  ];
  return written
    .map((usage) => costOf(usage, query, prices))
    .reduce((most, cost) => (isDearer(cost, most) ? cost : most), costOf(fresh, query, prices));
}

function isDearer(cost: Cost, than: Cost): boolean {
  if (cost.amount === undefined) return false;
  return than.amount === undefined || compare(exact(cost.amount), exact(than.amount)) > 0;
}
