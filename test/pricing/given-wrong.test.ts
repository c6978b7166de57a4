import { describe, expect, test } from 'vitest';
import {
  calculateCharge,
  calculateCost,
  defaultPriceList,
  estimateCost,
  findProviders,
  listModels,
  priceResponse,
  priceUsage,
  type PriceUsageOptions,
  readPrices,
  recordUsage,
  roundDecimal,
  sumDecimals,
} from '../../src/index.ts';
import { ConfigError } from '../../src/base/errors.ts';

const GPT_4O: PriceUsageOptions = { provider: 'openai', model: 'gpt-4o', at: new Date('2026-11-20') };
/** What somebody without a type checker passes. */
const wrong = (value: unknown): never => value as never;

test('priceUsage takes the quantities of code and of an event’s JSON', () => {
  // 1000 × $2.50/M + 100 × $10/M
  expect(priceUsage({ inputTokens: 1000, outputTokens: 100 }, GPT_4O).amount).toBe('0.0035');
  expect(priceUsage({ input_tokens: 1000, output_tokens: 100 }, GPT_4O).amount).toBe('0.0035');
  const step = { type: 'compaction', usage: { input_tokens: 1000 } };
  // 1000 × $2.50/M twice
  expect(priceUsage({ input_tokens: 1000, iterations: [step] }, GPT_4O).amount).toBe('0.005');
  expect(priceUsage(wrong({ inputTokens: 1000, outputTokens: null }), GPT_4O).amount).toBe('0.0025');
});

describe('a function that is given what it cannot read says so, and what it can', () => {
  test.each<[string, () => unknown, string]>([
    [
      'an unknown quantity',
      () => priceUsage(wrong({ inputTokenz: 1000 }), GPT_4O),
      "priceUsage: there is no quantity 'inputTokenz'. Did you mean 'inputTokens'?",
    ],
    ['no quantities', () => priceUsage(wrong(undefined), GPT_4O), 'priceUsage: expected quantities'],
    [
      'NaN',
      () => priceUsage({ inputTokens: NaN }, GPT_4O),
      "expected 'inputTokens' to be a number of at least 0, got NaN",
    ],
    ['infinity', () => priceUsage({ inputTokens: Infinity }, GPT_4O), 'got Infinity'],
    ['less than nothing', () => priceUsage({ input_tokens: -1 }, GPT_4O), 'got -1'],
    ['a count as text', () => priceUsage(wrong({ inputTokens: '5' }), GPT_4O), "got '5'"],
    [
      'a wrong step',
      () => priceUsage(wrong({ iterations: [{ type: 'a', usage: { tokens: 1 } }] }), GPT_4O),
      "iterations[0]: there is no quantity 'tokens'",
    ],
    [
      'a time as text',
      () => priceUsage({}, wrong({ ...GPT_4O, at: '2026-01-01' })),
      "expected 'at' to be a valid Date, got '2026-01-01'",
    ],
    [
      'no model',
      () => priceUsage({}, wrong({ provider: 'openai' })),
      "expected 'model' to be a non-empty string",
    ],
    ['no options', () => priceUsage({}, wrong(undefined)), "expected 'provider' to be"],
    [
      'a price list that is none',
      () => priceUsage({}, { ...GPT_4O, prices: wrong({}) }),
      'expected a price list',
    ],
    [
      'a query without a time',
      () => calculateCost({}, wrong({ provider: 'openai' }), defaultPriceList),
      "calculateCost: expected 'at' to be a Date, got undefined",
    ],
    [
      'prices that are a file’s name',
      () => calculateCost({}, { provider: 'openai', at: new Date() }, wrong('prices.yaml')),
      "userPrices('costspan.prices.yaml')",
    ],
    [
      'a price list that is none',
      () => priceResponse({}, { prices: wrong([]) }),
      'priceResponse: expected a price list',
    ],
    [
      'a request that is text',
      () => estimateCost(wrong('Hi')),
      'estimateCost: expected the body of a request',
    ],
    [
      'an unknown option',
      () => estimateCost({ model: 'gpt-4o' }, wrong({ maxTokens: 5 })),
      "estimateCost: unknown option 'maxTokens'",
    ],
    [
      'an amount that is none',
      () => sumDecimals(['1', 'abc']),
      'sumDecimals: expected an amount as decimal text',
    ],
    ['a float', () => sumDecimals(wrong([0.1])), 'got 0.1'],
    ['places below none', () => roundDecimal('1', -1), 'roundDecimal: expected the places'],
    ['half a place', () => roundDecimal('1', 1.5), 'got 1.5'],
    [
      'an unknown rounding',
      () => roundDecimal('1', 1, wrong('up')),
      "expected the rounding to be 'half-even' or 'half-up'",
    ],
    ['no usage', () => recordUsage(wrong(undefined)), 'recordUsage: expected an options object'],
    [
      'a misspelt provider',
      () => listModels('opnai'),
      "listModels: there is no provider 'opnai'. Did you mean 'openai'?",
    ],
    ['a misspelt provider', () => readPrices('antropic', 'claude-opus-5-5'), "Did you mean 'anthropic'?"],
    ['a model that is none', () => findProviders(wrong(undefined)), 'findProviders: expected a model'],
    ['a time as text', () => readPrices('openai', 'gpt-4o', wrong('2026-01-01')), 'expected a valid Date'],
    [
      'a misspelt rate card',
      () => calculateCharge(wrong({}), wrong([{ name: 'a', markupp: 5 }])),
      "unknown field 'markupp'. Did you mean 'markup'?",
    ],
  ])('%s', (_what, call, message) => {
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(message);
  });

  test('what is only unknown is no mistake', () => {
    expect(listModels('my-own-gateway')).toEqual([]);
    expect(readPrices('openai', 'gpt-99')).toBeUndefined();
  });
});
