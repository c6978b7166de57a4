import fc from 'fast-check';
import { expect, test } from 'vitest';
import { usageFromAttributes, usageToAttributes } from '../../src/usage/attributes.ts';
import { QUANTITIES, type QuantityName } from '../../src/usage/quantities.ts';
import { type Usage, usageFromJson, usageToJson } from '../../src/usage/usage.ts';

const names = Object.keys(QUANTITIES) as QuantityName[];
const anyUsage = fc.dictionary(fc.constantFrom(...names), fc.nat()).map((fields): Usage => ({ ...fields }));

test('every usage comes back from its span attributes as it was', () => {
  fc.assert(
    fc.property(anyUsage, (usage) => {
      expect(usageFromAttributes(usageToAttributes(usage))).toEqual(usage);
    }),
  );
});

test('every usage comes back from its JSON form as it was', () => {
  fc.assert(
    fc.property(anyUsage, (usage) => {
      expect(usageFromJson(usageToJson(usage))).toEqual(usage);
    }),
  );
});

test('no two quantities share an attribute', () => {
  const all = Object.fromEntries(names.map((name, index) => [name, index]));
  expect(Object.keys(usageToAttributes(all))).toHaveLength(names.length);
});

test('what is unknown is absent, and nothing else is read', () => {
  expect(usageToAttributes({ inputTokens: 3 })).toEqual({ 'gen_ai.usage.input_tokens': 3 });
  const foreign = { 'gen_ai.usage.input_tokens': 'three', 'gen_ai.usage.output_tokens': -1, other: 1 };
  expect(usageFromAttributes(foreign)).toEqual({});
});
