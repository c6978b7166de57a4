import { calcPrice } from '@pydantic/genai-prices';
import { costOf } from '../src/pricing/cost-of.ts';
import { defaultPriceList } from '../src/pricing/shipped/default-price-list.ts';
import type { PriceQuery } from '../src/pricing/price.ts';

/**
 * What pricing one event takes, beside the catalogue's own calculator on the same call, and what importing the
 * prices costs an application's start. Run: `node bench/pricing.ts`. Figures are of this machine, now; the ratio
 * says more than the microseconds.
 */
const ROUNDS = 20_000;
const at = new Date('2026-09-20T12:00:00Z');
const usage = { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300 };
const theirs = { input_tokens: 2006, cache_read_tokens: 1920, output_tokens: 300 };

const CALLS: readonly (readonly [string, PriceQuery, string])[] = [
  ['openai', { provider: 'openai', responseModel: 'gpt-4o-2024-08-06', at }, 'gpt-4o-2024-08-06'],
  ['anthropic', { provider: 'anthropic', responseModel: 'claude-opus-4-8', at }, 'claude-opus-4-8'],
  ['openrouter', { provider: 'openrouter', responseModel: 'openai/gpt-4o', at }, 'openai/gpt-4o'],
];

const started = performance.now();
costOf(usage, { provider: 'openai', responseModel: 'gpt-4o', at }, defaultPriceList);
console.log(`first price, with its provider's table read: ${(performance.now() - started).toFixed(1)} ms`);

for (const [providerId, query, model] of CALLS) {
  const ours = perCall(() => costOf(usage, query, defaultPriceList));
  const catalogue = perCall(() => calcPrice(theirs, model, { providerId, timestamp: at }));
  console.log(
    `${providerId.padEnd(10)}  costspan ${ours.toFixed(2)} µs, exact, with line items   ` +
      `genai-prices ${catalogue.toFixed(2)} µs, floats   ratio ${(ours / catalogue).toFixed(2)}`,
  );
}

function perCall(work: () => unknown): number {
  for (let i = 0; i < ROUNDS / 10; i++) work();
  const start = performance.now();
  for (let i = 0; i < ROUNDS; i++) work();
  return ((performance.now() - start) * 1000) / ROUNDS;
}
