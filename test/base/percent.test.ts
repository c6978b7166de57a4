import { expect, test } from 'vitest';
import { decodePercent } from '../../src/base/percent.ts';

test.each([
  ['50%off', '50%off'],
  ['%', '%'],
  ['100%25', '100%'],
  ['a%20b%', 'a b%'],
  ['%C3%BC', 'ü'],
  ['%FF', '%FF'],
  ['%C3%BC%FF', '%C3%BC%FF'],
])('%j decodes to %j', (text, decoded) => {
  expect(decodePercent(text)).toBe(decoded);
});
