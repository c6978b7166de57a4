import { exact, formatDecimal, multiply } from '../../../base/decimal.ts';
import type { Decimal } from '../../../base/decimal.ts';
import type { Meter, Rates } from '../../rate-card.ts';
import type { ConditionRow, ModelRow } from './overlay.ts';
import { each, perMillion, perThousand, type Prices } from './rates.ts';

const PRICING = 'https://developers.openai.com/api/docs/pricing';
const FAST_MODE = 'https://openai.com/api-fast-mode';
const HOSTS = ['openai', 'azure.ai.openai'] as const;

export const OPENAI_MODELS: readonly ModelRow[] = [
  {
    provider: 'openai',
    models: ['gpt-6.1-sol'],
    kind: 'card',
    validFrom: '2026-09-29T00:00:00Z',
    rates: {
      ...longContext({ input: '2', cache_read: '0.1', cache_write: '2.5', output: '10' }),
      ...perThousand({ web_search: '10', file_search: '2.5' }),
    },
    source: 'https://developers.openai.com/api/docs/models/gpt-6.1-sol',
  },
  {
    provider: 'openai',
    models: ['gpt-6.1-terra'],
    kind: 'card',
    rates: {
      ...longContext({
        input: '1',
        cache_read: '0.05',
        cache_write: '1.25',
        cache_write_12h: '2.5',
        output: '5',
      }),
      ...perThousand({ web_search: '10', file_search: '2.5' }),
    },
    source: 'https://developers.openai.com/api/docs/models/gpt-6.1-terra',
  },
  {
    provider: HOSTS,
    models: ['gpt-6.2-astra'],
    kind: 'card',
    validFrom: '2026-11-17T00:00:00Z',
    rates: {
      ...longContext({ input: '8', cache_read: '0.4', cache_write: '10', output: '40' }),
      ...perThousand({ web_search: '10', file_search: '2.5' }),
    },
    source: 'https://developers.openai.com/api/docs/models/gpt-6.2-astra',
    asOf: '2026-11-30',
  },
  {
    provider: HOSTS,
    models: ['gpt-6.2-sol'],
    kind: 'card',
    validFrom: '2026-11-17T00:00:00Z',
    rates: {
      ...longContext({ input: '2', cache_read: '0.1', cache_write: '2.5', output: '10' }),
      ...perThousand({ web_search: '10', file_search: '2.5' }),
    },
    source: 'https://developers.openai.com/api/docs/models/gpt-6.2-sol',
    asOf: '2026-11-30',
  },
  {
    // All at the price of GPT Image 2.
    provider: 'openai',
    models: [
      'gpt-image-2.5-sunburst',
      'gpt-image-2.5-flare',
      'gpt-image-2.6-sunburst',
      'gpt-image-2.6-flare',
    ],
    kind: 'card',
    rates: perMillion({
      input: '5',
      cache_read: '1.25',
      input_image: '8',
      cache_read_image: '2',
      output: '30',
    }),
    shared: ['output_image'],
    source: 'https://developers.openai.com/api/docs/models/gpt-image-2.6-sunburst',
    asOf: '2026-11-30',
  },
  {
    provider: 'openai',
    models: ['gpt-realtime-whisper'],
    kind: 'card',
    rates: { input_audio_seconds: { price: '0.017', per: '60' } },
    source: 'https://developers.openai.com/api/docs/models/gpt-realtime-whisper',
    asOf: '2026-11-30',
  },
  {
    provider: HOSTS,
    models: ['gpt-4o-audio-preview'],
    kind: 'extra',
    rates: perMillion({ input_audio: '40', output_audio: '80' }),
    source: 'https://developers.openai.com/api/docs/models/gpt-4o-audio-preview',
  },
  {
    provider: HOSTS,
    models: ['gpt-4o-mini-audio-preview'],
    kind: 'extra',
    rates: perMillion({ input_audio: '10', output_audio: '20' }),
    source: 'https://developers.openai.com/api/docs/models/gpt-4o-mini-audio-preview',
  },
  {
    // The search models of Chat Completions always search, at the older tool's fee.
    provider: 'openai',
    models: ['gpt-4o-search-preview', 'gpt-4o-mini-search-preview'],
    kind: 'extra',
    rates: perThousand({ web_search: '25' }),
    source: PRICING,
  },
  {
    provider: 'openai',
    models: ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini'],
    kind: 'extra',
    parameters: { web_search_tool: ['web_search_preview', 'web_search_preview_2025_03_11'] },
    rates: perThousand({ web_search: '25' }),
    source: PRICING,
  },
  ...fineTuned({
    'gpt-4.1': { input: '3', cache_read: '0.75', output: '12' },
    'gpt-4.1-mini': { input: '0.8', cache_read: '0.2', output: '3.2' },
    'gpt-4.1-nano': { input: '0.2', cache_read: '0.05', output: '0.8' },
    'o4-mini': { input: '4', cache_read: '1', output: '16' },
    'gpt-4o': { input: '3.75', cache_read: '1.875', output: '15' },
    'gpt-4o-mini': { input: '0.3', cache_read: '0.15', output: '1.2' },
    'davinci-002': { input: '12', output: '12' },
    'babbage-002': { input: '1.6', output: '1.6' },
  }),
  ...cards({
    'davinci-002': { input: '2', output: '2' },
    'babbage-002': { input: '0.4', output: '0.4' },
  }),
  ...cards({ 'tts-1': { input_characters: '15' }, 'tts-1-hd': { input_characters: '30' } }),
  ...images('dall-e-3', ['standard', ''], { '0.04': ['1024x1024', ''], '0.08': ['1024x1792', '1792x1024'] }),
  ...images('dall-e-3', ['hd'], { '0.08': ['1024x1024', ''], '0.12': ['1024x1792', '1792x1024'] }),
  ...images('dall-e-2', ['standard', ''], {
    '0.02': ['1024x1024', ''],
    '0.018': ['512x512'],
    '0.016': ['256x256'],
  }),
  ...videos('sora-2', { '0.1': ['720x1280', '1280x720', ''] }),
  ...videos('sora-2-pro', { '0.3': ['720x1280', '1280x720', ''], '0.5': ['1024x1792', '1792x1024'] }),
  {
    provider: HOSTS,
    models: ['omni-moderation', 'text-moderation', 'text-moderation-stable', 'text-moderation-007'],
    kind: 'card',
    free: 'moderation is free of charge',
    source: 'https://developers.openai.com/api/docs/guides/moderation',
  },
  {
    // What these models put out is images and what speech models put out is audio; there is one output rate.
    provider: HOSTS,
    models: ['gpt-image-1', 'gpt-image-1-mini', 'gpt-image-2', 'gpt-4o-mini-tts'],
    kind: 'default',
    shared: ['output_image', 'output_audio'],
    source: PRICING,
  },
  {
    // Images sent to a chat model are counted in text tokens; only image and realtime models price them apart.
    provider: [...HOSTS, 'azure.ai.inference'],
    models: ['*'],
    kind: 'default',
    shared: ['input_image'],
    rates: perThousand({ web_search: '10', file_search: '2.5' }),
    // Before GPT-5.6 a write to the prompt cache cost what any input costs.
    derived: [{ meter: 'cache_write', from: 'input', factor: '1' }],
    source: PRICING,
  },
  ...containers(),
  {
    provider: ['azure.ai.openai', 'azure.ai.inference'],
    models: ['*'],
    kind: 'default',
    rates: each({ code_interpreter_session: '0.03' }),
    source: 'https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/',
  },
];

/**
 * Containers of the code interpreter and the hosted shell. One price for each until March 2026; then 20 minutes by
 * memory; since 2 June 2026 by the minute, at least five, at the same price per minute. No reply says how many minutes
 * a container ran: what is certain is the minimum.
 */
function containers(): ModelRow[] {
  const byMemory = { '1g': '0.03', '4g': '0.12', '16g': '0.48', '64g': '1.92' };
  const row = (
    models: string[],
    kind: 'card' | 'default',
    price: Decimal,
    more: Partial<ModelRow>,
  ): ModelRow => ({
    provider: 'openai',
    models,
    kind,
    rates: each({ code_interpreter_session: price }),
    source: PRICING,
    ...more,
  });
  const rows = (models: string[], kind: 'card' | 'default'): ModelRow[] => [
    row(models, kind, '0.03', { validTo: '2026-03-31T00:00:00Z' }),
    ...Object.entries(byMemory).flatMap(([memory, price]) => {
      const parameters = { memory_limit: memory === '1g' ? ['1g', ''] : [memory] };
      return [
        row(models, kind, price, {
          parameters,
          validFrom: '2026-03-31T00:00:00Z',
          validTo: '2026-06-02T00:00:00Z',
        }),
        row(models, kind, formatDecimal(multiply(exact(price), exact('0.25'))), {
          parameters,
          validFrom: '2026-06-02T00:00:00Z',
          source: 'https://developers.openai.com/api/docs/changelog',
          note:
            'containers are billed by the minute since 2026-06-02 and no reply says how many: ' +
            'priced at the minimum of 5 minutes',
        }),
      ];
    }),
  ];
  // Opening a container is a call without a model: it is found under its operation.
  return [
    ...rows(['*'], 'default'),
    ...rows(['create_container'], 'card').map((row) => ({ ...row, isOperation: true as const })),
  ];
}

export const OPENAI_CONDITIONS: readonly ConditionRow[] = [
  { provider: HOSTS, circumstance: 'tier', value: 'batch', factor: '0.5', source: PRICING },
  { provider: HOSTS, circumstance: 'tier', value: 'flex', factor: '0.5', source: PRICING },
  ...priority('2', ['gpt-6-astra', 'gpt-6-sol', 'gpt-6-luna', 'gpt-6.1-sol', 'gpt-6.1-terra']),
  ...priority('2', ['gpt-5.6', 'gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna', 'gpt-5.4', 'gpt-5.4-mini']),
  ...priority('2', ['gpt-5.3-codex', 'gpt-5.2', 'gpt-5.2-codex', 'gpt-5.1', 'gpt-5.1-codex']),
  ...priority('2', ['gpt-5.1-codex-max', 'gpt-5', 'gpt-5-codex', 'gpt-4.1-nano']),
  ...priority('2.5', ['gpt-5.5']),
  ...priority('1.8', ['gpt-5-mini']),
  ...priority('1.75', ['gpt-4.1', 'gpt-4.1-mini', 'o3', 'gpt-4o-2024-05-13']),
  ...priority('1.7', ['gpt-4o']),
  priorityRates('gpt-4o-mini', { input: '0.25', cache_read: '0.125', output: '1' }),
  priorityRates('o4-mini', { input: '2', cache_read: '0.5', output: '8' }),
  {
    provider: HOSTS,
    circumstance: 'tier',
    value: 'scale',
    unpriced: 'scale tier is billed as a commitment, not per token',
    source: 'https://openai.com/api-scale-tier',
  },
  ...['us', 'eu', 'au', 'ca', 'in', 'jp', 'kr', 'sg', 'ae', 'gb'].map((value): ConditionRow => ({
    // Models released on or after 2026-03-05; older ones cost the same everywhere.
    provider: 'openai',
    circumstance: 'host',
    value,
    models: ['gpt-5.4*', 'gpt-5.5*', 'gpt-5.6*', 'gpt-6*'],
    factor: '1.1',
    source: 'https://developers.openai.com/api/docs/guides/data-residency',
  })),
  ...['datazone', 'regional'].map((value): ConditionRow => ({
    provider: ['azure.ai.openai', 'azure.ai.inference'],
    circumstance: 'deployment',
    value,
    factor: '1.1',
    source: 'https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/',
  })),
  {
    provider: ['azure.ai.openai', 'azure.ai.inference'],
    circumstance: 'deployment',
    value: 'provisioned',
    unpriced: 'provisioned throughput is billed per hour, not per token',
    source: 'https://learn.microsoft.com/azure/ai-foundry/openai/concepts/provisioned-throughput',
  },
];

/** Above 272 000 input tokens the whole request costs twice on the input side and 1.5 times on the output side. */
function longContext(prices: Prices): Rates {
  const long: { -readonly [M in keyof Prices]: Prices[M] } = {};
  for (const [meter, price] of Object.entries(prices) as [Meter, Decimal][]) {
    long[meter] = formatDecimal(multiply(exact(price), exact(meter === 'output' ? '1.5' : '2')));
  }
  return perMillion(prices, 272_000, long);
}

function fineTuned(models: Readonly<Record<string, Prices>>): ModelRow[] {
  return Object.entries(models).map(([model, prices]) => ({
    provider: HOSTS,
    models: [model],
    kind: 'card',
    fineTuned: true,
    rates: perMillion(prices),
    source: PRICING,
  }));
}

function cards(models: Readonly<Record<string, Prices>>): ModelRow[] {
  return Object.entries(models).map(([model, prices]) => ({
    provider: HOSTS,
    models: [model],
    kind: 'card',
    rates: perMillion(prices),
    source: PRICING,
  }));
}

function images(
  model: string,
  quality: readonly string[],
  sizes: Readonly<Record<Decimal, readonly string[]>>,
): ModelRow[] {
  return Object.entries(sizes).map(([price, size]) => ({
    provider: HOSTS,
    models: [model],
    kind: 'card',
    parameters: { quality, size },
    rates: each({ output_images: price }),
    source: PRICING,
  }));
}

function videos(model: string, sizes: Readonly<Record<Decimal, readonly string[]>>): ModelRow[] {
  return Object.entries(sizes).map(([price, size]) => ({
    provider: HOSTS,
    models: [model],
    kind: 'card',
    parameters: { size },
    rates: each({ output_video_seconds: price }),
    source: PRICING,
  }));
}

function priority(factor: Decimal, models: readonly string[]): ConditionRow[] {
  return [{ provider: HOSTS, circumstance: 'tier', value: 'priority', models, factor, source: FAST_MODE }];
}

function priorityRates(model: string, prices: Prices): ConditionRow {
  return {
    provider: HOSTS,
    circumstance: 'tier',
    value: 'priority',
    models: [model],
    rates: perMillion(prices),
    source: FAST_MODE,
  };
}
