import { describe, expect, test } from 'vitest';
import { costEventFromJson } from '../../src/metering/cost-event.ts';
import { meterCall } from '../../src/metering/meter.ts';
import { adjustmentOf, repriceEvent } from '../../src/metering/reprice.ts';
import { userPrices } from '../../src/metering/user-prices.ts';
import { defaultPriceList } from '../../src/pricing/shipped/default-price-list.ts';
import type { PriceList } from '../../src/pricing/price.ts';
import { asGiven } from '../../src/attribution/shown.ts';
import type { SettledCall } from '../../src/calls/call.ts';

const CALL: SettledCall = {
  id: '019aa1c2-0000-7000-8000-000000000001',
  attribution: asGiven({
    customer: 'acme',
    context: { plan: 'pro' },
    source: 'scope',
    tracked: true,
    persist: true,
  }),
  provider: 'anthropic',
  operation: 'chat',
  request: { model: 'claude-opus-4-8' },
  startTime: new Date('2026-09-20T12:00:00Z'),
  status: 'ok',
  retries: 0,
  reading: {
    responseModel: 'claude-opus-4-8',
    speed: 'fast',
    inferenceGeo: 'us',
    parameters: { effort: 'high' },
  },
  consumed: { kind: 'counted', usage: { inputTokens: 1000, outputTokens: 100 } },
};

const meter = (call: Partial<SettledCall>, ...prices: PriceList[]) =>
  meterCall({ ...CALL, ...call }, { prices: [...prices, defaultPriceList] });

describe('meterCall', () => {
  test('keeps what decided the price, so that the event can be priced again', () => {
    const event = meter({ batchId: 'batch_1' });
    expect(event.priceInputs).toEqual({
      batch: true,
      speed: 'fast',
      inferenceGeo: 'us',
      parameters: { effort: 'high' },
    });
    const json = JSON.parse(JSON.stringify(event)) as Record<string, unknown>;
    expect(json.price_inputs).toEqual({
      batch: true,
      speed: 'fast',
      inference_geo: 'us',
      parameters: { effort: 'high' },
    });
    expect(costEventFromJson(json).priceInputs).toEqual(event.priceInputs);
  });

  test('charges by the first rate card that fits, apart from the cost', () => {
    const prices = userPrices({ rateCards: [{ name: 'pro', when: { plan: 'pro' }, markup: '20' }] });
    const event = meter({}, prices);
    // (1000 × 5/M + 100 × 25/M) × 2 × 1.1 = 0.0165; + 20 % = 0.0198
    expect(event.cost.amount).toBe('0.0165');
    expect(event.charge).toMatchObject({
      status: 'charged',
      amount: '0.0198',
      currency: 'USD',
      rateCard: 'pro',
    });
    const json = JSON.parse(JSON.stringify(event)) as Record<string, unknown>;
    expect(json.charge).toMatchObject({
      amount: '0.0198',
      rate_card: 'pro',
      line_items: [{ unit_price: '1' }],
    });
    expect(costEventFromJson(json).charge).toEqual(event.charge);
  });

  test('charges nothing for a call that consumed nothing', () => {
    const prices = userPrices({ rateCards: [{ name: 'all', fixed: '1' }] });
    const failed = {
      status: 'error',
      consumed: { kind: 'nothing', why: '400' },
      errorType: '400',
    } as const;
    expect(meter(failed, prices)).not.toHaveProperty('charge');
  });
});

describe('repriceEvent', () => {
  const wrong: PriceList = {
    name: 'wrong',
    price: () => ({ status: 'priced', currency: 'USD', amount: '1', source: 'local', lineItems: [] }),
  };

  test('prices an event as it was called: at its instant, speed and place', () => {
    const change = repriceEvent(meter({}, wrong), [], [defaultPriceList]);
    expect(change).toMatchObject({ before: '1', difference: '-0.9835' }); // 0.0165 − 1
  });

  test('counts the adjustments made before', () => {
    const event = meter({}, wrong);
    const change = repriceEvent(event, [], [defaultPriceList]);
    const booked = change === undefined ? [] : [adjustmentOf(change, 'a1')];
    expect(booked[0]).toMatchObject({ kind: 'adjustment', adjusts: event.id, customer: 'acme', usage: {} });
    expect(repriceEvent(event, booked, [defaultPriceList])).toBeUndefined();
  });

  test('prices what recordUsage recorded by its own quantities', () => {
    const quantities = { frames: 3 };
    const event = meter({
      provider: 'render',
      operation: 'service',
      request: {},
      reading: {},
      consumed: { kind: 'service', quantities },
    });
    expect(event.cost).toMatchObject({
      status: 'unpriced',
      reason: 'no price list defines the service render',
    });
    const later = userPrices({ services: [{ service: 'render', prices: { frames: '0.5' } }] });
    expect(repriceEvent(event, [], [later])).toMatchObject({ difference: '1.5' });
  });

  test('keeps the region of the call', () => {
    expect(meter({ region: 'us-east5' }).priceInputs).toMatchObject({ region: 'us-east5' });
  });

  test.each([
    ['a call that consumed nothing', meter({ consumed: { kind: 'nothing', why: 'error' } })],
    [
      'what the provider reports',
      meter({ reading: { ...CALL.reading, reported: { amount: '3', currency: 'USD' } } }),
    ],
    ['what stays unpriced', meter({ reading: { responseModel: 'claude-nobody' } })],
    ['what stays the same', meter({})],
  ])('leaves %s alone', (_what, event) => {
    expect(repriceEvent(event, [], [defaultPriceList])).toBeUndefined();
  });
});
