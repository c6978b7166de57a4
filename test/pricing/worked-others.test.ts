import { describe, expect, test } from 'vitest';
import type { Usage } from '../../src/usage/usage.ts';
import { type Call, priceOf, type WorkedCase } from './price-of.ts';

const call =
  (provider: string) =>
  (model: string, query: Partial<Call> = {}): Call => ({ provider, model, ...query });
const at = (instant: string): Partial<Call> => ({ at: new Date(instant) });
const gemini = call('gcp.gemini');
const vertex = call('gcp.vertex_ai');
const deepseek = call('deepseek');
const xai = call('x_ai');
const groq = call('groq');
const mistral = call('mistral_ai');
const cohere = call('cohere');
const perplexity = call('perplexity');
const openrouter = call('openrouter');

const M = 1_000_000;

const CASES: readonly WorkedCase[] = [
  // Gemini
  [
    '800 × 0.3/M + 200 × 0.03/M + 150 × 2.5/M: thoughts are output',
    gemini('gemini-2.5-flash'),
    { inputTokens: 1000, cacheReadTokens: 200, outputTokens: 150, reasoningTokens: 120 },
    '0.000621',
  ],
  [
    '300 × 0.3/M + 700 × 1/M',
    gemini('gemini-2.5-flash'),
    { inputTokens: 1000, inputTextTokens: 300, inputAudioTokens: 700 },
    '0.00079',
  ],
  [
    '258 images and 42 text tokens × 0.3/M',
    gemini('gemini-2.5-flash'),
    { inputTokens: 300, inputImageTokens: 258, inputTextTokens: 42 },
    '0.00009',
  ],
  [
    '1000 × 1.25/M: Pro has one price for every modality',
    gemini('gemini-2.5-pro'),
    { inputTokens: 1000, inputAudioTokens: 900 },
    '0.00125',
  ],
  [
    '100 × 0.3/M + 100 × 1/M + 100 × 0.03/M: the cached text is not audio',
    gemini('gemini-2.5-flash'),
    { inputTokens: 300, inputAudioTokens: 100, cacheReadTokens: 100, cacheReadTextTokens: 100 },
    '0.000133',
  ],
  [
    '200000 × 1.25/M + 100 × 10/M',
    gemini('gemini-2.5-pro'),
    { inputTokens: 200_000, outputTokens: 100 },
    '0.251',
  ],
  [
    '200001 × 2.5/M + 100 × 15/M',
    gemini('gemini-2.5-pro'),
    { inputTokens: 200_001, outputTokens: 100 },
    '0.5015025',
  ],
  [
    '1290 × 30/M + 10 × 2.5/M + 100 × 0.3/M',
    gemini('gemini-2.5-flash-image'),
    { inputTokens: 100, outputTokens: 1300, outputImageTokens: 1290 },
    '0.038755',
  ],
  [
    '100 × 0.5/M + 900 × 10/M: speech is the only output',
    gemini('gemini-2.5-flash-preview-tts'),
    { inputTokens: 100, outputTokens: 900, outputAudioTokens: 900 },
    '0.00905',
  ],
  [
    '(800 × 0.3/M + 100 × 2.5/M) × 0.5 + 200 × 0.03/M: the cached price is the same in a batch',
    gemini('gemini-2.5-flash', { batch: true }),
    { inputTokens: 1000, cacheReadTokens: 200, outputTokens: 100 },
    '0.000251',
  ],
  [
    '(800 × 0.25/M + 200 × 0.025/M) × 0.5',
    gemini('gemini-3.1-flash-lite', { batch: true }),
    { inputTokens: 1000, cacheReadTokens: 200 },
    '0.0001025',
  ],
  [
    '1000 × 0.3/M × 0.5',
    gemini('gemini-2.5-flash', { serviceTier: 'flex' }),
    { inputTokens: 1000 },
    '0.00015',
  ],
  [
    '(800 × 0.3/M + 200 × 0.03/M) × 1.8',
    gemini('gemini-2.5-flash', { serviceTier: 'priority' }),
    { inputTokens: 1000, cacheReadTokens: 200 },
    '0.0004428',
  ],
  [
    '1000 × 0.3/M + 1 × 35/K: one grounded prompt, whatever the queries',
    gemini('gemini-2.5-flash'),
    { inputTokens: 1000, groundedPrompts: 1, searchQueries: 3 },
    '0.0353',
  ],
  [
    '1000 × 1.5/M + 3 × 14/K: every query',
    gemini('gemini-3.5-flash'),
    { inputTokens: 1000, groundedPrompts: 1, searchQueries: 3 },
    '0.0435',
  ],
  [
    '1000 × 0.75/M: introductory',
    gemini('gemini-3.8-flash', at('2026-12-31T23:59:59Z')),
    { inputTokens: 1000 },
    '0.00075',
  ],
  [
    '1000 × 1.5/M from 2027',
    gemini('gemini-3.8-flash', at('2027-01-01T00:00:00Z')),
    { inputTokens: 1000 },
    '0.0015',
  ],
  ['1000 × 0.3/M', gemini('models/gemini-2.5-flash'), { inputTokens: 1000 }, '0.0003'],
  ['2 × 0.04', gemini('imagen-4.0-generate-001'), { outputImages: 2 }, '0.08'],
  [
    '8 s × 0.4',
    gemini('veo-3.1-generate-preview', { parameters: { resolution: '1080p' } }),
    { outputVideoSeconds: 8 },
    '3.2',
  ],
  [
    '8 s × 0.6',
    gemini('veo-3.1-generate-preview', { parameters: { resolution: '4k' } }),
    { outputVideoSeconds: 8 },
    '4.8',
  ],
  ['1000 × 0.15/M', gemini('gemini-embedding-001'), { inputTokens: 1000 }, '0.00015'],
  [
    '1000 × 0.3/M',
    gemini('gemini-2.5-flash', { serviceTier: 'SERVICE_TIER_STANDARD' }),
    { inputTokens: 1000 },
    '0.0003',
  ],
  // Vertex
  [
    '1000 × 1.5/M × 1.1',
    vertex('publishers/google/models/gemini-3.5-flash', { region: 'europe-west4' }),
    { inputTokens: 1000 },
    '0.00165',
  ],
  ['1000 × 1.5/M', vertex('gemini-3.5-flash', { region: 'global' }), { inputTokens: 1000 }, '0.0015'],
  [
    '1000 × 0.3/M: 2.5 costs the same everywhere',
    vertex('gemini-2.5-flash', { region: 'europe-west4' }),
    { inputTokens: 1000 },
    '0.0003',
  ],
  [
    '1000 × 1.5/M × 1.8',
    vertex('gemini-3.5-flash', { serviceTier: 'ON_DEMAND_PRIORITY' }),
    { inputTokens: 1000 },
    '0.0027',
  ],
  [
    '1000 × 1.5/M × 0.5',
    vertex('gemini-3.5-flash', { serviceTier: 'ON_DEMAND_FLEX' }),
    { inputTokens: 1000 },
    '0.00075',
  ],
  ['1000 × 1.5/M', vertex('gemini-3.5-flash', { serviceTier: 'ON_DEMAND' }), { inputTokens: 1000 }, '0.0015'],
  [
    '4000 characters × 0.025/M',
    vertex('text-embedding-005'),
    { inputCharacters: 4000, inputTokens: 1000 },
    '0.0001',
  ],
  // DeepSeek
  [
    '1M × 0.14/M to the last second',
    deepseek('deepseek-v4-flash', at('2026-08-16T15:59:59Z')),
    { inputTokens: M },
    '0.14',
  ],
  [
    '1M × 0.22/M from 16:00 UTC',
    deepseek('deepseek-v4-flash', at('2026-08-16T16:00:00Z')),
    { inputTokens: M },
    '0.22',
  ],
  [
    '1M × 0.22/M: 00:59 is off-peak',
    deepseek('deepseek-v4-flash', at('2026-08-17T00:59:59Z')),
    { inputTokens: M },
    '0.22',
  ],
  [
    '1M × 0.22/M × 2: 01:00 on a Monday is peak',
    deepseek('deepseek-v4-flash', at('2026-08-17T01:00:00Z')),
    { inputTokens: M },
    '0.44',
  ],
  ['1M × 0.22/M × 2', deepseek('deepseek-v4-flash', at('2026-08-17T03:59:59Z')), { inputTokens: M }, '0.44'],
  ['1M × 0.22/M', deepseek('deepseek-v4-flash', at('2026-08-17T04:00:00Z')), { inputTokens: M }, '0.22'],
  ['1M × 0.22/M × 2', deepseek('deepseek-v4-flash', at('2026-08-17T06:00:00Z')), { inputTokens: M }, '0.44'],
  ['1M × 0.22/M', deepseek('deepseek-v4-flash', at('2026-08-17T10:00:00Z')), { inputTokens: M }, '0.22'],
  [
    '1M × 0.22/M: Saturday',
    deepseek('deepseek-v4-flash', at('2026-08-22T02:00:00Z')),
    { inputTokens: M },
    '0.22',
  ],
  [
    '1M × 0.66/M: Mid-Autumn Friday',
    deepseek('deepseek-v4-pro', at('2026-09-25T02:00:00Z')),
    { inputTokens: M },
    '0.66',
  ],
  [
    '1M × 0.66/M × 2: the Thursday before',
    deepseek('deepseek-v4-pro', at('2026-09-24T02:00:00Z')),
    { inputTokens: M },
    '1.32',
  ],
  [
    '1M × 0.435/M: no hours before they were introduced',
    deepseek('deepseek-v4-pro', at('2026-08-14T02:00:00Z')),
    { inputTokens: M },
    '0.435',
  ],
  [
    '1M × 0.15/M: V4.1 answers under the old name',
    deepseek('deepseek-v4-flash', at('2026-09-10T04:00:00Z')),
    { inputTokens: M },
    '0.15',
  ],
  [
    '8000 × 0.003625/M + 2000 × 0.435/M + 100 × 0.87/M',
    deepseek('deepseek-v4-pro', at('2026-06-01T02:00:00Z')),
    { inputTokens: 10_000, cacheReadTokens: 8000, outputTokens: 100 },
    '0.000986',
  ],
  [
    '1M × 0.14/M: the alias of those days',
    deepseek('deepseek-chat', at('2026-06-01T02:00:00Z')),
    { inputTokens: M },
    '0.14',
  ],
  // xAI
  ['199999 × 2/M', xai('grok-4.5'), { inputTokens: 199_999 }, '0.399998'],
  [
    '200000 × 4/M + 10 × 12/M: long from 200 000 on',
    xai('grok-4.5'),
    { inputTokens: 200_000, outputTokens: 10 },
    '0.80012',
  ],
  [
    '800 × 2/M + 200 × 0.3/M + 5 × 5/K + 2 × 5/K + 1 × 2.5/K',
    xai('grok-4.5'),
    {
      inputTokens: 1000,
      cacheReadTokens: 200,
      webSearchRequests: 5,
      xSearchRequests: 2,
      collectionSearchRequests: 1,
    },
    '0.03916',
  ],
  ['1000 × 2/M × 1.1', xai('grok-4.5', { serverAddress: 'us.api.x.ai' }), { inputTokens: 1000 }, '0.0022'],
  ['1000 × 3/M', call('xai')('grok-4-0709'), { inputTokens: 1000 }, '0.003'],
  // Groq
  [
    '600 × 0.15/M + 400 × 0.075/M',
    groq('openai/gpt-oss-120b'),
    { inputTokens: 1000, cacheReadTokens: 400 },
    '0.00012',
  ],
  [
    '1000 × 0.59/M × 0.5',
    groq('llama-3.3-70b-versatile', { batch: true }),
    { inputTokens: 1000 },
    '0.000295',
  ],
  [
    '1000 × 0.59/M',
    groq('llama-3.3-70b-versatile', { serviceTier: 'flex' }),
    { inputTokens: 1000 },
    '0.00059',
  ],
  [
    '1000 × 0.59/M',
    groq('llama-3.3-70b-versatile', { serviceTier: 'on_demand' }),
    { inputTokens: 1000 },
    '0.00059',
  ],
  ['3600 s × 0.111 ÷ 3600', groq('whisper-large-v3'), { inputAudioSeconds: 3600 }, '0.111'],
  [
    'at least 10 s: 9 s cost 10 × 0.04 ÷ 3600',
    groq('whisper-large-v3-turbo'),
    { inputAudioSeconds: 9 },
    '0.000111111111111111111111',
  ],
  [
    '1000 × 0.075/M: not the 0.15/M of its neighbour',
    groq('openai/gpt-oss-safeguard-20b'),
    { inputTokens: 1000 },
    '0.000075',
  ],
  // Mistral
  ['1M × 0.5/M', mistral('mistral-large-latest'), { inputTokens: M }, '0.5'],
  [
    '1M × 2/M before 2512',
    mistral('mistral-large-latest', at('2025-12-01T23:59:59Z')),
    { inputTokens: M },
    '2',
  ],
  ['1M × 2/M: the old build keeps its price', mistral('mistral-large-2411'), { inputTokens: M }, '2'],
  ['1M × 0.5/M × 0.5', mistral('mistral-large-2512', { batch: true }), { inputTokens: M }, '0.25'],
  ['3 pages × 4/K', mistral('mistral-ocr-latest'), { inputPages: 3 }, '0.012'],
  [
    '60 s × 0.18 ÷ 3600, tokens or not',
    mistral('voxtral-mini-latest'),
    { inputAudioSeconds: 60, inputTokens: 380, outputTokens: 20 },
    '0.003',
  ],
  ['1000 × 0.15/M', mistral('codestral-embed'), { inputTokens: 1000 }, '0.00015'],
  // Cohere
  [
    '1000 × 2.5/M + 100 × 10/M',
    cohere('command-a-03-2025'),
    { inputTokens: 1000, outputTokens: 100 },
    '0.0035',
  ],
  ['2 × 2/K', cohere('rerank-v3.5'), { searchUnits: 2 }, '0.004'],
  ['1000 × 0.12/M', cohere('embed-v4.0'), { inputTokens: 1000 }, '0.00012'],
  // Perplexity, where the reply leaves its cost out
  [
    '11 × 1/M + 62 × 1/M + 1 × 5/K',
    perplexity('sonar', { parameters: { search_context_size: 'low' } }),
    { inputTokens: 11, outputTokens: 62 },
    '0.005073',
  ],
  [
    '11 × 1/M + 62 × 1/M + 1 × 12/K',
    perplexity('sonar', { parameters: { search_context_size: 'high' } }),
    { inputTokens: 11, outputTokens: 62 },
    '0.012073',
  ],
  [
    '100 × 3/M + 1 × 10/K',
    perplexity('sonar-pro', { parameters: { search_context_size: 'medium' } }),
    { inputTokens: 100 },
    '0.0103',
  ],
  // OpenRouter, where the reply leaves its cost out
  ['1000 × 2.5/M', openrouter('openai/gpt-4o:nitro'), { inputTokens: 1000 }, '0.0025'],
  // Hosts whose cache has a rule instead of a price
  [
    '600 × 0.35/M + 400 × 0.35/M: faster, not cheaper',
    call('cerebras')('gpt-oss-120b'),
    { inputTokens: 1000, cacheReadTokens: 400 },
    '0.00035',
  ],
  [
    '600 × 3/M + 400 × 1.5/M: half',
    call('fireworks')('accounts/fireworks/models/deepseek-r1-0528'),
    { inputTokens: 1000, cacheReadTokens: 400 },
    '0.0024',
  ],
];

describe('other providers, worked by hand', () => {
  test.each(CASES)('%s', (_sum, call, usage, amount) => {
    expect(priceOf(usage, call)).toMatchObject({ status: 'priced', currency: 'USD', amount });
  });

  test.each([
    ['a sibling', gemini('gemini-3.6-flash-lite')],
    ['a tier nobody sells', deepseek('deepseek-v4-pro', { serviceTier: 'flex' })],
    ['what runs on own machines', call('self_hosted')('gpt-4o')],
    ['a provider that merely sounds like one', call('my-openai-proxy')('gpt-4o')],
    ['provisioned throughput', vertex('gemini-3.5-flash', { serviceTier: 'PROVISIONED_THROUGHPUT' })],
    [
      'cached tokens where nobody lists a price for them',
      groq('llama-3.3-70b-versatile'),
      { inputTokens: 10, cacheReadTokens: 5 },
    ],
  ] as const)('leaves %s unpriced', (_what, call, usage: Usage = { inputTokens: 1000 }) => {
    expect(priceOf(usage, call)).toMatchObject({ status: 'unpriced', lineItems: [] });
  });

  test.each([
    ['Gemma on the Gemini API', gemini('gemma-3-27b-it')],
    ['a free variant', openrouter('meta-llama/llama-3.3-70b-instruct:free')],
  ] as const)('%s is free', (_what, call) => {
    expect(priceOf({ inputTokens: 1000 }, call)).toMatchObject({ status: 'free', amount: '0' });
  });
});
