import { describe, expect, test } from 'vitest';
import { calculateCost } from '../../src/pricing/calculate-cost.ts';
import { defaultPriceList } from '../../src/pricing/shipped/default-price-list.ts';
import type { Cost, PriceQuery } from '../../src/pricing/price.ts';
import type { Usage } from '../../src/usage/usage.ts';

const at = new Date('2026-09-20T12:00:00Z');
const gpt4o: PriceQuery = { provider: 'openai', responseModel: 'gpt-4o-2024-08-06', at };
const price = (usage: Usage, query: Partial<PriceQuery> = {}): Cost =>
  calculateCost(usage, { ...gpt4o, ...query }, defaultPriceList);

describe('calculateCost', () => {
  test('prices cached input apart and shows every line', () => {
    // 86 × $2.50/M + 1 920 × $1.25/M + 300 × $10/M = 0.000215 + 0.0024 + 0.003 = $0.005615
    expect(
      price({ inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300, reasoningTokens: 0 }),
    ).toEqual({
      status: 'priced',
      currency: 'USD',
      amount: '0.005615',
      source: 'local',
      lineItems: [
        { meter: 'input', quantity: '86', unitPrice: '2.5', per: '1000000', amount: '0.000215' },
        { meter: 'cache_read', quantity: '1920', unitPrice: '1.25', per: '1000000', amount: '0.0024' },
        { meter: 'output', quantity: '300', unitPrice: '10', per: '1000000', amount: '0.003' },
      ],
      price: { list: 'genai-prices@0.1.8', id: 'openai/gpt-4o' },
    });
  });

  test('bills reasoning and predictions once, inside the output', () => {
    // 1 000 × $10/M = $0.01, whatever the output was made of
    const details = { reasoningTokens: 700, acceptedPredictionTokens: 100, rejectedPredictionTokens: 50 };
    expect(price({ inputTokens: 0, outputTokens: 1000, ...details }).amount).toBe('0.01');
  });

  test('leaves a dimension without a price unpriced instead of taking the text rate', () => {
    const cost = price({ inputTokens: 10, inputAudioTokens: 5, outputTokens: 1 });
    expect(cost).toMatchObject({ status: 'unpriced', reason: 'no price for input_audio of openai/gpt-4o' });
    expect(cost).not.toHaveProperty('amount');
  });

  test('leaves an unknown model unpriced, never 0', () => {
    const cost = price({ inputTokens: 10 }, { responseModel: 'gpt-99' });
    expect(cost).toEqual({ status: 'unpriced', lineItems: [], reason: 'no price list knows openai/gpt-99' });
  });

  test('costs nothing for a known model that used nothing', () => {
    expect(price({ inputTokens: 0, outputTokens: 0 })).toMatchObject({
      status: 'priced',
      amount: '0',
      lineItems: [],
    });
  });

  test('is unpriced when the reply says nothing about usage', () => {
    expect(price({})).toMatchObject({
      status: 'unpriced',
      reason: 'the reply does not say what was consumed',
    });
  });

  test('takes the amount the provider reports to the last digit and keeps its own beside it', () => {
    const reported = { amount: '0.0000123456789', currency: 'USD' };
    const cost = price({ inputTokens: 100, outputTokens: 10 }, { reported });
    expect(cost).toMatchObject({ status: 'priced', amount: '0.0000123456789', source: 'provider' });
    expect(cost.local).toMatchObject({ status: 'priced', amount: '0.00035' }); // 100 × 2.5/M + 10 × 10/M
  });

  test('prices what the provider reports even where no list knows the model', () => {
    const reported = { amount: '1e-7', currency: 'USD' };
    const cost = price(
      { inputTokens: 1 },
      { provider: 'openrouter', responseModel: 'nobody/knows', reported },
    );
    expect(cost).toMatchObject({ status: 'priced', amount: '0.0000001', local: { status: 'unpriced' } });
  });

  test('is free when we are not billed', () => {
    const cost = price({ inputTokens: 1 }, { freeReason: "billed to the customer's own organization" });
    expect(cost).toMatchObject({ status: 'free', amount: '0', lineItems: [] });
  });

  test('asks the lists in order and stays with the first that knows the model', () => {
    const mine = { name: 'mine@1', price: () => ({ status: 'free', amount: '0', lineItems: [] }) as const };
    const silent = { name: 'silent@1', price: () => undefined };
    expect(calculateCost({ inputTokens: 1 }, gpt4o, [silent, mine, defaultPriceList]).status).toBe('free');
    expect(calculateCost({ inputTokens: 1 }, gpt4o, [silent, defaultPriceList]).status).toBe('priced');
  });
});
