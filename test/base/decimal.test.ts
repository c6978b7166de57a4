import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compare,
  divide,
  exact,
  exactFromFloat,
  exactQuantity,
  formatDecimal,
  multiply,
  parseDecimal,
  roundDecimal,
  subtract,
  sumDecimals,
} from '../../src/base/decimal.ts';

describe('money', () => {
  test('reads and writes decimals without losing a digit', () => {
    const texts = ['0', '1', '-3', '0.005615', '1000000000.000000000000001', '2.5'];
    for (const text of texts) expect(formatDecimal(exact(text))).toBe(text);
  });

  test.each([
    ['2.5e-7', '0.00000025'],
    ['1E3', '1000'],
    ['+1.50', '1.5'],
    ['.5', '0.5'],
    ['007', '7'],
    ['-0', '0'],
  ])('reads %s as %s', (given, expected) => {
    expect(formatDecimal(exact(given))).toBe(expected);
  });

  test.each(['', '.', 'abc', '1,5', '1e', 'NaN', 'Infinity', '1e9999', '0x10', '1 2'])(
    'refuses %j',
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );

  test('rounds the float dust off a catalogue price', () => {
    expect(formatDecimal(exactFromFloat(0.7499999999999999) ?? exact('0'))).toBe('0.75');
    expect(formatDecimal(exactFromFloat(0.0208 * 1e-6) ?? exact('0'))).toBe('0.0000000208');
    expect(formatDecimal(exactFromFloat(3.625e-9) ?? exact('0'))).toBe('0.000000003625');
  });

  test('reads quantities as they print, and no quantity from what is none', () => {
    expect(formatDecimal(exactQuantity(12.34) ?? exact('0'))).toBe('12.34');
    expect(exactQuantity(Number.NaN)).toBeUndefined();
    expect(exactQuantity(Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  test('divides exactly wherever the quotient ends', () => {
    expect(formatDecimal(divide(exact('0.006'), exact('60')) ?? exact('0'))).toBe('0.0001');
    expect(formatDecimal(divide(exact('1'), exact('1000000')) ?? exact('0'))).toBe('0.000001');
    expect(formatDecimal(divide(exact('3'), exact('0.01')) ?? exact('0'))).toBe('300');
    expect(divide(exact('1'), exact('0'))).toBeUndefined();
  });

  test('rounds a quotient that does not end, half-even, at 24 digits', () => {
    expect(formatDecimal(divide(exact('1'), exact('3')) ?? exact('0'))).toBe('0.333333333333333333333333');
  });

  test('adds a million events without drift', () => {
    // 1 000 000 × $0.00000285 = $2.85; as floats it is 2.8499999999986962
    expect(sumDecimals(Array.from({ length: 1_000_000 }, () => '0.00000285'))).toBe('2.85');
  });

  test.each([
    // amount, places, half-even, half-up
    ['1.005', 2, '1.00', '1.01'],
    ['1.015', 2, '1.02', '1.02'],
    ['-1.005', 2, '-1.00', '-1.01'],
    ['1.0049999', 2, '1.00', '1.00'],
    ['1.0050001', 2, '1.01', '1.01'],
    ['2.5', 0, '2', '3'],
    ['0.005615', 4, '0.0056', '0.0056'],
    ['3', 2, '3.00', '3.00'],
  ] as const)('rounds %s to %i places: %s half-even, %s half-up', (amount, places, even, up) => {
    expect(roundDecimal(amount, places)).toBe(even);
    expect(roundDecimal(amount, places, 'half-up')).toBe(up);
  });

  test('agrees with BigInt arithmetic for any operands', () => {
    const decimal = fc
      .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 18 }))
      .map(([digits, scale]) => ({ digits, scale }));
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(exact(formatDecimal(a)).digits * 10n ** BigInt(a.scale)).toBe(
          a.digits * 10n ** BigInt(exact(formatDecimal(a)).scale),
        );
        const total = exact(sumDecimals([formatDecimal(a), formatDecimal(b)]));
        expect(compare(subtract(total, a), b)).toBe(0);
        expect(compare(multiply(a, b), multiply(b, a))).toBe(0);
      }),
    );
  });
});
