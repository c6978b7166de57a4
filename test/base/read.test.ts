import { expect, test } from 'vitest';
import { count, decimal } from '../../src/base/read.ts';

test.each([
  [0, 0, '0'],
  [1e-7, 0, '0.0000001'],
  [0.00614, 0, '0.00614'],
  [7.02e-5, 0, '0.0000702'],
  [739000, -10, '0.0000739'],
  [161508500, -10, '0.01615085'],
  [12_345_678_901, -10, '1.2345678901'],
  [1e21, 0, '1000000000000000000000'],
  [2.5, 3, '2500'],
  [-0.5, 0, '-0.5'],
  ['0.10', 0, '0.1'],
  ['007', 0, '7'],
])('writes %s moved by %i places as %s', (value, shift, text) => {
  expect(decimal(value, shift)).toBe(text);
});

test.each([undefined, null, NaN, Infinity, '', 'free', '1,5', {}, true])('says nothing about %s', (value) => {
  expect(decimal(value)).toBeUndefined();
});

test.each([
  [0, 0],
  [12.5, 12.5],
  ['1000', 1000],
  ['12.5', 12.5],
])('counts %j as %d', (value, number) => {
  expect(count(value)).toBe(number);
});

test.each([null, undefined, -1, '-1', NaN, Infinity, '', ' 7', '1e3', '0x10', 'many', true, [], {}])(
  'takes %j for no count',
  (value) => {
    expect(count(value)).toBeUndefined();
  },
);
