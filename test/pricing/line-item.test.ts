import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exact, formatDecimal, formatSmall, parseDecimal, sum } from '../../src/base/decimal.ts';
import { costOfUsage } from '../../src/pricing/cost.ts';
import { amountOf, lineItem, tariffOf } from '../../src/pricing/line-item.ts';
import type { RateCard } from '../../src/pricing/rate-card.ts';

/** Decimal text of up to 12 digits, as prices and factors are written. */
const decimal = fc
  .tuple(fc.integer({ min: 0, max: 999_999 }), fc.integer({ min: 0, max: 999_999 }))
  .map(([whole, fraction]) => formatDecimal(exact(`${whole}.${String(fraction).padStart(6, '0')}`)));
const per = fc.constantFrom('1', '1000', '1000000', '60', '3600', '0.1');
const quantity = fc.oneof(
  fc.nat(),
  fc.maxSafeInteger().map(Math.abs),
  fc.double({ min: 0, max: 1e9, noNaN: true }),
);
const multipliers = fc.array(fc.record({ name: fc.constant('x'), factor: decimal }), { maxLength: 3 });

describe('a line item', () => {
  test('has the very digits of quantity × price × multipliers ÷ per, however it is worked out', () => {
    fc.assert(
      fc.property(quantity, decimal, per, multipliers, (quantity, price, per, multipliers) => {
        const item = lineItem(tariffOf('input', { price, per }, multipliers), quantity);
        expect(item.amount).toBe(amountOf(item));
        expect(parseDecimal(item.quantity)).toEqual(parseDecimal(String(quantity)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('may be priced per less than one', () => {
    // 1 × 1 ÷ 0.1
    expect(lineItem(tariffOf('input', { price: '1', per: '0.1' }, []), 1).amount).toBe('10');
  });

  test('is billed at least its minimum', () => {
    const tariff = tariffOf('input_audio_seconds', { price: '0.111', per: '3600', minimum: '10' }, []);
    // 10 × 0.111 ÷ 3600 = 0.000308333…, kept to 24 digits
    expect(lineItem(tariff, 3)).toMatchObject({ quantity: '10', amount: '0.000308333333333333333333' });
    expect(lineItem(tariff, 12)).toMatchObject({ quantity: '12', amount: '0.00037' });
  });
});

test('line items add up to the amount, to the last digit', () => {
  const usage = fc.record({
    inputTokens: fc.nat({ max: 2_000_000 }),
    cacheReadTokens: fc.nat({ max: 2_000_000 }),
    outputTokens: fc.nat({ max: 2_000_000 }),
    inputAudioSeconds: fc.double({ min: 0, max: 1e5, noNaN: true }),
  });
  fc.assert(
    fc.property(usage, decimal, decimal, per, (usage, input, output, per) => {
      const card: RateCard = {
        reference: { list: 'l', id: 'm' },
        currency: 'USD',
        rates: {
          input: { price: input, per },
          cache_read: { price: '0.0000000001', per: '1000000' },
          output: { price: output, per },
          input_audio_seconds: { price: input, per: '3600' },
        },
      };
      const { lineItems, amount } = costOfUsage(usage, card);
      expect(amount).toBe(formatDecimal(sum(lineItems.map((item) => exact(item.amount)))));
    }),
    { numRuns: 2_000 },
  );
});

test('a card priced under other adjustments keeps nothing of the ones before', () => {
  const card: RateCard = {
    reference: { list: 'l', id: 'm' },
    currency: 'USD',
    rates: { input: { price: '2', per: '1' } },
  };
  const amounts = [[], [{ name: 'batch', factor: '0.5' }], []].map(
    (adjustments) => costOfUsage({ inputTokens: 1 }, card, adjustments).amount,
  );
  expect(amounts).toEqual(['2', '1', '2']);
});

test('small numbers print as large ones do', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger().map(Math.abs), fc.nat({ max: 18 }), (digits, scale) => {
      expect(formatSmall(digits, scale)).toBe(formatDecimal({ digits: BigInt(digits), scale }));
    }),
    { numRuns: 2_000 },
  );
});
