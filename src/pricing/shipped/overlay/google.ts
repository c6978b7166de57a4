import type { Decimal } from '../../../base/decimal.ts';
import type { Meter } from '../../rate-card.ts';
import { TOKEN_METERS } from '../../rate-card.ts';
import type { ConditionRow, ModelRow } from './overlay.ts';
import { each, perMillion, perThousand } from './rates.ts';

const GEMINI = 'https://ai.google.dev/gemini-api/docs/pricing';
const VERTEX = 'https://cloud.google.com/vertex-ai/generative-ai/pricing';
const BOTH = ['gcp.gemini', 'gcp.vertex_ai'] as const;

export const GOOGLE_MODELS: readonly ModelRow[] = [
  {
    // The price pages give one input price for "text / image / video", and for all modalities where audio has no
    // row of its own.
    provider: BOTH,
    models: ['gemini*'],
    kind: 'default',
    shared: ['input_image', 'input_video', 'input_audio'],
    source: GEMINI,
  },
  {
    provider: BOTH,
    models: [
      'gemini-2.5-flash-tts',
      'gemini-2.5-flash-preview-tts',
      'gemini-2.5-pro-tts',
      'gemini-2.5-pro-preview-tts',
      'gemini-2.5-flash-lite-preview-tts',
    ],
    kind: 'default',
    shared: ['output_audio'],
    source: GEMINI,
  },
  {
    // Up to 2.5 a grounded prompt has a fee, whatever the number of queries; from 3 on every query has one. The
    // daily and monthly free quotas are the project's and cannot be seen from one reply.
    provider: BOTH,
    models: ['gemini-2*', 'gemini-1.5*', 'gemini-live-2.5*'],
    kind: 'default',
    rates: perThousand({ grounded_prompt: '35', maps_grounded_prompt: '25' }),
    unbilled: ['search_query'],
    source: GEMINI,
  },
  {
    provider: BOTH,
    models: ['gemini-3*'],
    kind: 'default',
    rates: perThousand({ search_query: '14' }),
    unbilled: ['grounded_prompt'],
    source: GEMINI,
  },
  {
    provider: 'gcp.gemini',
    models: ['gemma-3*', 'gemma-4*'],
    kind: 'card',
    free: 'Gemma is free of charge on the Gemini API',
    source: GEMINI,
  },
  {
    provider: 'gcp.vertex_ai',
    models: [
      'text-embedding-004',
      'text-embedding-005',
      'text-multilingual-embedding-002',
      'textembedding-gecko*',
    ],
    kind: 'card',
    rates: perMillion({ input_characters: '0.025' }),
    source: VERTEX,
  },
  {
    provider: BOTH,
    models: ['gemini-embedding-2-preview'],
    kind: 'card',
    rates: perMillion({ input: '0.2', input_image: '0.45', input_audio: '6.5', input_video: '12' }),
    source: GEMINI,
  },
  ...perImage({
    'imagen-4.0-generate': '0.04',
    'imagen-4.0-ultra-generate': '0.06',
    'imagen-4.0-fast-generate': '0.02',
  }),
  ...perSecond({ 'veo-3.0-generate': '0.4', 'veo-3.0-fast-generate': '0.15', 'veo-2.0-generate': '0.35' }),
  {
    provider: BOTH,
    models: ['veo-3.1-generate'],
    kind: 'card',
    parameters: { resolution: ['720p', '1080p', ''] },
    rates: each({ output_video_seconds: '0.4' }),
    source: GEMINI,
  },
  {
    provider: BOTH,
    models: ['veo-3.1-generate'],
    kind: 'card',
    parameters: { resolution: ['4k'] },
    rates: each({ output_video_seconds: '0.6' }),
    source: GEMINI,
  },
];

/** Everything but cache reads, which some models bill at their ordinary price under batch and flex. */
const WITHOUT_CACHE_READS: readonly Meter[] = TOKEN_METERS.filter((meter) => !meter.startsWith('cache_read'));

export const GOOGLE_CONDITIONS: readonly ConditionRow[] = [
  ...(['batch', 'flex'] as const).flatMap((value): ConditionRow[] => [
    {
      provider: 'gcp.gemini',
      circumstance: 'tier',
      value,
      models: ['gemini-2*', 'gemini-3-*', 'gemini-3.1-pro*'],
      factor: '0.5',
      meters: WITHOUT_CACHE_READS,
      source: GEMINI,
    },
    {
      provider: 'gcp.gemini',
      circumstance: 'tier',
      value,
      models: ['gemini-*'],
      factor: '0.5',
      source: GEMINI,
    },
    {
      // The cache discount takes precedence over the batch discount; they do not stack.
      provider: 'gcp.vertex_ai',
      circumstance: 'tier',
      value,
      models: ['gemini-*'],
      factor: '0.5',
      meters: WITHOUT_CACHE_READS,
      source: 'https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/batch-prediction-gemini',
    },
  ]),
  {
    provider: BOTH,
    circumstance: 'tier',
    value: 'priority',
    models: ['gemini-*'],
    factor: '1.8',
    source: GEMINI,
  },
  {
    provider: 'gcp.vertex_ai',
    circumstance: 'tier',
    value: 'provisioned',
    unpriced: 'provisioned throughput is billed by capacity, not per token',
    source: VERTEX,
  },
  {
    // Regional and multi-region endpoints; the global endpoint has the list price.
    provider: 'gcp.vertex_ai',
    circumstance: 'place',
    value: 'regional',
    models: [
      'gemini-3*',
      'claude-haiku-4-5',
      'claude-haiku-5*',
      'claude-sonnet-4-5',
      'claude-sonnet-4-6',
      'claude-sonnet-5*',
      'claude-opus-4-5',
      'claude-opus-4-6',
      'claude-opus-4-7',
      'claude-opus-4-8',
      'claude-opus-5*',
      'claude-fable-5*',
    ],
    factor: '1.1',
    source: VERTEX,
  },
];

function perImage(models: Readonly<Record<string, Decimal>>): ModelRow[] {
  return Object.entries(models).map(([model, price]) => ({
    provider: BOTH,
    models: [model],
    kind: 'card',
    rates: each({ output_images: price }),
    source: GEMINI,
  }));
}

function perSecond(models: Readonly<Record<string, Decimal>>): ModelRow[] {
  return Object.entries(models).map(([model, price]) => ({
    provider: BOTH,
    models: [model],
    kind: 'card',
    rates: each({ output_video_seconds: price }),
    source: GEMINI,
  }));
}
