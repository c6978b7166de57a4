import { expect, test } from 'vitest';
import { focusFields } from '../../src/reports/focus-fields.ts';
import { cost, costEvent } from '../ledger/events.ts';

const day = { start: new Date('2026-11-20T00:00:00Z'), end: new Date('2026-11-21T00:00:00Z') };
const scope = { day, timeZone: 'UTC' };
const item = (meter: string, per = '1') => ({ meter, quantity: '1', unitPrice: '2', per, amount: '2' });

test.each([
  ['cache_read', 'Cache Read Input Tokens', 'Tokens', { TokenDirection: 'Input', TokenCacheAction: 'Read' }],
  [
    'cache_write_5m',
    'Cache Write 5m Input Tokens',
    'Tokens',
    { TokenDirection: 'Input', TokenCacheAction: 'Write' },
  ],
  ['output', 'Output Tokens', 'Tokens', { TokenDirection: 'Output' }],
  ['output_images', 'Output Images', 'Images', {}],
  ['input_audio_seconds', 'Input Audio Seconds', 'Seconds', {}],
  ['requests', 'Requests', 'Requests', {}],
  ['web_search', 'Web Search', 'Requests', {}],
])('%s is the meter "%s", counted in %s', (meter, name, unit, details) => {
  const fields = focusFields(costEvent(), item(meter), '{}', scope);
  expect(fields).toMatchObject({ SkuMeter: name, ConsumedUnit: unit, PricingUnit: unit });
  expect(JSON.parse(fields.SkuPriceDetails as string)).toEqual({ ModelId: 'gpt-4o-2024-08-06', ...details });
});

test('a price per many names how many', () => {
  expect(focusFields(costEvent(), item('input', '1000000'), '{}', scope).PricingUnit).toBe('1000000 Tokens');
});

test('without a line, a call is its reported cost and a correction an adjustment, in its own currency', () => {
  const reported = focusFields(costEvent({ cost: cost('1', 'EUR') }), undefined, '{}', scope);
  expect(reported).toMatchObject({
    BillingCurrency: 'EUR',
    SkuMeter: 'Reported Cost',
    ChargeCategory: 'Usage',
  });
  const correction = costEvent({ kind: 'adjustment', adjusts: 'x' });
  expect(focusFields(correction, undefined, '{}', scope)).toMatchObject({
    SkuMeter: 'Adjustment',
    ChargeFrequency: 'One-Time',
  });
  expect(focusFields(costEvent({ cost: cost(undefined) }), undefined, '{}', scope)).toMatchObject({
    BillingCurrency: 'USD',
    PricingCurrency: 'USD',
  });
});

test('a resource is the model that answered, else the one asked for, else what was done', () => {
  const { responseModel: _, ...asked } = costEvent();
  const { requestModel: __, ...bare } = asked;
  const of = (fields: object): unknown =>
    focusFields(fields as Parameters<typeof focusFields>[0], undefined, '{}', scope).ResourceId;
  expect([of(costEvent()), of(asked), of(bare)]).toEqual(['gpt-4o-2024-08-06', 'gpt-4o', 'chat']);
});
