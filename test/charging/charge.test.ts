import { describe, expect, test } from 'vitest';
import { calculateCharge, marginOf } from '../../src/charging/charge.ts';
import { unpricedCost } from '../../src/pricing/cost.ts';
import type { ChargeSubject } from '../../src/pricing/price.ts';
import type { UserRateCard } from '../../src/pricing/own/price-file.ts';
import { priceUsage } from '../../src/pricing/price-usage.ts';

const at = new Date('2026-09-20T12:00:00Z');
const usage = { inputTokens: 1000, outputTokens: 100 };
const cost = priceUsage(usage, { provider: 'openai', model: 'gpt-4o', at }); // $0.0035
const call: ChargeSubject = {
  cost,
  usage,
  at,
  customer: 'acme',
  context: { plan: 'pro', feature: 'chat' },
  model: 'gpt-4o',
};
const charge = (card: Omit<UserRateCard, 'name'>, subject: Partial<ChargeSubject> = {}, consumed = {}) =>
  calculateCharge({ ...call, ...subject }, [{ name: 'card', ...card }], { consumed });

describe('calculateCharge', () => {
  test.each([
    ['cost + 20 %: 0.0035 × 1.2', { markup: '20' }, '0.0042'],
    ['at cost', { markup: 0 }, '0.0035'],
    ['a fee per call', { fixed: '0.05' }, '0.05'],
    ['cost + 12.5 % + fee: 0.0035 × 1.125 + 0.01', { markup: '12.5', fixed: '0.01' }, '0.0139375'],
    [
      'own price per token: 1000 × 5/M + 100 × 20/M',
      {
        prices: {
          input_tokens: { price: '5', per: 1_000_000 },
          output_tokens: { price: '20', per: 1_000_000 },
        },
      },
      '0.007',
    ],
    ['per request', { prices: { requests: { price: '0.02' } } }, '0.02'],
    ['at least 0.01', { markup: '20', minimum: '0.01' }, '0.01'],
    ['the minimum is no more than a floor', { markup: '20', minimum: '0.0042' }, '0.0042'],
  ] as const)('%s', (_sum, card, amount) => {
    expect(charge(card)).toMatchObject({ status: 'charged', currency: 'USD', amount, rateCard: 'card' });
  });

  test.each([
    // requests made before in the period → what this one costs: 2 free, then 1 until 4, then 0.5
    [0, '0'],
    [1, '0'],
    [2, '1'],
    [3, '1'],
    [4, '0.5'],
  ])('after %d requests the next costs %s', (before, amount) => {
    const prices = { requests: { price: '1', included: 2, tiers: [{ above: 4, price: '0.5' }] } };
    expect(charge({ prices }, {}, { requests: before })?.amount).toBe(amount);
  });

  test('a call that crosses a quota and a tier is split at both', () => {
    // 1000 tokens after 9 500: 500 of the 10 000 included, 300 × 2/K, 200 × 1/K = 0 + 0.6 + 0.2
    const prices = {
      input_tokens: { price: '2', per: 1000, included: 10_000, tiers: [{ above: 10_300, price: '1' }] },
    };
    const result = charge({ prices }, {}, { input_tokens: 9_500 });
    expect(result?.amount).toBe('0.8');
    expect(result?.lineItems.map((item) => item.quantity)).toEqual(['500', '300', '200']);
  });

  test('what depends on the period is not charged before the period is known', () => {
    const card = { name: 'volume', prices: { requests: { price: '1', included: 2 } } };
    expect(calculateCharge(call, [card])).toMatchObject({
      status: 'uncharged',
      reason: 'depends on what the customer consumed in the period',
    });
  });

  test('the first card that fits applies', () => {
    const cards: readonly UserRateCard[] = [
      { name: 'globex', when: { customer: 'globex' }, markup: 0 },
      { name: 'free plan', when: { plan: 'free' }, fixed: 0 },
      { name: 'pro chat', when: { plan: 'pro', feature: 'chat', models: ['gpt-4o*'] }, markup: 10 },
      { name: 'everybody', markup: 50 },
    ];
    expect(calculateCharge(call, cards)?.rateCard).toBe('pro chat');
    expect(calculateCharge({ ...call, customer: 'globex' }, cards)?.rateCard).toBe('globex');
    expect(calculateCharge({ ...call, context: { plan: 'free' } }, cards)?.rateCard).toBe('free plan');
    expect(calculateCharge({ ...call, model: 'o3' }, cards)?.rateCard).toBe('everybody');
    expect(calculateCharge(call, cards.slice(0, 2))).toBeUndefined();
  });

  test('a card holds for its time and for the context it names', () => {
    expect(charge({ markup: 1, validFrom: '2026-09-20T12:00:00.001Z' })).toBeUndefined();
    expect(charge({ markup: 1, when: { context: { region: 'eu' } } })).toBeUndefined();
    expect(
      charge({ markup: 1, when: { context: { region: 'eu' } } }, { context: { region: 'eu' } }),
    ).toBeDefined();
  });

  test('an unknown cost is not marked up, and not charged as nothing', () => {
    const unknown = charge({ markup: '20' }, { cost: unpricedCost('no price for x') });
    expect(unknown).toEqual({
      status: 'uncharged',
      lineItems: [],
      rateCard: 'card',
      reason: 'the cost is unpriced: no price for x',
    });
    expect(charge({ fixed: '1' }, { cost: unpricedCost('no price for x') })?.amount).toBe('1');
  });

  test('a cost in another currency is not added up', () => {
    expect(charge({ markup: '20', currency: 'EUR' })).toMatchObject({
      status: 'uncharged',
      reason: 'the cost is in USD, the rate card in EUR',
    });
  });

  test('margin is charge minus cost', () => {
    const charged = charge({ markup: '20' });
    expect(charged && marginOf(charged, cost)).toBe('0.0007'); // 0.0042 − 0.0035
    const loss = charge({ fixed: '0.001' });
    expect(loss && marginOf(loss, cost)).toBe('-0.0025');
    expect(marginOf({ status: 'uncharged', lineItems: [], rateCard: 'x' }, cost)).toBeUndefined();
  });
});
