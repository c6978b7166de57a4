import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calculateCost } from '../../src/pricing/calculate-cost.ts';
import { defaultPriceList } from '../../src/pricing/shipped/default-price-list.ts';
import { compare, exact, sumDecimals } from '../../src/base/decimal.ts';
import type { PriceQuery } from '../../src/pricing/price.ts';
import type { Usage } from '../../src/usage/usage.ts';
import { NOON } from './price-of.ts';

const MODELS = [
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-realtime'],
  ['openai', 'gpt-6-sol'],
  ['anthropic', 'claude-opus-4-8'],
  ['gcp.gemini', 'gemini-2.5-flash'],
  ['gcp.gemini', 'gemini-2.5-pro'],
  ['aws.bedrock', 'us.anthropic.claude-opus-4-5-20251101-v1:0'],
  ['deepseek', 'deepseek-v4-pro'],
  ['x_ai', 'grok-4.5'],
  ['groq', 'openai/gpt-oss-120b'],
] as const;

const query: fc.Arbitrary<PriceQuery> = fc
  .record({
    model: fc.constantFrom(...MODELS),
    serviceTier: fc.constantFrom(undefined, 'default', 'flex', 'priority', 'batch'),
    hour: fc.nat(24 * 365),
  })
  .map(({ model: [provider, model], serviceTier, hour }) => ({
    provider,
    requestModel: model,
    at: new Date(NOON.getTime() + hour * 3_600_000),
    ...(serviceTier === undefined ? {} : { serviceTier }),
  }));

const count = (max = 2_000_000): fc.Arbitrary<number | undefined> =>
  fc.option(fc.nat(max), { nil: undefined });

/** Anything a wire might say, consistent or not. */
const anyUsage: fc.Arbitrary<Usage> = fc
  .record({
    inputTokens: count(),
    cacheReadTokens: count(),
    cacheReadTextTokens: count(),
    cacheReadAudioTokens: count(),
    cacheWriteTokens: count(),
    cacheWrite5mTokens: count(),
    cacheWrite1hTokens: count(),
    inputAudioTokens: count(),
    inputImageTokens: count(),
    outputTokens: count(),
    reasoningTokens: count(),
    outputAudioTokens: count(),
    webSearchRequests: count(20),
    inputAudioSeconds: fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }), { nil: undefined }),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));

/** Below every long-context threshold, with details that fit their totals. */
const plainUsage: fc.Arbitrary<Usage> = fc
  .tuple(fc.nat(40_000), fc.nat(40_000), fc.nat(20_000))
  .map(([fresh, cacheReadTokens, outputTokens]) => ({
    inputTokens: fresh + cacheReadTokens,
    cacheReadTokens,
    outputTokens,
  }));

const cost = (usage: Usage, query: PriceQuery) => calculateCost(usage, query, defaultPriceList);

describe('any call', () => {
  test('has line items that add up to its amount, exactly', () => {
    fc.assert(
      fc.property(anyUsage, query, (usage, query) => {
        const { status, amount, lineItems } = cost(usage, query);
        const total = sumDecimals(lineItems.map((item) => item.amount));
        expect(total).toBe(status === 'unpriced' ? '0' : amount);
      }),
      { numRuns: 1_000 },
    );
  });

  test('never costs less than nothing, never is NaN, and has an amount unless it is unpriced', () => {
    fc.assert(
      fc.property(anyUsage, query, (usage, query) => {
        const { status, amount, reason } = cost(usage, query);
        if (status === 'unpriced') {
          expect(amount).toBeUndefined();
          expect(reason).not.toBe('');
        } else {
          expect(amount).toMatch(/^\d+(\.\d*[1-9])?$/);
          expect(compare(exact(amount ?? '-1'), exact('0'))).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('costs as much as its two halves below a long-context threshold', () => {
    fc.assert(
      fc.property(plainUsage, plainUsage, query, (a, b, query) => {
        const both = Object.fromEntries(
          (['inputTokens', 'cacheReadTokens', 'outputTokens'] as const).map((name) => [
            name,
            (a[name] ?? 0) + (b[name] ?? 0),
          ]),
        );
        const [one, two, whole] = [cost(a, query), cost(b, query), cost(both, query)];
        fc.pre(whole.status !== 'unpriced');
        expect(sumDecimals([one.amount ?? '', two.amount ?? ''])).toBe(whole.amount);
      }),
      { numRuns: 1_000 },
    );
  });

  test('never throws, whatever the query says', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString'));
    const text = fc.option(word, { nil: undefined });
    const wild = fc.record({
      provider: fc.oneof(
        word,
        fc.constantFrom('openai', 'aws.bedrock', 'gcp.vertex_ai', 'azure', 'deepseek'),
      ),
      requestModel: text,
      responseModel: text,
      serviceTier: text,
      speed: text,
      serverAddress: text,
      region: text,
      deploymentType: text,
      at: fc.date({ noInvalidDate: false }),
    });
    fc.assert(
      fc.property(anyUsage, wild, (usage, query) => {
        expect(['priced', 'free', 'unpriced']).toContain(cost(usage, query as PriceQuery).status);
      }),
      { numRuns: 1_000 },
    );
  });
});
