import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/base/errors.ts';
import { priceResponse, type PriceResponseOptions } from '../../src/wire/price-response.ts';
import { sumDecimals } from '../../src/base/decimal.ts';

const at = new Date('2026-09-20T12:00:00Z');

/** Replies as the providers send them, cut to what matters. */
const CASES: readonly (readonly [
  sum: string,
  body: unknown,
  options: PriceResponseOptions,
  amount: string,
])[] = [
  [
    'OpenAI chat: 86 × 2.5/M + 1920 × 1.25/M + 300 × 10/M',
    {
      object: 'chat.completion',
      model: 'gpt-4o-2024-08-06',
      service_tier: 'default',
      usage: {
        prompt_tokens: 2006,
        completion_tokens: 300,
        total_tokens: 2306,
        prompt_tokens_details: { cached_tokens: 1920 },
      },
    },
    { provider: 'openai' },
    '0.005615',
  ],
  [
    'OpenAI chat stream: 10 × 2.5/M + 5 × 10/M',
    [
      {
        object: 'chat.completion.chunk',
        model: 'gpt-4o-2024-08-06',
        choices: [{ delta: { content: 'x' } }],
        usage: null,
      },
      {
        object: 'chat.completion.chunk',
        model: 'gpt-4o-2024-08-06',
        choices: [],
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      },
    ],
    { provider: 'openai' },
    '0.000075',
  ],
  [
    'OpenAI responses on flex: (1000 × 1.25/M + 100 × 10/M) × 0.5 + 2 searches × 10/K',
    {
      object: 'response',
      status: 'completed',
      model: 'gpt-5-2025-08-07',
      service_tier: 'flex',
      output: [
        { type: 'web_search_call', status: 'completed', action: { type: 'search' } },
        { type: 'web_search_call', status: 'completed', action: { type: 'open_page' } },
        { type: 'web_search_call', status: 'completed', action: { type: 'search' } },
      ],
      usage: {
        input_tokens: 1000,
        output_tokens: 100,
        total_tokens: 1100,
        output_tokens_details: { reasoning_tokens: 64 },
      },
    },
    { provider: 'openai' },
    '0.021125',
  ],
  [
    'a batch line: 1000 × 2.5/M × 0.5',
    {
      object: 'chat.completion',
      model: 'gpt-4o-2024-08-06',
      usage: { prompt_tokens: 1000, completion_tokens: 0 },
    },
    { provider: 'openai', batch: true },
    '0.00125',
  ],
  [
    'speech is priced by its request: 11 characters × 15/M',
    {},
    {
      provider: 'openai',
      url: 'https://api.openai.com/v1/audio/speech',
      request: { model: 'tts-1', input: 'hello world', voice: 'alloy' },
    },
    '0.000165',
  ],
  [
    'images, priced by size and quality: 1 × 0.12',
    { created: 1, data: [{ url: 'https://…' }] },
    {
      provider: 'openai',
      url: 'https://api.openai.com/v1/images/generations',
      request: { model: 'dall-e-3', prompt: 'x', size: '1792x1024', quality: 'hd', n: 1 },
    },
    '0.12',
  ],
  [
    'Anthropic: 12 × 5/M + 100 × 0.5/M + 40 × 6.25/M + 20 × 10/M + 10 × 25/M',
    {
      type: 'message',
      model: 'claude-opus-4-8',
      usage: {
        input_tokens: 12,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 60,
        cache_creation: { ephemeral_5m_input_tokens: 40, ephemeral_1h_input_tokens: 20 },
        output_tokens: 10,
        service_tier: 'standard',
      },
    },
    { provider: 'anthropic' },
    '0.00081',
  ],
  [
    'Gemini: 800 × 0.3/M + 200 × 0.03/M + (50 + 100 thoughts) × 2.5/M',
    {
      modelVersion: 'gemini-2.5-flash',
      candidates: [{}],
      usageMetadata: {
        promptTokenCount: 1000,
        cachedContentTokenCount: 200,
        candidatesTokenCount: 50,
        thoughtsTokenCount: 100,
        totalTokenCount: 1150,
      },
    },
    {
      provider: 'gcp.gemini',
      url: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent',
    },
    '0.000621',
  ],
  [
    'Vertex, regional by its address: 1000 × 1.5/M × 1.1',
    {
      modelVersion: 'gemini-3.5-flash',
      usageMetadata: { promptTokenCount: 1000, totalTokenCount: 1000, trafficType: 'ON_DEMAND' },
    },
    {
      provider: 'gcp.vertex_ai',
      url: 'https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/publishers/google/models/gemini-3.5-flash:generateContent',
    },
    '0.00165',
  ],
  [
    'Bedrock: 100 × 5.5/M + 50 × 0.55/M + 10 × 27.5/M, by the requested profile',
    { usage: { inputTokens: 100, cacheReadInputTokens: 50, outputTokens: 10, totalTokens: 160 } },
    {
      provider: 'aws.bedrock',
      url: 'https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-opus-4-5-20251101-v1%3A0/converse',
    },
    '0.0008525',
  ],
  [
    'Azure: 1000 × 2.5/M × 1.1',
    {
      object: 'chat.completion',
      model: 'gpt-4o-2024-08-06',
      usage: { prompt_tokens: 1000, completion_tokens: 0 },
    },
    {
      provider: 'azure.ai.openai',
      deploymentType: 'datazone',
      url: 'https://x.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=1',
    },
    '0.00275',
  ],
  [
    'DeepSeek: 800 × 0.003625/M + 200 × 0.435/M + 10 × 0.87/M',
    {
      object: 'chat.completion',
      model: 'deepseek-v4-pro',
      usage: {
        prompt_tokens: 1000,
        completion_tokens: 10,
        prompt_cache_hit_tokens: 800,
        prompt_cache_miss_tokens: 200,
      },
    },
    { provider: 'deepseek', at: new Date('2026-06-01T02:00:00Z') },
    '0.0000986',
  ],
  [
    'xAI, by its own bill: 37 756 000 ticks × 1e-10',
    {
      object: 'chat.completion',
      model: 'grok-4.5',
      usage: {
        prompt_tokens: 1000,
        completion_tokens: 10,
        total_tokens: 1010,
        cost_in_usd_ticks: 37_756_000,
      },
    },
    { provider: 'x_ai' },
    '0.0037756',
  ],
  [
    'xAI without a bill: 165 × 2/M + (2 + 129 reasoning) × 6/M',
    {
      object: 'chat.completion',
      model: 'grok-4.5',
      usage: {
        prompt_tokens: 165,
        completion_tokens: 2,
        total_tokens: 296,
        completion_tokens_details: { reasoning_tokens: 129 },
      },
    },
    { provider: 'x_ai' },
    '0.001116',
  ],
  [
    'OpenRouter, by its own bill',
    {
      object: 'chat.completion',
      model: 'openai/gpt-4o',
      usage: { prompt_tokens: 1, completion_tokens: 1, cost: 0.00014 },
    },
    { provider: 'openrouter' },
    '0.00014',
  ],
  [
    'Perplexity, by its own bill',
    {
      object: 'chat.completion',
      model: 'sonar',
      usage: { prompt_tokens: 11, completion_tokens: 62, cost: { total_cost: 0.00507 } },
    },
    { provider: 'perplexity' },
    '0.00507',
  ],
  [
    'Cohere rerank: 1 × 2/K',
    { id: 'x', results: [], meta: { billed_units: { search_units: 1 } } },
    {
      provider: 'cohere',
      url: 'https://api.cohere.com/v2/rerank',
      request: { model: 'rerank-v3.5', query: 'q', documents: [] },
    },
    '0.002',
  ],
  [
    'Groq: 1000 × 0.59/M + 100 × 0.79/M',
    {
      object: 'chat.completion',
      model: 'llama-3.3-70b-versatile',
      service_tier: 'on_demand',
      usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
    },
    { provider: 'groq' },
    '0.000669',
  ],
  [
    'Mistral: 1000 × 0.5/M + 100 × 1.5/M',
    {
      object: 'chat.completion',
      model: 'mistral-large-latest',
      usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
    },
    { provider: 'mistral_ai' },
    '0.00065',
  ],
  [
    'a realtime answer: 40 × 4/M + 20 × 0.4/M + 30 × 32/M + 10 × 0.4/M + 20 × 16/M + 80 × 64/M',
    {
      type: 'response.done',
      response: {
        object: 'realtime.response',
        usage: {
          total_tokens: 200,
          input_tokens: 100,
          output_tokens: 100,
          input_token_details: {
            text_tokens: 60,
            audio_tokens: 40,
            cached_tokens: 30,
            cached_tokens_details: { text_tokens: 20, audio_tokens: 10 },
          },
          output_token_details: { text_tokens: 20, audio_tokens: 80 },
        },
      },
    },
    { provider: 'openai', model: 'gpt-realtime' },
    '0.006572',
  ],
  [
    'a picture drawn by a tool: 100 × 1.25/M + 10 × 10/M + 50 × 5/M + 1000 × 40/M',
    {
      object: 'response',
      model: 'gpt-5',
      status: 'completed',
      tools: [{ type: 'image_generation', model: 'gpt-image-1' }],
      output: [{ type: 'image_generation_call', status: 'completed' }],
      usage: { input_tokens: 100, output_tokens: 10, total_tokens: 110 },
      tool_usage: {
        image_gen: {
          input_tokens: 50,
          input_tokens_details: { text_tokens: 50, image_tokens: 0 },
          output_tokens: 1000,
          total_tokens: 1050,
        },
      },
    },
    { provider: 'openai' },
    '0.040475',
  ],
];

describe('priceResponse', () => {
  test.each(CASES)('%s', (_sum, body, options, amount) => {
    const cost = priceResponse(body, { at, ...options });
    expect(cost).toMatchObject({ status: 'priced', currency: 'USD', amount });
    expect(sumDecimals(cost.lineItems.map((item) => item.amount))).toBe(amount);
  });

  test('a refused call is free', () => {
    const body = { error: { message: 'no', type: 'invalid_request_error', code: 'too_long' } };
    expect(
      priceResponse(body, { provider: 'openai', url: 'https://api.openai.com/v1/chat/completions' }),
    ).toMatchObject({ status: 'free', amount: '0' });
  });

  test.each([undefined, null, 'text', 42, [], {}, { usage: null }, { usage: 'x' }])(
    'never throws for %j',
    (body) => {
      expect(priceResponse(body, { provider: 'openai' })).toMatchObject({ status: 'unpriced' });
    },
  );

  test('refuses an option that nobody reads, and a time that is none', () => {
    expect(() => priceResponse({}, { modle: 'x' } as PriceResponseOptions)).toThrow(ConfigError);
    expect(() => priceResponse({}, { at: new Date('nonsense') })).toThrow(
      'priceResponse: at must be a valid Date',
    );
  });
});
