import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type Message } from '../../src/base/protobuf.ts';

const INNER: Message = { name: [1, 'string'] };
const ALL: Message = {
  flag: [1, 'bool'],
  small: [2, 'int32'],
  large: [3, 'int64'],
  time: [4, 'fixed64'],
  ratio: [5, 'double'],
  mask: [6, 'fixed32'],
  id: [7, 'hex'],
  text: [8, 'string'],
  inner: [9, INNER],
  // A message may hold its own kind.
  next: [10, () => INNER],
  names: [11, 'string', true],
};

test('every kind of value comes back as it was', () => {
  const json = {
    flag: true,
    small: -7,
    large: '9007199254740993',
    time: '1796032800000000000',
    ratio: -0.25,
    mask: 4_294_967_295,
    id: '00ff10',
    text: 'Ünïcode',
    inner: { name: 'a' },
    next: { name: 'b' },
    names: ['a', 'b'],
  };
  expect(decodeMessage(ALL, encodeMessage(ALL, json))).toEqual(json);
  expect(decodeMessage(ALL, encodeMessage(ALL, { flag: false, id: '' }))).toEqual({ flag: false, id: '' });
});

test('what is not there, or that the table does not name, is left out', () => {
  expect(encodeMessage(ALL, { text: null, other: 1 })).toHaveLength(0);
  expect(encodeMessage(ALL, 'no object')).toHaveLength(0);
  const wider: Message = { ...ALL, other: [12, 'fixed32'] };
  expect(decodeMessage(ALL, encodeMessage(wider, { other: 7, text: 'x' }))).toEqual({ text: 'x' });
});

test.each([
  ['a number without an end', [0x08, 0x80]],
  ['a number beyond 64 bits', [0x08, ...Array.from({ length: 10 }, () => 0x80), 1]],
  ['a text that ends too early', [0x42, 5, 65]],
  ['a fixed value that ends too early', [0x21, 1, 2]],
  ['a kind of value that is not in use', [0x43]],
  ['a text where a number was expected', [0x0a, 1, 65]],
])('%s is no message', (_what, bytes) => {
  expect(decodeMessage(ALL, new Uint8Array(bytes))).toBeUndefined();
});
