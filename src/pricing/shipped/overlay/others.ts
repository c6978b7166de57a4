import type { Decimal } from '../../../base/decimal.ts';
import type { ConditionRow, ModelRow } from './overlay.ts';
import { perMillion, perThousand, type Prices } from './rates.ts';

/** Hosts with a few rows each. */

const XAI = 'https://docs.x.ai/docs/models';
const GROQ = 'https://groq.com/pricing';
const MISTRAL = 'https://mistral.ai/pricing';
const COHERE = 'https://cohere.com/pricing';
const PERPLEXITY = 'https://docs.perplexity.ai/getting-started/pricing';

export const OTHER_MODELS: readonly ModelRow[] = [
  {
    provider: 'x_ai',
    models: ['*'],
    kind: 'default',
    shared: ['input_image'],
    rates: perThousand({ web_search: '5', x_search: '5', code_execution: '5', collection_search: '2.5' }),
    source: XAI,
  },
  {
    provider: 'groq',
    models: ['whisper-large-v3'],
    kind: 'card',
    rates: { input_audio_seconds: { price: '0.111', per: '3600', minimum: '10' } },
    source: GROQ,
  },
  {
    provider: 'groq',
    models: ['whisper-large-v3-turbo'],
    kind: 'card',
    rates: { input_audio_seconds: { price: '0.04', per: '3600', minimum: '10' } },
    source: GROQ,
  },
  {
    // The catalogue files it under gpt-oss-120b.
    provider: 'groq',
    models: ['openai/gpt-oss-safeguard-20b'],
    kind: 'card',
    rates: perMillion({ input: '0.075', cache_read: '0.0375', output: '0.3' }),
    source: GROQ,
  },
  {
    provider: 'groq',
    models: ['playai-tts', 'playai-tts-arabic'],
    kind: 'card',
    rates: perMillion({ input_characters: '50' }),
    source: GROQ,
  },
  mistral(
    ['mistral-large-latest'],
    { input: '0.5', cache_read: '0.05', output: '1.5' },
    '2025-12-02T00:00:00Z',
  ),
  mistral(
    ['mistral-small-latest'],
    { input: '0.15', cache_read: '0.015', output: '0.6' },
    '2026-03-16T00:00:00Z',
  ),
  mistral(['codestral-embed', 'codestral-embed-2505'], { input: '0.15' }),
  mistral(['mistral-moderation-latest', 'mistral-moderation-2411'], { input: '0.1' }),
  ...searches({
    'rerank-v4.0-pro': '2.5',
    'rerank-v4.0-fast': '2',
    'rerank-v3.5': '2',
    'rerank-english-v3.0': '2',
    'rerank-multilingual-v3.0': '2',
    'rerank-english-v2.0': '2',
    'rerank-multilingual-v2.0': '2',
  }),
  ...cohere({
    'embed-english-v3.0': { input: '0.1' },
    'embed-multilingual-v3.0': { input: '0.1' },
    'embed-english-light-v3.0': { input: '0.1' },
    'embed-multilingual-light-v3.0': { input: '0.1' },
    'embed-english-v2.0': { input: '0.1' },
    'command-a-reasoning': { input: '2.5', output: '10' },
    'command-a-vision': { input: '2.5', output: '10' },
    'command-r-03-2024': { input: '0.5', output: '1.5' },
    'command-r-plus-04-2024': { input: '3', output: '15' },
  }),
  {
    provider: 'cohere',
    models: ['embed-v4.0'],
    kind: 'extra',
    rates: perMillion({ input_image: '0.47' }),
    source: COHERE,
  },
  ...requestFees('sonar', { low: '5', medium: '8', high: '12' }),
  ...requestFees('sonar-pro', { low: '6', medium: '10', high: '14' }),
  ...requestFees('sonar-reasoning', { low: '5', medium: '8', high: '12' }),
  ...requestFees('sonar-reasoning-pro', { low: '6', medium: '10', high: '14' }),
  {
    // Deep research counts its searches; the others pay per request.
    provider: 'perplexity',
    models: ['sonar-deep-research'],
    kind: 'default',
    rates: perThousand({ search_query: '5' }),
    source: PERPLEXITY,
  },
  {
    provider: 'perplexity',
    models: ['sonar', 'sonar-pro', 'sonar-reasoning', 'sonar-reasoning-pro'],
    kind: 'default',
    unbilled: ['search_query'],
    source: PERPLEXITY,
  },
  {
    // Its prompt cache makes calls faster, not cheaper.
    provider: 'cerebras',
    models: ['*'],
    kind: 'default',
    derived: [{ meter: 'cache_read', from: 'input', factor: '1' }],
    source: 'https://inference-docs.cerebras.ai/capabilities/prompt-caching',
  },
  {
    // Half the input price unless a model lists its own.
    provider: 'fireworks',
    models: ['*'],
    kind: 'default',
    derived: [{ meter: 'cache_read', from: 'input', factor: '0.5' }],
    source: 'https://fireworks.ai/pricing',
  },
  {
    provider: 'openrouter',
    models: ['*:free'],
    kind: 'card',
    free: 'a free variant',
    source: 'https://openrouter.ai/docs/guides/routing/model-variants/free',
  },
  {
    provider: ['mistral_ai', 'groq', 'together', 'fireworks', 'cohere', 'cerebras', 'moonshot_ai'],
    models: ['*'],
    kind: 'default',
    shared: ['input_image'],
    source: 'https://www.together.ai/pricing',
  },
];

export const OTHER_CONDITIONS: readonly ConditionRow[] = [
  ...['us', 'us-east-1', 'us-west-2'].map((value): ConditionRow => ({
    provider: 'x_ai',
    circumstance: 'host',
    value,
    factor: '1.1',
    source: XAI,
  })),
  half('groq', 'batch', GROQ),
  // Flex trades reliability for higher limits at the ordinary price.
  { provider: 'groq', circumstance: 'tier', value: 'flex', factor: '1', source: GROQ },
  half('mistral_ai', 'batch', MISTRAL),
  half('together', 'batch', 'https://www.together.ai/pricing'),
  half('fireworks', 'batch', 'https://fireworks.ai/pricing'),
];

function half(provider: string, value: string, source: string): ConditionRow {
  return { provider, circumstance: 'tier', value, factor: '0.5', source };
}

function mistral(models: readonly string[], prices: Prices, validFrom?: string): ModelRow {
  return {
    provider: 'mistral_ai',
    models,
    kind: 'card',
    rates: perMillion(prices),
    ...(validFrom === undefined ? {} : { validFrom }),
    source: MISTRAL,
  };
}

function searches(models: Readonly<Record<string, Decimal>>): ModelRow[] {
  return Object.entries(models).map(([model, price]) => ({
    provider: 'cohere',
    models: [model],
    kind: 'card',
    rates: perThousand({ search_unit: price }),
    source: COHERE,
  }));
}

function cohere(models: Readonly<Record<string, Prices>>): ModelRow[] {
  return Object.entries(models).map(([model, prices]) => ({
    provider: 'cohere',
    models: [model],
    kind: 'card',
    rates: perMillion(prices),
    source: COHERE,
  }));
}

/** The fee of one request depends on how much was searched; `low` is the default. */
function requestFees(model: string, fees: Readonly<Record<'low' | 'medium' | 'high', Decimal>>): ModelRow[] {
  return Object.entries(fees).map(([size, price]) => ({
    provider: 'perplexity',
    models: [model],
    kind: 'extra',
    parameters: { search_context_size: size === 'low' ? ['low', ''] : [size] },
    rates: perThousand({ request: price }),
    source: PERPLEXITY,
  }));
}
