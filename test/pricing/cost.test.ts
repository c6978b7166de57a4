import { describe, expect, test } from 'vitest';
import { addCosts, costOfUsage, freeCost, unpricedCost } from '../../src/pricing/cost.ts';
import { calculateCost } from '../../src/pricing/calculate-cost.ts';
import { defaultPriceList } from '../../src/pricing/shipped/default-price-list.ts';
import type { Cost } from '../../src/pricing/price.ts';
import type { Meter, Rate, RateCard } from '../../src/pricing/rate-card.ts';
import type { Usage } from '../../src/usage/usage.ts';

const MILLION = '1000000';
const rate = (price: string, per = MILLION): Rate => ({ price, per });

/** A card with nothing but these rates. */
function card(rates: Partial<Record<Meter, Rate>>, more: Partial<RateCard> = {}): RateCard {
  return { reference: { list: 'test', id: 'model' }, currency: 'USD', rates, ...more };
}

const priced = (amount: string, more: Partial<Cost> = {}): Cost => ({
  status: 'priced',
  currency: 'USD',
  amount,
  source: 'local',
  lineItems: [{ meter: 'input', quantity: '1', unitPrice: amount, per: '1', amount }],
  ...more,
});

describe('the cost of work done by several models', () => {
  test('is the sum of its parts, with every line and note', () => {
    const sum = addCosts([priced('0.1', { notes: ['a'] }), priced('0.2'), freeCost('cached')]);
    expect(sum).toMatchObject({ status: 'priced', amount: '0.3', notes: ['a'] });
    expect(sum.lineItems).toHaveLength(2);
    expect(addCosts([priced('0.1'), priced('0.2')])).not.toHaveProperty('notes');
  });

  test('is one part’s own where there is but one', () => {
    const only = priced('0.1');
    expect(addCosts([only])).toBe(only);
  });

  test('is free where all of it is, and unpriced as soon as one part is', () => {
    expect(addCosts([freeCost('cached'), freeCost('cached')])).toMatchObject({ status: 'free', amount: '0' });
    const unpriced = unpricedCost('no price');
    expect(addCosts([priced('0.1'), unpriced])).toBe(unpriced);
    expect(addCosts([unpriced])).toBe(unpriced);
  });

  test('is unpriced where the parts have different currencies: nothing is ever converted', () => {
    expect(addCosts([priced('0.1'), priced('0.1', { currency: 'EUR' })])).toEqual({
      status: 'unpriced',
      lineItems: [],
      reason: 'the parts of this call are priced in different currencies',
    });
  });
});

describe('what is told in tokens and in its own unit is paid once', () => {
  const images: Usage = { inputTokens: 10, outputTokens: 1000, outputImageTokens: 900, outputImages: 1 };
  test.each<[string, Usage, RateCard, string | undefined]>([
    // 10 × 1 + 100 × 2 + 900 × 30 = 27,210 millionths
    [
      'image tokens that have a price',
      images,
      card({ input: rate('1'), output: rate('2'), output_image: rate('30') }),
      '0.02721',
    ],
    // 10 × 1 + 1,000 × 2 = 2,010 millionths
    [
      'image tokens that are billed with the output',
      images,
      card({ input: rate('1'), output: rate('2') }, { shared: ['output_image'] }),
      '0.00201',
    ],
    // 10 × 1 + 100 × 2 = 210 millionths, and 0.04 for the picture
    [
      'pictures that have a price, and tokens of them that have none',
      images,
      card({ input: rate('1'), output: rate('2'), output_images: rate('0.04', '1') }),
      '0.04021',
    ],
    [
      'pictures of a chat model that bills neither',
      { inputTokens: 10, outputTokens: 100, outputImages: 1 },
      card({ input: rate('1'), output: rate('2') }),
      undefined,
    ],
    [
      'video in tokens',
      { outputVideoTokens: 100, outputVideoSeconds: 5 },
      card({ output_video: rate('3') }),
      '0.0003',
    ],
    [
      'video that has no price',
      { inputTokens: 1, outputVideoSeconds: 5 },
      card({ input: rate('3') }),
      undefined,
    ],
    ['speech in tokens', { outputTokens: 100, outputAudioSeconds: 5 }, card({ output: rate('3') }), '0.0003'],
    [
      'speech that has no price',
      { inputTokens: 1, outputAudioSeconds: 5 },
      card({ input: rate('3') }),
      undefined,
    ],
    [
      'sound that was listened to in tokens',
      { inputTokens: 100, inputAudioSeconds: 5 },
      card({ input: rate('3') }),
      '0.0003',
    ],
    [
      'sound that has no price',
      { outputTokens: 100, inputAudioSeconds: 5 },
      card({ output: rate('3') }),
      undefined,
    ],
    // 5 × 0.01; the tokens of it have no price.
    [
      'sound by the second',
      { inputTokens: 100, inputAudioSeconds: 5 },
      card({ input_audio_seconds: rate('0.01', '1') }),
      '0.05',
    ],
    [
      'what the card says is nobody’s to pay',
      { inputTokens: 100, searchUnits: 1 },
      card({ input: rate('3') }, { unbilled: ['search_unit'] }),
      '0.0003',
    ],
  ])('%s', (_what, usage, rates, amount) => {
    const cost = costOfUsage(usage, rates);
    expect([cost.status, cost.amount]).toEqual([amount === undefined ? 'unpriced' : 'priced', amount]);
  });
});

describe('a card', () => {
  test('that is free says why, also for nothing', () => {
    expect(costOfUsage({}, card({}, { free: 'a preview' }))).toEqual({
      status: 'free',
      currency: 'USD',
      amount: '0',
      source: 'local',
      lineItems: [],
      price: { list: 'test', id: 'model' },
      reason: 'a preview',
    });
  });

  test('prices nothing that nobody counted; zeros are counts', () => {
    const rates = card({ input: rate('1') });
    expect(costOfUsage({}, rates)).toMatchObject({
      status: 'unpriced',
      reason: 'the reply does not say what was consumed',
    });
    expect(costOfUsage({ inputTokens: 0 }, rates)).toMatchObject({ status: 'priced', amount: '0' });
  });

  test('never prices a meter at its neighbour’s rate, and names all that lack one', () => {
    const usage = { inputTokens: 10, cacheReadTokens: 4, outputTokens: 2 };
    expect(costOfUsage(usage, card({ input: rate('1') })).reason).toBe(
      'no price for cache_read, output of model',
    );
  });

  test('with a fee per request adds it once, at its own price under every factor', () => {
    const rates = card({ input: rate('1'), request: rate('0.01', '1') });
    // 10 × 1 ÷ 1e6 × 0.5 + 0.01
    expect(costOfUsage({ inputTokens: 10 }, rates, [{ name: 'batch', factor: '0.5' }]).amount).toBe(
      '0.010005',
    );
    // Where the factor is meant for it.
    const all = [{ name: 'contract', factor: '0.5', meters: ['request'] as const }];
    expect(costOfUsage({ inputTokens: 10 }, rates, all).amount).toBe('0.00501');
  });

  test('with a second list names both where a rate of it was used, each once', () => {
    const supplement = { list: 'overlay', meters: ['output' as const] };
    const rates = card({ input: rate('1'), output: rate('2') }, { supplement });
    expect(costOfUsage({ inputTokens: 1 }, rates).price?.list).toBe('test');
    expect(costOfUsage({ outputTokens: 1 }, rates).price?.list).toBe('test+overlay');
    const named = { ...rates, reference: { list: 'test+overlay', id: 'model' } };
    expect(costOfUsage({ outputTokens: 1 }, named).price?.list).toBe('test+overlay');
  });

  test('says what it takes for granted once, where it was used', () => {
    const rates = card({ input: rate('1'), output: rate('2') }, { notes: { output: 'assumes 720p' } });
    expect(costOfUsage({ outputTokens: 1 }, rates).notes).toEqual(['assumes 720p']);
    expect(costOfUsage({ inputTokens: 1 }, rates)).not.toHaveProperty('notes');
  });

  test('whose rate depends on the prompt’s length is worked out for each call', () => {
    const rates = card({ input: { ...rate('1'), longContext: [{ above: 100, price: '2' }] } });
    const amounts = [100, 101, 100].map((inputTokens) => costOfUsage({ inputTokens }, rates).amount);
    // 100 × 1, 101 × 2, 100 × 1
    expect(amounts).toEqual(['0.0001', '0.000202', '0.0001']);
  });

  test('is remembered with its factors, and not beyond them', () => {
    const rates = card({ input: rate('1') });
    const amountWith = (factor: string): unknown =>
      costOfUsage({ inputTokens: 100 }, rates, [{ name: 'batch', factor }]).amount;
    expect([amountWith('0.5'), amountWith('2'), amountWith('0.5')]).toEqual(['0.00005', '0.0002', '0.00005']);
  });

  test('adds its lines exactly, also beyond what a number holds', () => {
    const rates = card({
      input: rate('0.1', '1'),
      output: rate('0.000000000000000000001', '1'),
      cache_read: rate('9007199254740993', '1'),
    });
    const usage = { inputTokens: 2, cacheReadTokens: 1, outputTokens: 1 };
    // 1 × 0.1 + 1 × 9,007,199,254,740,993 + 1e-21
    expect(costOfUsage(usage, rates).amount).toBe('9007199254740993.100000000000000000001');
  });
});

describe('what does not add up', () => {
  const rates = card({
    input: rate('1'),
    input_audio: rate('10'),
    cache_read: rate('0.1'),
    cache_read_audio: rate('1'),
    cache_write: rate('2'),
    cache_write_5m: rate('2'),
    cache_write_1h: rate('4'),
    output: rate('2'),
  });
  test.each<[string, Usage, string, string[]]>([
    // 4 cached as sound, of 6 that are sound; text: 10 − 6.
    [
      'cached sound that is told',
      { inputTokens: 10, inputAudioTokens: 6, cacheReadTokens: 4, cacheReadAudioTokens: 4 },
      '0.000028',
      [],
    ],
    // 3 cached fit into 4 of text: 1 × 1 + 3 × 0.1 + 6 × 10
    [
      'cached text and sound together, told in one figure that fits the text',
      { inputTokens: 10, inputAudioTokens: 6, cacheReadTokens: 3 },
      '0.0000613',
      ['cache_read without modalities: 3 tokens priced as cached text'],
    ],
    // 4 of text and 3 of sound: 4 × 0.1 + 3 × 1 + 3 × 10
    [
      'and one that does not',
      { inputTokens: 10, inputAudioTokens: 6, cacheReadTokens: 7 },
      '0.0000334',
      ['cache_read without modalities: 4 tokens priced as cached text'],
    ],
    // 5 of 10 have a lifetime: 5 × 4 + 5 × 2
    [
      'written to the cache for longer than is told',
      { inputTokens: 10, cacheWriteTokens: 10, cacheWrite1hTokens: 5 },
      '0.00003',
      ['cache_write split does not add up: 5 tokens priced as 5m'],
    ],
    [
      'lifetimes beyond their total',
      { inputTokens: 10, cacheWriteTokens: 4, cacheWrite1hTokens: 5, cacheWrite5mTokens: 5 },
      '0.00003',
      ['cache_write split does not add up: 10 tokens by lifetime, 4 in total'],
    ],
    [
      'lifetimes without a total',
      { inputTokens: 10, cacheWrite1hTokens: 5, cacheWrite5mTokens: 5 },
      '0.00003',
      [],
    ],
    // 3 × 10, and nothing is left for text.
    [
      'details beyond their total',
      { inputTokens: 2, inputAudioTokens: 3 },
      '0.00003',
      ['input_tokens: details add up to 3, more than the total of 2'],
    ],
    ['an embedding that tells its total alone', { totalTokens: 10 }, '0.00001', []],
    ['a total beside an output', { totalTokens: 10, outputTokens: 10 }, '0.00002', []],
  ])('%s is priced as it was read, and said', (_what, usage, amount, notes) => {
    const cost = costOfUsage(usage, rates);
    expect([cost.status, cost.amount, cost.notes ?? []]).toEqual(['priced', amount, notes]);
  });

  test('what is cached of two kinds and told in one figure is taken from each once', () => {
    const two = card({ ...rates.rates, input_image: rate('10'), cache_read_image: rate('1') });
    const usage = { inputTokens: 10, inputAudioTokens: 3, inputImageTokens: 3, cacheReadTokens: 8 };
    // 4 of text, 4 of the 6 others: 4 × 0.1 + 4 × 1 + 2 × 10
    expect(costOfUsage(usage, two).amount).toBe('0.0000244');
  });

  test('a write to the cache without a lifetime costs what five minutes do', () => {
    const usage = { inputTokens: 10, cacheWriteTokens: 4 };
    // 6 × 1 + 4 × 2
    expect(costOfUsage(usage, card({ input: rate('1'), cache_write_5m: rate('2') })).amount).toBe('0.000014');
    expect(costOfUsage(usage, card({ input: rate('1'), cache_write_1h: rate('4') })).reason).toBe(
      'no price for cache_write of model',
    );
  });

  test('an image tool’s input is what is told, else the sum of its kinds', () => {
    const tool = card({
      image_tool_input: rate('5'),
      image_tool_input_image: rate('10'),
      image_tool_cache_read: rate('1'),
      image_tool_output: rate('40'),
    });
    const of = (usage: Usage): unknown => costOfUsage({ inputTokens: 0, ...usage }, tool).amount;
    // 60 × 5 + 40 × 10
    expect(of({ imageToolInputTokens: 100, imageToolInputImageTokens: 40 })).toBe('0.0007');
    expect(of({ imageToolInputTextTokens: 60, imageToolInputImageTokens: 40 })).toBe('0.0007');
    // 40 × 10 alone, then 60 × 5 alone.
    expect(of({ imageToolInputImageTokens: 40 })).toBe('0.0004');
    expect(of({ imageToolInputTextTokens: 60 })).toBe('0.0003');
    // 50 × 5 + 40 × 10 + 10 × 1 + 2 × 40
    expect(
      of({
        imageToolInputTokens: 100,
        imageToolInputImageTokens: 40,
        imageToolCacheReadTokens: 10,
        imageToolOutputTokens: 2,
      }),
    ).toBe('0.00074');
  });
});

describe('a cost that the provider reports', () => {
  const query = { provider: 'openrouter', responseModel: 'gpt-4o', at: new Date('2026-11-20T00:00:00Z') };
  const usage = { inputTokens: 1000, outputTokens: 100 };
  const reported = (amount: string, more: object = {}): Cost =>
    calculateCost(usage, { ...query, ...more, reported: { amount, currency: 'USD' } }, defaultPriceList);

  test('is the cost, to the last digit, with ours beside it', () => {
    expect(reported('0.00000000123456789')).toMatchObject({
      status: 'priced',
      amount: '0.00000000123456789',
      source: 'provider',
      price: { list: 'provider', id: 'openrouter/gpt-4o' },
    });
    expect(reported('1').local).toBeDefined();
  });

  test('of 0 is free, and says so', () => {
    expect(reported('0.0')).toMatchObject({
      status: 'free',
      amount: '0',
      lineItems: [],
      reason: 'the provider reports a cost of 0',
    });
  });

  test('names the model that was asked where none answered, and none where none is known', () => {
    const { responseModel: _, ...unnamed } = query;
    const of = (more: object): unknown =>
      calculateCost(
        usage,
        { ...unnamed, ...more, reported: { amount: '1', currency: 'USD' } },
        defaultPriceList,
      ).price?.id;
    expect([of({ requestModel: 'gpt-4o-mini' }), of({})]).toEqual(['openrouter/gpt-4o-mini', 'openrouter/']);
  });
});
