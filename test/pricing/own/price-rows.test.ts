import { describe, expect, test } from 'vitest';
import { userPrices } from '../../../src/metering/user-prices.ts';
import { calculateCost } from '../../../src/pricing/calculate-cost.ts';
import type { PriceFile, UserModel } from '../../../src/pricing/own/price-file.ts';
import type { PriceQuery } from '../../../src/pricing/price.ts';

const row = (model: string, input: string, more: Partial<UserModel> = {}): UserModel => ({
  provider: 'openai',
  model,
  prices: { input },
  ...more,
});
/** What a million input tokens cost. */
const million = (file: PriceFile, model: string, day = '2026-11-20', query: Partial<PriceQuery> = {}) =>
  calculateCost(
    { inputTokens: 1_000_000 },
    { provider: 'openai', requestModel: model, at: new Date(`${day}T00:00:00Z`), ...query },
    userPrices(file),
  ).amount;

describe('of several rows for a model', () => {
  const old = row('gpt-4o-mini', '1');
  const dated = row('gpt-4o-mini', '2', { validFrom: '2026-01-01T00:00:00Z' });
  const future = row('gpt-4o-mini', '3', { validFrom: '2027-01-01T00:00:00Z' });

  test.each([
    ['below the old one', [old, dated, future]],
    ['above it', [future, dated, old]],
    ['in between', [dated, old, future]],
  ])('the newest that holds counts when it stands %s', (_where, models) => {
    expect(million({ models }, 'gpt-4o-mini', '2025-12-31')).toBe('1');
    expect(million({ models }, 'gpt-4o-mini', '2026-01-01')).toBe('2');
    expect(million({ models }, 'gpt-4o-mini', '2026-12-31')).toBe('2');
    expect(million({ models }, 'gpt-4o-mini', '2027-01-01')).toBe('3');
  });

  test('a row that ends gives way to the one before', () => {
    const offer = row('gpt-4o-mini', '0.5', {
      validFrom: '2026-11-01T00:00:00Z',
      validTo: '2026-12-01T00:00:00Z',
    });
    expect(million({ models: [offer, dated] }, 'gpt-4o-mini', '2026-11-30')).toBe('0.5');
    expect(million({ models: [offer, dated] }, 'gpt-4o-mini', '2026-12-01')).toBe('2');
  });

  test.each([
    [
      'without a start',
      [old, row('GPT-4o-mini', '9')],
      'models[0] and models[1] both hold for openai/gpt-4o-mini',
    ],
    [
      'with one start',
      [dated, future, { ...dated, prices: { input: '9' } }],
      'models[0] and models[2] both hold for openai/gpt-4o-mini from 2026-01-01T00:00:00.000Z',
    ],
    [
      'of which the older ends after the newer begins',
      [row('gpt-4o-mini', '1', { validTo: '2026-06-01T00:00:00Z' }), dated],
      'ever since until 2026-06-01T00:00:00.000Z and from 2026-01-01T00:00:00.000Z',
    ],
  ])('two %s are refused, both named', (_what, models, message) => {
    expect(() => userPrices({ models })).toThrow(message);
  });

  test('a row may end in the very moment in which the next begins', () => {
    const models = [row('gpt-4o-mini', '1', { validTo: '2026-01-01T00:00:00Z' }), dated];
    expect(million({ models }, 'gpt-4o-mini', '2026-01-01')).toBe('2');
  });

  test('services and exchange rates follow the same rule', () => {
    const service = (price: string, validFrom?: string) => ({
      service: 'speech',
      prices: { minutes: price },
      ...(validFrom === undefined ? {} : { validFrom }),
    });
    const prices = userPrices({ services: [service('1'), service('2', '2026-01-01T00:00:00Z')] });
    expect(prices.priceService('speech', { minutes: 1 }, new Date('2026-01-01T00:00:00Z'))?.amount).toBe('2');
    expect(() => userPrices({ services: [service('1'), service('2')] })).toThrow(
      'services[0] and services[1] both hold for speech ever since',
    );
    const rate = { from: 'USD', to: 'EUR', rate: '0.9' };
    expect(() => userPrices({ currencies: [rate, rate] })).toThrow('both hold for USD in EUR');
  });
});

describe('a row for a model', () => {
  const models = [row('gpt-4o-mini', '1')];

  test.each(['gpt-4o-mini-2024-07-18', 'GPT-4o-mini', 'gpt-4o-mini-latest'])(
    'serves its build %s',
    (model) => {
      expect(million({ models }, model)).toBe('1');
    },
  );

  // List prices: TTS has its own, the audio model its own.
  test.each(['gpt-4o-mini-tts', 'gpt-4o-mini-audio-preview', 'gpt-4o'])(
    'does not serve its sibling %s',
    (model) => {
      expect(million({ models }, model)).not.toBe('1');
    },
  );

  test('does not serve what only looks like a build: GPT-4 Turbo is not GPT-4', () => {
    expect(million({ models: [row('gpt-4', '1')] }, 'gpt-4-0613')).toBe('1');
    expect(million({ models: [row('gpt-4', '1')] }, 'gpt-4-1106-preview')).toBe('10');
  });

  test('the closest row counts: the build, the model, the longest beginning', () => {
    const rows = [
      row('*', '5'),
      row('gpt-4o*', '4'),
      row('gpt-4o-mini', '3'),
      row('gpt-4o-mini-2024-07-18', '2'),
    ];
    for (const models of [rows, rows.toReversed()]) {
      expect(million({ models }, 'gpt-4o-mini-2024-07-18')).toBe('2');
      expect(million({ models }, 'gpt-4o-mini-2025-01-01')).toBe('3');
      expect(million({ models }, 'gpt-4o-mini-tts')).toBe('4');
      expect(million({ models }, 'gpt-6-sol')).toBe('5');
    }
  });

  test('serves a reply that names the build', () => {
    expect(
      million({ models }, 'gpt-4o-mini', '2026-11-20', { responseModel: 'gpt-4o-mini-2024-07-18' }),
    ).toBe('1');
  });
});

describe('a price file', () => {
  test('takes meters in either spelling, and keeps the names of services and context', () => {
    const prices = userPrices({
      models: [
        { provider: 'openai', model: 'm', prices: { input: '1', cacheRead: '0.5', cacheWrite1h: '2' } },
      ],
      discounts: [{ name: 'd', factor: '0.5', meters: ['cacheRead'] }],
      services: [{ service: 's', prices: { inputTokens: '1' } }],
      rateCards: [
        { name: 'r', prices: { inputTokens: { price: '1' } }, when: { context: { planName: 'x' } } },
      ],
    });
    expect(prices.file.models?.[0]?.prices).toEqual({ input: '1', cache_read: '0.5', cache_write_1h: '2' });
    expect(prices.file.discounts?.[0]?.meters).toEqual(['cache_read']);
    expect(prices.file.services?.[0]?.prices).toEqual({ inputTokens: '1' });
    expect(prices.file.rateCards?.[0]).toMatchObject({
      prices: { input_tokens: { price: '1' } },
      when: { context: { planName: 'x' } },
    });
  });

  test.each([
    [
      { models: [row('m', '1', { provider: 'opneai' })] },
      "models[0]: there is no provider 'opneai'. Did you mean 'openai'?",
    ],
    [
      { discounts: [{ name: 'd', factor: '1', provider: 'antropic' }] },
      "discounts[0]: there is no provider 'antropic'",
    ],
    [
      { rateCards: [{ name: 'r', when: { provider: 'gogle' } }] },
      "rate_cards[0].when: there is no provider 'gogle'",
    ],
    [
      { rateCards: [{ name: 'r', prices: { input_tokenz: { price: '1' } } }] },
      "rate_cards[0].prices: there is no quantity 'input_tokenz'. Did you mean 'input_tokens'?",
    ],
    [
      { aliases: [{ provider: 'openai', model: 'a', is: 'A' }] },
      'the aliases lead in a circle: openai/a → openai/a.',
    ],
    [
      {
        aliases: [
          { provider: 'openai', model: 'a', is: 'b' },
          { provider: 'openai', model: 'b', is: 'c', isProvider: 'azure' },
          { provider: 'azure', model: 'c', is: 'a', isProvider: 'openai' },
        ],
      },
      'the aliases lead in a circle: openai/a → openai/b → azure.ai.openai/c → openai/a.',
    ],
  ])('%j is refused', (file, message) => {
    expect(() => userPrices(file)).toThrow(message);
  });

  test('may name a provider of one’s own', () => {
    expect(
      million({ models: [row('m', '1', { provider: 'vllm' })] }, 'm', '2026-11-20', { provider: 'vllm' }),
    ).toBe('1');
  });

  test('an alias may lead to an alias, and a pattern to a name it covers', () => {
    const aliases = [
      { provider: 'openai', model: 'prod', is: 'prod-eu' },
      { provider: 'openai', model: 'prod*', is: 'prod-base' },
      { provider: 'openai', model: 'prod-base', is: 'gpt-4o' },
    ];
    expect(million({ aliases }, 'prod')).toBe('2.5');
  });
});
