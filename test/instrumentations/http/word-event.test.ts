import { expect, test } from 'vitest';
import { isLike, wordEventOf } from '../../../src/instrumentations/http/word-event.ts';

const chunk = (content: string, rest: object = {}, padding = 'aX'): string =>
  JSON.stringify({
    id: 'chatcmpl-1',
    service_tier: 'default',
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
    ...rest,
    obfuscation: padding,
  });

const like = (data: string): boolean => isLike(data, wordEventOf(chunk('Hello')) ?? []);

test.each(['', 'there', 'a "quote"', 'a slash \\', '\\"', '\\\\', '"content":"', 'ü ☃ \n'])(
  'an event with the word %j is like one with another word',
  (word) => {
    expect(like(chunk(word))).toBe(true);
    expect(like(chunk(word, {}, 'other padding'))).toBe(true);
  },
);

test.each([
  chunk('there', { usage: { total_tokens: 1 } }),
  chunk('there', { service_tier: 'flex' }),
  chunk('there').replace('null', '"stop"'),
  chunk('there').replace('"index":0', '"index":1'),
  chunk('there').slice(0, -1),
  chunk('there').slice(0, 60),
  `${chunk('there')} `,
  '',
])('an event that says anything else is not: %s', (data) => {
  expect(like(data)).toBe(false);
});

test('an event without words is like none', () => {
  expect(wordEventOf('{"usage":{"total_tokens":1}}')).toBeUndefined();
  expect(wordEventOf('{"content":"cut')).toBeUndefined();
});
