import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/base/errors.ts';
import { calculateCost } from '../../../src/pricing/calculate-cost.ts';
import type { PriceFile } from '../../../src/pricing/own/price-file.ts';
import type { PriceQuery } from '../../../src/pricing/price.ts';
import { calculateServiceCost } from '../../../src/pricing/own/service-price.ts';
import { userPrices } from '../../../src/metering/user-prices.ts';
import type { Usage } from '../../../src/usage/usage.ts';

const at = new Date('2026-09-20T12:00:00Z');
const gpt4o: PriceQuery = { provider: 'openai', responseModel: 'gpt-4o-2024-08-06', at };
const priced = (file: PriceFile, usage: Usage, query: Partial<PriceQuery> = {}) =>
  calculateCost(usage, { ...gpt4o, ...query }, userPrices(file));

function fileOf(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'costspan-')), name);
  writeFileSync(path, text);
  return path;
}

const YAML = `
name: acme-2026-11
models:
  - provider: self_hosted
    model: llama-3.3*
    prices:
      input: 0.20
      output: "0.60"
      session_seconds: { price: 2.50, per: 3600 }   # the GPU, by the hour
aliases:
  - { provider: azure.ai.openai, model: support-bot, is: gpt-4o }
discounts:
  - name: enterprise
    percent: 15
    provider: openai
    valid_from: 2026-07-01T00:00:00Z
    valid_to: 2027-07-01T00:00:00Z
services:
  - service: speech_to_text
    prices:
      seconds: { price: "0.006", per: 60, minimum: 60, increment: 60 }
`;

describe('userPrices', () => {
  test('reads costspan.prices.yaml', () => {
    const prices = userPrices(fileOf('costspan.prices.yaml', YAML));
    // 1000 × 0.2/M + 500 × 0.6/M + 36 s × 2.5 ÷ 3600 = 0.0002 + 0.0003 + 0.025
    expect(
      prices.price(
        { inputTokens: 1000, outputTokens: 500, sessionSeconds: 36 },
        { provider: 'self_hosted', requestModel: 'llama-3.3-70b', at },
      ),
    ).toMatchObject({ amount: '0.0255', price: { list: 'acme-2026-11', id: 'self_hosted/llama-3.3*' } });
  });

  test('reads the same from JSON and from an object', () => {
    const file = {
      models: [{ provider: 'openai', model: 'gpt-4o-2024-08-06', prices: { input: '1', output: '2' } }],
    };
    const path = fileOf('prices.json', JSON.stringify(file));
    // 1000 × 1/M + 100 × 2/M
    expect(calculateCost({ inputTokens: 1000, outputTokens: 100 }, gpt4o, userPrices(path)).amount).toBe(
      '0.0012',
    );
    expect(priced(file, { inputTokens: 1000, outputTokens: 100 }).amount).toBe('0.0012');
  });

  test('takes decimals as they are written', () => {
    const prices = userPrices(
      fileOf(
        'p.yaml',
        'models:\n  - { provider: p, model: m, prices: { input: 0.1, output: 0.30000000000000004 } }',
      ),
    );
    const rates = prices.file.models?.[0]?.prices;
    expect(rates).toEqual({ input: 0.1, output: 0.30000000000000004 });
    expect(prices.price({ inputTokens: 3 }, { provider: 'p', requestModel: 'm', at })?.amount).toBe(
      '0.0000003',
    );
  });

  test('an own price is whole: what it does not list has no price', () => {
    const file = { models: [{ provider: 'openai', model: 'gpt-4o*', prices: { input: '1' } }] };
    expect(priced(file, { inputTokens: 10, outputTokens: 5 })).toMatchObject({
      status: 'unpriced',
      reason: 'no price for output of openai/gpt-4o*',
    });
  });

  test('leaves everything it does not speak of to the base list', () => {
    expect(priced({}, { inputTokens: 1000 }).amount).toBe('0.0025');
  });

  test('holds from its start until just before its end', () => {
    const file = {
      models: [
        {
          provider: 'openai',
          model: 'gpt-4o*',
          prices: { input: '1' },
          validFrom: '2026-10-01T00:00:00Z',
          validTo: '2026-11-01T00:00:00Z',
        },
      ],
    };
    const amountAt = (instant: string) =>
      priced(file, { inputTokens: 1000 }, { at: new Date(instant) }).amount;
    expect(amountAt('2026-09-30T23:59:59.999Z')).toBe('0.0025');
    expect(amountAt('2026-10-01T00:00:00Z')).toBe('0.001');
    expect(amountAt('2026-10-31T23:59:59.999Z')).toBe('0.001');
    expect(amountAt('2026-11-01T00:00:00Z')).toBe('0.0025');
  });

  test('long prompts have the price of their length', () => {
    const prices = { input: { price: '1', above: [{ inputTokens: 1000, price: '2' }] } };
    const file = { models: [{ provider: 'openai', model: 'gpt-4o*', prices }] };
    expect(priced(file, { inputTokens: 1000 }).amount).toBe('0.001'); // 1000 × 1/M
    expect(priced(file, { inputTokens: 1001 }).amount).toBe('0.002002'); // 1001 × 2/M
  });

  test('an alias leads to the price of the model it stands for', () => {
    const aliases = [
      { provider: 'azure.ai.openai', model: 'support-bot', is: 'gpt-4o' },
      {
        provider: 'aws.bedrock',
        model: 'arn:aws:bedrock:us-east-1:1:application-inference-profile/a1',
        is: 'us.anthropic.claude-opus-4-5-20251101-v1:0',
      },
    ];
    const onAzure = { provider: 'azure.ai.openai', requestModel: 'support-bot' };
    expect(
      priced({ aliases }, { inputTokens: 1000 }, { ...onAzure, responseModel: 'support-bot' }).amount,
    ).toBe('0.0025');
    const arn = aliases[1]?.model ?? '';
    const onBedrock = { provider: 'aws.bedrock', requestModel: arn, responseModel: 'claude' };
    expect(priced({ aliases }, { inputTokens: 1000 }, onBedrock).amount).toBe('0.0055');
  });

  test('an alias says what the wire cannot: the type of an Azure deployment', () => {
    const aliases = [{ provider: 'azure.ai.openai', model: 'gpt-4o*', deploymentType: 'datazone' }];
    // 1000 × 2.5/M × 1.1
    expect(priced({ aliases }, { inputTokens: 1000 }, { provider: 'azure.ai.openai' }).amount).toBe(
      '0.00275',
    );
  });

  test('a discount stands beside the list price on every line item', () => {
    const discounts = [{ name: 'enterprise', percent: 15, provider: 'openai' }];
    // (1000 × 2.5/M + 100 × 10/M) × 0.85 = 0.002125 + 0.00085
    const cost = priced({ name: 'acme', discounts }, { inputTokens: 1000, outputTokens: 100 });
    expect(cost.amount).toBe('0.002975');
    expect(cost.lineItems[0]).toMatchObject({
      unitPrice: '2.5',
      amount: '0.002125',
      multipliers: [{ name: 'discount:enterprise', factor: '0.85' }],
    });
    expect(cost.price?.list).toBe('acme+genai-prices@0.1.8');
  });

  test('discounts keep to their provider, models, meters and time', () => {
    const on = (discount: object) =>
      priced(
        { discounts: [{ name: 'd', factor: '0.5', ...discount }] },
        { inputTokens: 1000, outputTokens: 100 },
      ).amount;
    expect(on({ provider: 'anthropic' })).toBe('0.0035');
    expect(on({ models: ['gpt-4.1*'] })).toBe('0.0035');
    expect(on({ models: ['gpt-4o*'] })).toBe('0.00175');
    expect(on({ meters: ['output'] })).toBe('0.003'); // 0.0025 + 0.001 × 0.5
    expect(on({ validFrom: '2026-09-20T12:00:00.001Z' })).toBe('0.0035');
    expect(on({ validTo: '2026-09-20T12:00:00Z' })).toBe('0.0035');
  });

  test('what the provider reports is past discounting', () => {
    const discounts = [{ name: 'd', factor: '0.5' }];
    const cost = priced(
      { discounts },
      { inputTokens: 1000 },
      { reported: { amount: '0.0025', currency: 'USD' } },
    );
    expect(cost.amount).toBe('0.0025');
    expect(cost.local?.amount).toBe('0.00125');
  });

  test('converts by the rate of the call’s time, and never without one', () => {
    const file: PriceFile = {
      currencies: [
        { from: 'USD', to: 'EUR', rate: '0.9', validTo: '2026-10-01T00:00:00Z' },
        { from: 'USD', to: 'EUR', rate: '0.95', validFrom: '2026-10-01T00:00:00Z' },
      ],
    };
    const prices = userPrices(file, { currency: 'EUR' });
    const at = (instant: string) =>
      calculateCost({ inputTokens: 1000 }, { ...gpt4o, at: new Date(instant) }, prices);
    expect(at('2026-09-30T23:59:59Z')).toMatchObject({ currency: 'EUR', amount: '0.00225' }); // 0.0025 × 0.9
    expect(at('2026-10-01T00:00:00Z')).toMatchObject({ currency: 'EUR', amount: '0.002375' }); // 0.0025 × 0.95
    const sterling = userPrices(file, { currency: 'GBP' }).price({ inputTokens: 1 }, gpt4o);
    expect(sterling).toMatchObject({
      status: 'unpriced',
      reason: 'no rate from USD to GBP at 2026-09-20T12:00:00.000Z',
    });
  });
});

describe('own services', () => {
  const prices = userPrices(fileOf('costspan.prices.yaml', YAML));

  test.each([
    // seconds, billed by the minute, at least one: minutes × 0.006
    [1, '60', '0.006'],
    [60, '60', '0.006'],
    [61, '120', '0.012'],
    [150.5, '180', '0.018'],
  ])('%d seconds are billed as %s', (seconds, quantity, amount) => {
    expect(prices.priceService('speech_to_text', { seconds }, at)).toMatchObject({
      status: 'priced',
      amount,
      lineItems: [{ meter: 'seconds', quantity, unitPrice: '0.006', per: '60' }],
    });
  });

  test('an unknown service is not ours to price, an unknown quantity leaves it unpriced', () => {
    expect(prices.priceService('nobody', { seconds: 1 }, at)).toBeUndefined();
    expect(calculateServiceCost('nobody', { seconds: 1 }, at, [prices])).toMatchObject({
      status: 'unpriced',
    });
    expect(calculateServiceCost('speech_to_text', { seconds: '1' }, at, [prices]).amount).toBe('0.006');
    expect(prices.priceService('speech_to_text', { pages: 1 }, at)).toMatchObject({
      status: 'unpriced',
      reason: 'no price for pages of speech_to_text',
    });
  });
});

describe('a wrong price file', () => {
  test.each([
    [
      'a meter nobody knows',
      { models: [{ provider: 'p', model: 'm', prices: { inptu: '1' } }] },
      "models[0].prices.inptu: expected a meter. Did you mean 'input'?",
    ],
    ['an unknown field', { modles: [] }, "unknown field 'modles'. Did you mean 'models'?"],
    ['a missing field', { models: [{ provider: 'p' }] }, "models[0]: 'model' is missing"],
    [
      'a price that is no number',
      { models: [{ provider: 'p', model: 'm', prices: { input: 'cheap' } }] },
      "models[0].prices.input: expected a decimal number of at least 0, such as '2.50', got 'cheap'",
    ],
    [
      'a negative price',
      { models: [{ provider: 'p', model: 'm', prices: { input: -1 } }] },
      'models[0].prices.input',
    ],
    [
      'a time that is none',
      { models: [{ provider: 'p', model: 'm', validFrom: 'soon' }] },
      'models[0].valid_from: expected an instant',
    ],
    ['a list that is none', { aliases: {} }, 'aliases: expected a list, got an object'],
    ['a discount without a size', { discounts: [{ name: 'd' }] }, "discount 'd' needs either percent"],
    [
      'a discount of more than everything',
      { discounts: [{ name: 'd', percent: 101 }] },
      'takes off more than 100 percent',
    ],
    [
      'a division by nothing',
      { models: [{ provider: 'p', model: 'm', prices: { request: { price: 1, per: 0 } } }] },
      'models[0].prices.request.per: expected a number above 0',
    ],
  ])('%s is refused, with its place', (_what, file, message) => {
    expect(() => userPrices(file as PriceFile)).toThrow(ConfigError);
    expect(() => userPrices(file as PriceFile)).toThrow(message);
  });

  test('names the file', () => {
    expect(() => userPrices(fileOf('costspan.prices.yaml', 'models: 5'))).toThrow(
      'costspan.prices.yaml: models: expected a list, got 5',
    );
    expect(() => userPrices(fileOf('costspan.prices.yaml', 'a: [1'))).toThrow('is not valid YAML');
    expect(() => userPrices('/does/not/exist.yaml')).toThrow(
      'Cannot read the price file /does/not/exist.yaml',
    );
  });
});
