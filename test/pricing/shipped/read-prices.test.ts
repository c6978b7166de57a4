import { describe, expect, test } from 'vitest';
import { findProviders, listModels, readPrices } from '../../../src/pricing/shipped/list-prices.ts';
import { priceUsage, type PriceUsageOptions } from '../../../src/pricing/price-usage.ts';
import { NOON } from '../price-of.ts';

describe('reading prices', () => {
  test('lists the models of a provider, the overlay’s among them', () => {
    const models = listModels('openai').map(({ model }) => model);
    expect(models).toEqual(expect.arrayContaining(['gpt-4o', 'gpt-6-sol', 'tts-1', 'gpt-6.1-sol']));
    expect(new Set(models).size).toBe(models.length);
    expect(listModels('nobody')).toEqual([]);
    expect(listModels('vertex_ai')).toContainEqual({ provider: 'gcp.vertex_ai', model: 'gemini-2.5-pro' });
  });

  test('lists more than a thousand models of all providers', () => {
    expect(listModels().length).toBeGreaterThan(1_000);
  });

  test('names everybody who sells a model', () => {
    expect(findProviders('gpt-4o', NOON)).toEqual(expect.arrayContaining(['openai', 'azure.ai.openai']));
    expect(findProviders('no-such-model', NOON)).toEqual([]);
  });

  test('reads a card with its source and validity', () => {
    expect(readPrices('openai', 'gpt-5.6-terra', NOON)).toMatchObject({
      price: { list: 'genai-prices@0.1.8', id: 'openai/gpt-5.6-terra', validFrom: '2026-07-30T00:00:00Z' },
      currency: 'USD',
      rates: { input: { price: '2', per: '1000000', longContext: [{ above: 272_000, price: '4' }] } },
    });
    expect(readPrices('openai', 'gpt-99', NOON)).toBeUndefined();
  });

  test('priceUsage refuses options that nobody reads', () => {
    const options = { provider: 'openai', model: 'gpt-4o', tier: 'flex' } as PriceUsageOptions;
    expect(() => priceUsage({ inputTokens: 1 }, options)).toThrow("priceUsage: unknown option 'tier'");
  });
});
