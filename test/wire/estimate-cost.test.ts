import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/base/errors.ts';
import { estimateCost } from '../../src/wire/estimate-cost.ts';
import { compare, exact } from '../../src/base/decimal.ts';
import { priceUsage } from '../../src/pricing/price-usage.ts';

const at = new Date('2026-09-20T12:00:00Z');
const request = {
  model: 'gpt-4o',
  max_completion_tokens: 500,
  messages: [{ role: 'user', content: 'Hello there' }],
};

describe('estimateCost', () => {
  test('bounds a call by its counted input and its output limit', () => {
    // 1000 × 2.5/M + 500 × 10/M = 0.0075; expected: 1000 × 2.5/M + 125 × 10/M = 0.00375
    const { upperBound, expected } = estimateCost(request, { at, inputTokens: 1000 });
    expect(upperBound.amount).toBe('0.0075');
    expect(expected.amount).toBe('0.00375');
  });

  test('counts bytes where tokens were not counted', () => {
    const bytes = Buffer.byteLength(JSON.stringify(request));
    const { upperBound } = estimateCost(request, { at });
    expect(upperBound.amount).toBe(
      priceUsage({ inputTokens: bytes, outputTokens: 500 }, { provider: 'openai', model: 'gpt-4o', at })
        .amount,
    );
  });

  test('takes the dearest way to bill the input', () => {
    // an hour of cache: 1000 × 10/M + 100 × 25/M = 0.0125, against 0.0075 fresh
    const claude = { model: 'claude-opus-4-8', max_tokens: 100, messages: [] };
    expect(estimateCost(claude, { provider: 'anthropic', at, inputTokens: 1000 }).upperBound.amount).toBe(
      '0.0125',
    );
  });

  test('counts every answer that was asked for', () => {
    const { upperBound } = estimateCost({ ...request, n: 3 }, { at, inputTokens: 0 });
    expect(upperBound.amount).toBe('0.015'); // 3 × 500 × 10/M
  });

  test.each([
    ['gcp.gemini', 'gemini-2.5-flash', { generationConfig: { maxOutputTokens: 100 } }],
    ['aws.bedrock', 'us.amazon.nova-pro-v1:0', { inferenceConfig: { maxTokens: 100 } }],
    ['openai', 'gpt-5', { max_output_tokens: 100 }],
  ])('finds the limit of %s', (provider, model, body) => {
    const { upperBound } = estimateCost(body, { provider, model, at, inputTokens: 1000 });
    expect(upperBound.status).toBe('priced');
  });

  test('has no bound without a limit, unless one is given', () => {
    const { model, messages } = request;
    const open = { model, messages };
    expect(estimateCost(open, { at }).upperBound).toMatchObject({
      status: 'unpriced',
      reason: 'the request sets no limit on its output',
    });
    expect(estimateCost(open, { at, defaultMaxOutputTokens: 10 }).upperBound.status).toBe('priced');
  });

  test('the bound is never below the expectation', () => {
    const { upperBound, expected } = estimateCost(request, { at });
    expect(compare(exact(upperBound.amount ?? ''), exact(expected.amount ?? ''))).toBeGreaterThanOrEqual(0);
  });

  test('asks for a model', () => {
    expect(() => estimateCost({ messages: [] })).toThrow(ConfigError);
  });
});
