import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { priceUsage } from '../../../src/pricing/price-usage.ts';
import { readPrices } from '../../../src/pricing/shipped/list-prices.ts';

const MODEL =
  /^(?:gpt|chatgpt|o\d|codex|computer-use|dall-e|sora|tts|whisper|text-|omni-|davinci|babbage|claude)/;

/** The ids in the types of an SDK: unions named after models, and the fields called `model`. */
function modelsOf(folder: string): readonly string[] {
  const ids = new Set<string>();
  for (const file of globSync(`node_modules/${folder}/resources/**/*.d.ts`)) {
    for (const [, union = ''] of readFileSync(file, 'utf8').matchAll(
      /\b(?:type \w*Model\w* =|model\??:)([^;]*);/g,
    )) {
      for (const [, id = ''] of union.matchAll(/'([^']+)'/g)) if (MODEL.test(id)) ids.add(id);
    }
  }
  return [...ids];
}

const [, table = ''] = readFileSync('docs/pricing.md', 'utf8').split('### Models without a published price');
const LISTED = new Map(
  [...table.matchAll(/^\| (\S+) \| (`.*) \|$/gm)].map(([, provider = '', ids = '']) => [
    provider,
    [...ids.matchAll(/`([^`]+)`/g)].map(([, id = '']) => id),
  ]),
);

test.each([
  ['openai', 'openai', 100],
  ['anthropic', '@anthropic-ai/sdk', 20],
])(
  'every model that the types of %s name has a price, or is listed as having none',
  (provider, folder, least) => {
    const ids = modelsOf(folder);
    expect(ids.length).toBeGreaterThan(least);
    const unpriced = ids.filter((id) => readPrices(provider, id) === undefined);
    // A new one here: look for its price at the provider, into the overlay with source and day; else into the list.
    expect(unpriced.filter((id) => LISTED.get(provider)?.includes(id) !== true)).toEqual([]);
  },
);

test('what is listed as having no price has none', () => {
  expect([...LISTED.keys()]).toEqual(['openai', 'anthropic']);
  for (const [provider, ids] of LISTED) {
    expect(ids.filter((id) => readPrices(provider, id) !== undefined)).toEqual([]);
  }
});

const at = new Date('2026-11-20T12:00:00Z');
const usage = {
  inputTokens: 100_000,
  cacheReadTokens: 20_000,
  cacheWriteTokens: 10_000,
  outputTokens: 1_000,
};

test.each([
  // 70 000 × 8/M + 20 000 × 0.4/M + 10 000 × 10/M + 1 000 × 40/M = 0.56 + 0.008 + 0.1 + 0.04
  ['openai', 'gpt-6.2-astra', '0.708'],
  // 70 000 × 2/M + 20 000 × 0.1/M + 10 000 × 2.5/M + 1 000 × 10/M = 0.14 + 0.002 + 0.025 + 0.01
  ['openai', 'gpt-6.2-sol', '0.177'],
  // 70 000 × 8/M + 20 000 × 0.2/M + 10 000 × 10/M + 1 000 × 40/M = 0.56 + 0.004 + 0.1 + 0.04
  ['anthropic', 'claude-fable-5-2', '0.704'],
  ['anthropic', 'claude-mythos-5-2', '0.704'],
  // 70 000 × 10/M + 20 000 × 0.25/M + 10 000 × 12.5/M + 1 000 × 50/M = 0.7 + 0.005 + 0.125 + 0.05
  ['anthropic', 'claude-mythos-5-1', '0.88'],
  // … with cache reads at 1/M: 0.02 in place of 0.005
  ['anthropic', 'claude-mythos-5', '0.895'],
])('%s %s costs %s', (provider, model, amount) => {
  expect(priceUsage(usage, { provider, model, at }).amount).toBe(amount);
});

test('a long prompt of GPT-6.2 costs twice, and its output 1.5 times', () => {
  const long = { inputTokens: 272_001, outputTokens: 1_000 };
  // 272 001 × 16/M + 1 000 × 60/M
  expect(priceUsage(long, { provider: 'openai', model: 'gpt-6.2-astra', at }).amount).toBe('4.412016');
});

test('images of the 2.5 and 2.6 models, and a transcribed minute', () => {
  const image = { inputTokens: 1_000, inputImageTokens: 800, outputTokens: 2_000, outputImageTokens: 2_000 };
  // 200 × 5/M + 800 × 8/M + 2 000 × 30/M = 0.001 + 0.0064 + 0.06
  for (const model of ['gpt-image-2.5-flare-2026-09-08', 'gpt-image-2.6-sunburst']) {
    expect(priceUsage(image, { provider: 'openai', model, at }).amount).toBe('0.0674');
  }
  const minute = { inputAudioSeconds: 60 };
  expect(priceUsage(minute, { provider: 'openai', model: 'gpt-realtime-whisper', at }).amount).toBe('0.017');
});

test('a dated build that no table lists costs what its model costs', () => {
  const tts = { inputTokens: 100, outputAudioTokens: 1_000, outputTokens: 1_000 };
  const options = { provider: 'openai', at } as const;
  const dated = priceUsage(tts, { ...options, model: 'gpt-4o-mini-tts-2025-12-15' });
  expect(dated.amount).toBe(priceUsage(tts, { ...options, model: 'gpt-4o-mini-tts' }).amount);
  expect(priceUsage(tts, { ...options, model: 'gpt-99-2026-01-01' }).status).toBe('unpriced');
});
