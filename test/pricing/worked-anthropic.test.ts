import { describe, expect, test } from 'vitest';
import { type Call, priceOf, type WorkedCase } from './price-of.ts';

const claude = (model: string, query: Partial<Call> = {}): Call => ({
  provider: 'anthropic',
  model,
  ...query,
});
const bedrock = (model: string, query: Partial<Call> = {}): Call => ({
  provider: 'aws.bedrock',
  model,
  ...query,
});
const vertex = (model: string, query: Partial<Call> = {}): Call => ({
  provider: 'gcp.vertex_ai',
  model,
  ...query,
});

const CASES: readonly WorkedCase[] = [
  [
    '12 × 3/M + 5000 × 0.3/M + 700 × 3.75/M + 210 × 15/M',
    claude('claude-sonnet-4-20250514'),
    { inputTokens: 5712, cacheReadTokens: 5000, cacheWriteTokens: 700, outputTokens: 210 },
    '0.007311',
  ],
  [
    '100 × 5/M + 600 × 6.25/M + 400 × 10/M',
    claude('claude-opus-4-5-20251101'),
    { inputTokens: 1100, cacheWriteTokens: 1000, cacheWrite5mTokens: 600, cacheWrite1hTokens: 400 },
    '0.00825',
  ],
  [
    '1000 × 0.25/M: Fable 5.1 reads its cache at a fortieth',
    claude('claude-fable-5-1'),
    { inputTokens: 1000, cacheReadTokens: 1000 },
    '0.00025',
  ],
  [
    '1000 × 0.2/M: Opus 5.5 at a twentieth',
    claude('claude-opus-5-5'),
    { inputTokens: 1000, cacheReadTokens: 1000 },
    '0.0002',
  ],
  [
    '500 × 15/M: thinking is output',
    claude('claude-sonnet-4-6'),
    { inputTokens: 0, outputTokens: 500, reasoningTokens: 400 },
    '0.0075',
  ],
  // batch, speed, geo stack with the cache
  [
    '(1000 × 5/M + 2000 × 0.5/M) × 0.5',
    claude('claude-opus-4-8', { batch: true }),
    { inputTokens: 3000, cacheReadTokens: 2000 },
    '0.003',
  ],
  [
    '1000 × 5/M × 0.5: once, though batch and tier say it both',
    claude('claude-opus-4-8', { batch: true, serviceTier: 'batch' }),
    { inputTokens: 1000 },
    '0.0025',
  ],
  [
    '(1000 × 5/M + 100 × 25/M) × 2',
    claude('claude-opus-4-8', { speed: 'fast' }),
    { inputTokens: 1000, outputTokens: 100 },
    '0.015',
  ],
  [
    '(1000 × 5/M + 100 × 25/M) × 6',
    claude('claude-opus-4-6', { speed: 'fast' }),
    { inputTokens: 1000, outputTokens: 100 },
    '0.045',
  ],
  [
    '(1000 × 5/M + 1000 × 0.5/M) × 2 × 1.1',
    claude('claude-opus-5', { speed: 'fast', inferenceGeo: 'us' }),
    { inputTokens: 2000, cacheReadTokens: 1000 },
    '0.0121',
  ],
  [
    '1000 × 5/M',
    claude('claude-opus-5', { speed: 'standard', inferenceGeo: 'global', serviceTier: 'standard' }),
    { inputTokens: 1000 },
    '0.005',
  ],
  ['1000 × 5/M', claude('claude-opus-5', { inferenceGeo: 'not_available' }), { inputTokens: 1000 }, '0.005'],
  // long context: gone for 4.6 on 2026-03-13
  [
    '200000 × 5/M',
    claude('claude-opus-4-6', { at: new Date('2026-03-12T23:59:59Z') }),
    { inputTokens: 200_000 },
    '1',
  ],
  [
    '200001 × 10/M',
    claude('claude-opus-4-6', { at: new Date('2026-03-12T23:59:59Z') }),
    { inputTokens: 200_001 },
    '2.00001',
  ],
  [
    '200001 × 5/M',
    claude('claude-opus-4-6', { at: new Date('2026-03-13T00:00:00Z') }),
    { inputTokens: 200_001 },
    '1.000005',
  ],
  // fees
  [
    '1000 × 3/M + 3 × 10/K + 2 fetches × 0',
    claude('claude-sonnet-4-5'),
    { inputTokens: 1000, webSearchRequests: 3, webFetchRequests: 2 },
    '0.033',
  ],
  [
    '1000 × 3/M × 0.5 + 1 × 10/K: a search costs the same in a batch',
    claude('claude-sonnet-4-5', { batch: true }),
    { inputTokens: 1000, webSearchRequests: 1 },
    '0.0115',
  ],
  // steps beside the headline
  [
    '1000 × 5/M + (500 × 5/M + 50 × 25/M)',
    claude('claude-opus-4-8'),
    {
      inputTokens: 1000,
      iterations: [{ type: 'compaction', usage: { inputTokens: 500, outputTokens: 50 } }],
    },
    '0.00875',
  ],
  [
    '1000 × 5/M + (200 × 1/M + 10 × 5/M)',
    claude('claude-opus-4-8'),
    {
      inputTokens: 1000,
      iterations: [
        { type: 'advisor_message', model: 'claude-haiku-4-5', usage: { inputTokens: 200, outputTokens: 10 } },
      ],
    },
    '0.00525',
  ],
  // Bedrock: the requested profile decides
  ['1000 × 5/M', bedrock('global.anthropic.claude-opus-4-5-20251101-v1:0'), { inputTokens: 1000 }, '0.005'],
  ['1000 × 5.5/M', bedrock('us.anthropic.claude-opus-4-5-20251101-v1:0'), { inputTokens: 1000 }, '0.0055'],
  ['1000 × 5.5/M', bedrock('eu.anthropic.claude-opus-4-5-20251101-v1:0'), { inputTokens: 1000 }, '0.0055'],
  [
    '1000 × 5.5/M: a scope the catalogue has not heard of is a region',
    bedrock('ca.anthropic.claude-opus-4-5-20251101-v1:0'),
    { inputTokens: 1000 },
    '0.0055',
  ],
  ['1000 × 5.5/M', bedrock('anthropic.claude-opus-4-5-20251101-v1:0'), { inputTokens: 1000 }, '0.0055'],
  ['1000 × 3/M', bedrock('anthropic.claude-3-5-sonnet-20241022-v2:0'), { inputTokens: 1000 }, '0.003'],
  [
    '1000 × 4.4/M, whatever the body calls itself',
    bedrock('arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5-5', {
      responseModel: 'claude-opus-5-5',
    }),
    { inputTokens: 1000 },
    '0.0044',
  ],
  [
    '900 × 5.5/M + 100 × 11/M: an hour costs twice the input',
    bedrock('us.anthropic.claude-opus-4-5-20251101-v1:0'),
    { inputTokens: 1000, cacheWriteTokens: 100, cacheWrite1hTokens: 100 },
    '0.00605',
  ],
  [
    '1000 × 5.5/M × 0.5',
    bedrock('us.anthropic.claude-opus-4-5-20251101-v1:0', { batch: true }),
    { inputTokens: 1000 },
    '0.00275',
  ],
  [
    '1000 × 0.15/M × 1.75',
    bedrock('openai.gpt-oss-120b-1:0', { serviceTier: 'priority' }),
    { inputTokens: 1000 },
    '0.0002625',
  ],
  [
    '1000 × 0.15/M × 0.5',
    bedrock('openai.gpt-oss-120b-1:0', { serviceTier: 'flex' }),
    { inputTokens: 1000 },
    '0.000075',
  ],
  [
    '1000 × 0.02/M: not the 0.1/M of v1',
    bedrock('amazon.titan-embed-text-v2:0'),
    { inputTokens: 1000 },
    '0.00002',
  ],
  [
    '600 × 0.8/M + 400 × 0.2/M',
    bedrock('us.amazon.nova-pro-v1:0'),
    { inputTokens: 1000, cacheReadTokens: 400 },
    '0.00056',
  ],
  // Vertex
  ['1000 × 5/M', vertex('claude-opus-4-6@20260205', { region: 'global' }), { inputTokens: 1000 }, '0.005'],
  [
    '1000 × 5/M × 1.1',
    vertex('claude-opus-4-6@20260205', { region: 'us-east5' }),
    { inputTokens: 1000 },
    '0.0055',
  ],
  [
    '1000 × 5/M × 1.1',
    vertex('claude-opus-4-6@20260205', { serverAddress: 'europe-west1-aiplatform.googleapis.com' }),
    { inputTokens: 1000 },
    '0.0055',
  ],
  [
    '300000 × 5/M: no long-context price since 2026-03-13',
    vertex('claude-opus-4-6'),
    { inputTokens: 300_000 },
    '1.5',
  ],
  [
    '900 × 5/M + 100 × 10/M',
    vertex('publishers/anthropic/models/claude-opus-5@20260724'),
    { inputTokens: 1000, cacheWriteTokens: 100, cacheWrite1hTokens: 100 },
    '0.0055',
  ],
  [
    '1000 × 3/M: no regional price before Sonnet 4.5',
    vertex('claude-sonnet-4@20250514', { region: 'us-east5' }),
    { inputTokens: 1000 },
    '0.003',
  ],
  [
    '100000 × 0.1/M + 10 × 0.5/M',
    claude('claude-haiku-5-5', { at: new Date('2026-11-01T00:00:00Z') }),
    { inputTokens: 100_000, outputTokens: 10 },
    '0.010005',
  ],
  [
    '1 × 0.5/M + 100000 × 0.05/M + 10 × 2.5/M: cache reads count towards the length',
    claude('claude-haiku-5-5', { at: new Date('2026-11-01T00:00:00Z') }),
    { inputTokens: 100_001, cacheReadTokens: 100_000, outputTokens: 10 },
    '0.0050255',
  ],
  [
    '1000 × 0.2/M',
    claude('claude-sonnet-5-5', { at: new Date('2026-10-06T23:59:59Z') }),
    { inputTokens: 1000, cacheReadTokens: 1000 },
    '0.0002',
  ],
  [
    '1000 × 0.1/M from 2026-10-07',
    claude('claude-sonnet-5-5', { at: new Date('2026-10-07T00:00:00Z') }),
    { inputTokens: 1000, cacheReadTokens: 1000 },
    '0.0001',
  ],
];

describe('Claude, at home and on the clouds, worked by hand', () => {
  test.each(CASES)('%s', (_sum, call, usage, amount) => {
    expect(priceOf(usage, call)).toMatchObject({ status: 'priced', currency: 'USD', amount });
  });

  test.each([
    ['a commitment', claude('claude-opus-5', { serviceTier: 'priority' }), 'commitment'],
    ['a speed the model does not have', claude('claude-haiku-4-5', { speed: 'fast' }), "speed 'fast'"],
    ['a place nobody has a price for', claude('claude-opus-5', { inferenceGeo: 'mars' }), "geo 'mars'"],
    ['a model newer than the tables', claude('claude-sonnet-5-5'), 'no price list knows'],
    ['a version newer than the tables', bedrock('amazon.nova-pro-v2:0'), 'no price list knows'],
    [
      'an opaque profile',
      bedrock('arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3'),
      'no price list knows',
    ],
    [
      'reserved capacity',
      bedrock('us.anthropic.claude-opus-4-5-20251101-v1:0', { serviceTier: 'reserved' }),
      'reserved capacity',
    ],
  ] as const)('leaves %s unpriced, with the reason', (_what, call, reason) => {
    const cost = priceOf({ inputTokens: 1000 }, call);
    expect(cost.status).toBe('unpriced');
    expect(cost.reason).toContain(reason);
  });

  test('prices writes without a lifetime as five minutes and says so when the split does not add up', () => {
    // 400 × 6.25/M + 600 × 10/M = 0.0085
    const usage = { inputTokens: 1000, cacheWriteTokens: 1000, cacheWrite1hTokens: 600 };
    expect(priceOf(usage, claude('claude-opus-4-8'))).toMatchObject({
      amount: '0.0085',
      notes: ['cache_write split does not add up: 400 tokens priced as 5m'],
    });
  });

  test('marks the line items of another model with its name', () => {
    const step = { type: 'advisor_message', model: 'claude-haiku-4-5', usage: { inputTokens: 200 } };
    const cost = priceOf({ inputTokens: 1, iterations: [step] }, claude('claude-opus-4-8'));
    expect(cost.lineItems.map(({ model }) => model)).toEqual([undefined, 'claude-haiku-4-5']);
  });

  test('is unpriced as a whole when one step is', () => {
    const step = { type: 'advisor_message', model: 'claude-nobody', usage: { inputTokens: 200 } };
    const cost = priceOf({ inputTokens: 1, iterations: [step] }, claude('claude-opus-4-8'));
    expect(cost).toMatchObject({
      status: 'unpriced',
      reason: 'no price list knows anthropic/claude-nobody, used by advisor_message',
    });
  });
});
