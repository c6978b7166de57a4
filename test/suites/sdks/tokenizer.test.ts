import { expect, test } from 'vitest';
import { estimateUsage } from '../../../src/calls/estimate.ts';
import { createChatStreamReader } from '../../../src/wire/openai/chat.ts';
import { countTokens, useTokenizer } from '../../../src/instrumentations/tokenizer.ts';
import { TextCounter } from '../../../src/wire/text-counter.ts';

const deltas = ['Hello', ' world', ',', ' how', ' are', ' you', '?'];

test('characters are counted while no tokenizer is there', () => {
  expect(countTokens('Hello world')).toBeUndefined();
  const counter = new TextCounter();
  counter.add('Hello world');
  expect([counter.characters, counter.tokens]).toEqual([11, undefined]);
});

test('gpt-tokenizer counts what a broken stream said, token by token', async () => {
  const name = 'gpt-tokenizer';
  expect(useTokenizer(await import(name))).toBe(true);
  const reader = createChatStreamReader({ provider: 'openai' });
  for (const content of deltas) reader.read({ choices: [{ index: 0, delta: { content } }] });
  expect(countTokens([{ role: 'user', content: deltas.join('') }])).toBe(7);
  // By characters the 400 would have been 100 tokens.
  expect(estimateUsage({ inputTokens: 7, inputCharacters: () => 400 }, reader.reading())).toEqual({
    inputTokens: 7,
    outputTokens: 7,
    totalTokens: 14,
  });
  expect(countTokens('a mark is text: <|endoftext|>')).toBeGreaterThan(2);
  expect(countTokens('a text too long to count', 200_000)).toBeUndefined();
});

test('what is no tokenizer is not used', () => {
  expect(useTokenizer({})).toBe(false);
});
