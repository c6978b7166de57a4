import { expect, test } from 'vitest';
import {
  ALL_QUANTITIES,
  HEADLINE_QUANTITIES,
  metersOf,
  partsOf,
  QUANTITIES,
} from '../../src/usage/quantities.ts';

test('names a quantity in JSON as it does in TypeScript', () => {
  const snake = (name: string): string =>
    name.replaceAll(/[A-Z]|\d+(?=[hm])/g, (part) => `_${part.toLowerCase()}`);
  for (const { name, key } of ALL_QUANTITIES) expect(key).toBe(snake(name));
});

test('puts every part inside a total that is counted alike', () => {
  const parts = ALL_QUANTITIES.filter(({ within }) => within !== undefined);
  for (const { within, kind } of parts) {
    expect(ALL_QUANTITIES.find(({ name }) => name === within)?.kind).toBe(kind);
  }
});

test('bills each quantity that stands by itself under a meter of its own', () => {
  const alone = ALL_QUANTITIES.filter(({ within, name }) => within === undefined && name !== 'totalTokens');
  expect(alone.filter(({ meter }) => meter === undefined)).toEqual([]);
  const meters = ALL_QUANTITIES.flatMap(({ meter }) => meter ?? []);
  expect(new Set(meters).size).toBe(meters.length);
});

test('finds the parts of a total, and the meters of a kind', () => {
  expect(partsOf('cacheWriteTokens').map(({ key }) => key)).toEqual([
    'cache_write_5m_tokens',
    'cache_write_1h_tokens',
    'cache_write_30m_tokens',
    'cache_write_12h_tokens',
  ]);
  expect(partsOf('webSearchRequests')).toEqual([]);
  expect(metersOf('image_tool_token')).toEqual([
    'image_tool_input',
    'image_tool_input_image',
    'image_tool_cache_read',
    'image_tool_output',
  ]);
});

test('shows six of them in every report', () => {
  expect(HEADLINE_QUANTITIES.map(({ name }) => QUANTITIES[name])).toEqual([
    'input_tokens',
    'cache_read_tokens',
    'cache_write_tokens',
    'output_tokens',
    'reasoning_tokens',
    'total_tokens',
  ]);
});
