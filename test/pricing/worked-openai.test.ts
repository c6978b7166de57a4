import { describe, expect, test } from 'vitest';
import { type Call, priceOf, type WorkedCase } from './price-of.ts';

const openai = (model: string, query: Partial<Call> = {}): Call => ({ provider: 'openai', model, ...query });
const azure = (model: string, query: Partial<Call> = {}): Call => ({
  provider: 'azure.ai.openai',
  model,
  ...query,
});

const CASES: readonly WorkedCase[] = [
  [
    '86 × 2.5/M + 1920 × 1.25/M + 300 × 10/M',
    openai('gpt-4o-2024-08-06'),
    { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300 },
    '0.005615',
  ],
  [
    '200 × 2/M + 3000 × 0.5/M + 400 × 8/M: cached once',
    openai('gpt-4.1'),
    { inputTokens: 3200, cacheReadTokens: 3000, outputTokens: 400 },
    '0.0051',
  ],
  [
    '1000 × 5/M: the first snapshot keeps its launch price',
    openai('gpt-4o-2024-05-13'),
    { inputTokens: 1000 },
    '0.005',
  ],
  [
    '500 × 10/M before the cut of 2025-06-10',
    openai('o3', { at: new Date('2025-06-09T23:59:59Z') }),
    { inputTokens: 500 },
    '0.005',
  ],
  [
    '500 × 2/M from 2025-06-10',
    openai('o3', { at: new Date('2025-06-10T00:00:00Z') }),
    { inputTokens: 500 },
    '0.001',
  ],
  // service tiers, as served
  [
    '(1000 × 1.25/M + 100 × 10/M) × 0.5',
    openai('gpt-5', { serviceTier: 'flex' }),
    { inputTokens: 1000, outputTokens: 100 },
    '0.001125',
  ],
  [
    '(1000 × 1.25/M + 100 × 10/M) × 0.5',
    openai('gpt-5', { batch: true }),
    { inputTokens: 1000, outputTokens: 100 },
    '0.001125',
  ],
  [
    '(1000 × 1.25/M + 100 × 10/M) × 2',
    openai('gpt-5', { serviceTier: 'priority' }),
    { inputTokens: 1000, outputTokens: 100 },
    '0.0045',
  ],
  [
    '(1000 × 5/M + 100 × 30/M) × 2.5',
    openai('gpt-5.5', { serviceTier: 'priority' }),
    { inputTokens: 1000, outputTokens: 100 },
    '0.02',
  ],
  [
    '(1000 × 5/M + 100 × 30/M) × 2.5: its new name',
    openai('gpt-5.5', { serviceTier: 'fast' }),
    { inputTokens: 1000, outputTokens: 100 },
    '0.02',
  ],
  [
    '1000 × 0.25/M × 1.8',
    openai('gpt-5-mini', { serviceTier: 'priority' }),
    { inputTokens: 1000 },
    '0.00045',
  ],
  ['1000 × 2/M × 1.75', openai('gpt-4.1', { serviceTier: 'priority' }), { inputTokens: 1000 }, '0.0035'],
  ['1000 × 2.5/M × 1.7', openai('gpt-4o', { serviceTier: 'priority' }), { inputTokens: 1000 }, '0.00425'],
  [
    '500 × 0.25/M + 500 × 0.125/M + 100 × 1/M',
    openai('gpt-4o-mini', { serviceTier: 'priority' }),
    { inputTokens: 1000, cacheReadTokens: 500, outputTokens: 100 },
    '0.0002875',
  ],
  [
    '1000 × 1.25/M: downgraded to default',
    openai('gpt-5', { serviceTier: 'default' }),
    { inputTokens: 1000 },
    '0.00125',
  ],
  // long context: the whole request, above 272 000
  [
    '272000 × 2.5/M + 100 × 15/M: the last short request',
    openai('gpt-5.4'),
    { inputTokens: 272_000, outputTokens: 100 },
    '0.6815',
  ],
  [
    '272001 × 5/M + 100 × 22.5/M: the first long one',
    openai('gpt-5.4'),
    { inputTokens: 272_001, outputTokens: 100 },
    '1.362255',
  ],
  ['272000 × 2/M', openai('gpt-6-sol'), { inputTokens: 272_000 }, '0.544'],
  ['272001 × 4/M', openai('gpt-6-sol'), { inputTokens: 272_001 }, '1.088004'],
  [
    '(2001 × 4/M + 270000 × 0.4/M) × 0.5: cached tokens count towards the length',
    openai('gpt-6-sol', { batch: true }),
    { inputTokens: 272_001, cacheReadTokens: 270_000 },
    '0.058002',
  ],
  // cache writes
  [
    '300 × 2/M + 500 × 0.2/M + 200 × 2.5/M',
    openai('gpt-6-sol'),
    { inputTokens: 1000, cacheReadTokens: 500, cacheWriteTokens: 200 },
    '0.0012',
  ],
  [
    '800 × 2/M + 200 × 2.5/M: the thirty-minute write is the ordinary one',
    openai('gpt-6-sol'),
    { inputTokens: 1000, cacheWriteTokens: 200, cacheWrite30mTokens: 200 },
    '0.0021',
  ],
  [
    '1000 × 2/M: writing was no extra before GPT-5.6',
    openai('gpt-4.1'),
    { inputTokens: 1000, cacheWriteTokens: 200 },
    '0.002',
  ],
  // regional hosts
  [
    '1000 × 2.5/M × 1.1',
    openai('gpt-5.4', { serverAddress: 'eu.api.openai.com' }),
    { inputTokens: 1000 },
    '0.00275',
  ],
  [
    '1000 × 2.5/M × 1.1',
    openai('gpt-5.4', { serverAddress: 'us.api.openai.com' }),
    { inputTokens: 1000 },
    '0.00275',
  ],
  [
    '1000 × 2.5/M: released before 2026-03-05',
    openai('gpt-4o', { serverAddress: 'eu.api.openai.com' }),
    { inputTokens: 1000 },
    '0.0025',
  ],
  ['1000 × 2.5/M', openai('gpt-5.4', { serverAddress: 'api.openai.com' }), { inputTokens: 1000 }, '0.0025'],
  // audio, images
  [
    '90 × 2.5/M + 10 × 40/M + 20 × 10/M + 80 × 80/M',
    openai('gpt-4o-audio-preview-2024-12-17'),
    { inputTokens: 100, inputAudioTokens: 10, outputTokens: 100, outputAudioTokens: 80 },
    '0.007225',
  ],
  [
    '60 × 4/M + 20 × 0.4/M + 15 × 32/M + 5 × 0.4/M + 10 × 16/M + 90 × 64/M',
    openai('gpt-realtime'),
    {
      inputTokens: 100,
      inputAudioTokens: 20,
      cacheReadTokens: 25,
      cacheReadTextTokens: 20,
      cacheReadAudioTokens: 5,
      outputTokens: 100,
      outputAudioTokens: 90,
    },
    '0.00665',
  ],
  [
    '14 × 2.5/M + 86 × 6/M + 30 × 10/M',
    openai('gpt-4o-transcribe'),
    { inputTokens: 100, inputAudioTokens: 86, inputTextTokens: 14, outputTokens: 30 },
    '0.000851',
  ],
  [
    '50 × 5/M + 50 × 10/M + 4000 × 40/M: images are the only output',
    openai('gpt-image-1'),
    {
      inputTokens: 100,
      inputTextTokens: 50,
      inputImageTokens: 50,
      outputTokens: 4000,
      outputImageTokens: 4000,
    },
    '0.16075',
  ],
  [
    '100 × 5/M + 100 × 10/M + 1000 × 32/M',
    openai('gpt-image-1.5'),
    { inputTokens: 100, outputTokens: 1100, outputTextTokens: 100, outputImageTokens: 1000 },
    '0.0335',
  ],
  [
    '100 × 2.5/M: a chat model counts images in text tokens',
    openai('gpt-4o'),
    { inputTokens: 100, inputImageTokens: 80 },
    '0.00025',
  ],
  // units other than tokens
  ['1000 characters × 15/M', openai('tts-1'), { inputCharacters: 1000 }, '0.015'],
  ['1000 characters × 30/M', openai('tts-1-hd'), { inputCharacters: 1000 }, '0.03'],
  ['61 s × 0.36 ÷ 3600', openai('whisper-1'), { inputAudioSeconds: 61 }, '0.0061'],
  ['8.47 s × 0.36 ÷ 3600', openai('whisper-1'), { inputAudioSeconds: 8.47 }, '0.000847'],
  [
    '2 × 0.12',
    openai('dall-e-3', { parameters: { size: '1024x1792', quality: 'hd' } }),
    { outputImages: 2 },
    '0.24',
  ],
  ['1 × 0.04', openai('dall-e-3', { parameters: { size: '1024x1024' } }), { outputImages: 1 }, '0.04'],
  ['3 × 0.016', openai('dall-e-2', { parameters: { size: '256x256' } }), { outputImages: 3 }, '0.048'],
  ['8 s × 0.1', openai('sora-2', { parameters: { size: '1280x720' } }), { outputVideoSeconds: 8 }, '0.8'],
  ['8 s × 0.5', openai('sora-2-pro', { parameters: { size: '1792x1024' } }), { outputVideoSeconds: 8 }, '4'],
  ['1000 × 0.02/M', openai('text-embedding-3-small'), { inputTokens: 1000, totalTokens: 1000 }, '0.00002'],
  // fees, which keep their price under every tier
  [
    '1000 × 1.75/M + 2 × 10/K',
    openai('gpt-5.3-codex'),
    { inputTokens: 1000, webSearchRequests: 2 },
    '0.02175',
  ],
  [
    '1000 × 1.25/M × 0.5 + 1 × 10/K + 4 × 2.5/K + 1 container for 5 minutes × 0.0075',
    openai('gpt-5', { serviceTier: 'flex' }),
    { inputTokens: 1000, webSearchRequests: 1, fileSearchRequests: 4, codeInterpreterSessions: 1 },
    '0.028125',
  ],
  // fine-tuned
  [
    '900 × 3/M + 100 × 0.75/M + 10 × 12/M',
    openai('ft:gpt-4.1-2025-04-14:acme::abc'),
    { inputTokens: 1000, cacheReadTokens: 100, outputTokens: 10 },
    '0.002895',
  ],
  [
    '900 × 3.75/M + 100 × 1.875/M',
    openai('ft:gpt-4o-2024-08-06:acme:support:x1'),
    { inputTokens: 1000, cacheReadTokens: 100 },
    '0.0035625',
  ],
  ['1000 × 0.3/M', azure('gpt-4o-mini-2024-07-18.ft-0123456789'), { inputTokens: 1000 }, '0.0003'],
  // Azure
  [
    '1000 × 2.5/M × 1.1',
    azure('gpt-4o-2024-08-06', { deploymentType: 'datazone' }),
    { inputTokens: 1000 },
    '0.00275',
  ],
  [
    '1000 × 2.5/M × 1.1',
    azure('gpt-4o-2024-08-06', { deploymentType: 'regional' }),
    { inputTokens: 1000 },
    '0.00275',
  ],
  [
    '1000 × 2.5/M',
    azure('gpt-4o-2024-08-06', { deploymentType: 'GlobalStandard' }),
    { inputTokens: 1000 },
    '0.0025',
  ],
  [
    '1000 × 2.5/M × 0.5',
    azure('gpt-4o-2024-08-06', { deploymentType: 'global', batch: true }),
    { inputTokens: 1000 },
    '0.00125',
  ],
  [
    '1000 × 2.5/M × 0.5 × 1.1',
    azure('gpt-4o-2024-08-06', { deploymentType: 'DataZoneBatch' }),
    { inputTokens: 1000 },
    '0.001375',
  ],
];

describe('OpenAI and Azure, worked by hand', () => {
  test.each(CASES)('%s', (_sum, call, usage, amount) => {
    expect(priceOf(usage, call)).toMatchObject({ status: 'priced', currency: 'USD', amount });
  });

  test.each([
    ['audio on a text model', openai('gpt-4o'), { inputTokens: 100, inputAudioTokens: 10 }, 'input_audio'],
    [
      'cached tokens without a price',
      openai('gpt-5-pro'),
      { inputTokens: 100, cacheReadTokens: 10 },
      'cache_read',
    ],
    [
      'characters where speech has token prices',
      openai('gpt-4o-mini-tts'),
      { inputCharacters: 5 },
      'input_characters',
    ],
    ['an unheard-of tier', openai('gpt-5', { serviceTier: 'warp' }), { inputTokens: 1 }, "tier 'warp'"],
    [
      'priority on a model that has none',
      openai('o1', { serviceTier: 'priority' }),
      { inputTokens: 1 },
      "tier 'priority'",
    ],
    ['a commitment', openai('gpt-5', { serviceTier: 'scale' }), { inputTokens: 1 }, 'commitment'],
    [
      'provisioned capacity',
      azure('gpt-4o', { deploymentType: 'ProvisionedManaged' }),
      { inputTokens: 1 },
      'per hour',
    ],
    [
      'a deployment type nobody has a price for',
      azure('gpt-4o', { deploymentType: 'moonbase' }),
      { inputTokens: 1 },
      "deployment 'moonbase'",
    ],
    [
      'an image size nobody lists',
      openai('dall-e-3', { parameters: { size: '1x1' } }),
      { outputImages: 1 },
      'no price list',
    ],
  ] as const)('leaves %s unpriced, with the reason', (_what, call, usage, reason) => {
    const cost = priceOf(usage, call);
    expect(cost.status).toBe('unpriced');
    expect(cost.reason).toContain(reason);
    expect(cost).not.toHaveProperty('amount');
  });

  test('says that an unknown Azure deployment type was taken for a global one', () => {
    expect(priceOf({ inputTokens: 1 }, azure('gpt-4o-2024-08-06')).notes).toEqual([
      'deployment type unknown: priced as global',
    ]);
  });

  test('moderation is free, which is not the same as unknown', () => {
    expect(priceOf({ inputTokens: 5 }, openai('omni-moderation-latest'))).toMatchObject({
      status: 'free',
      amount: '0',
    });
  });
});
