import { describe, expect, test } from 'vitest';
import { priceResponse } from '../../src/index.ts';
import { readRawReply } from '../../src/wire/read-reply.ts';
import type { JsonObject } from '../../src/base/read.ts';
import { chat, read } from '../support/replies.ts';

describe('Gemini', () => {
  test('adds thoughts to the output and results of tools to the input', () => {
    const { usage } = read('gcp.gemini', {
      candidates: [],
      usageMetadata: {
        promptTokenCount: 32,
        toolUsePromptTokenCount: 4610,
        candidatesTokenCount: 25,
        thoughtsTokenCount: 37,
        totalTokenCount: 4704,
      },
    });
    // 32 + 4,610 = 4,642; 25 + 37 = 62; 4,642 + 62 = 4,704
    expect(usage).toEqual({
      inputTokens: 4642,
      toolUseInputTokens: 4610,
      outputTokens: 62,
      reasoningTokens: 37,
      totalTokens: 4704,
    });
  });

  test('leaves thoughts inside when prompt and candidates are the total', () => {
    const { usage } = read('gcp.gemini', {
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount: 50,
        thoughtsTokenCount: 30,
        totalTokenCount: 60,
      },
    });
    expect(usage).toMatchObject({ outputTokens: 50, reasoningTokens: 30, totalTokens: 60 });
  });

  test('takes an absent candidatesTokenCount for none', () => {
    const { usage } = read('gcp.vertex_ai', {
      usageMetadata: { promptTokenCount: 10, thoughtsTokenCount: 30, totalTokenCount: 40 },
    });
    expect(usage).toMatchObject({ inputTokens: 10, outputTokens: 30, totalTokens: 40 });
  });

  test('believes the last chunk of a stream, whose prompt may have changed', () => {
    const part = (prompt: number, out: number, finishReason?: string): JsonObject => ({
      candidates: [
        { content: { parts: [{ text: 'ab' }] }, ...(finishReason === undefined ? {} : { finishReason }) },
      ],
      usageMetadata: { promptTokenCount: prompt, candidatesTokenCount: out, totalTokenCount: prompt + out },
      modelVersion: 'gemini-2.5-flash',
    });
    const reading = read('gcp.gemini', [part(9, 2), part(7, 12, 'STOP')]);
    expect(reading.usage).toEqual({ inputTokens: 7, outputTokens: 12, totalTokens: 19 });
    expect(reading).toMatchObject({ finishReasons: ['STOP'], outputCharacters: 4 });
  });

  test('finds the thoughts that its OpenAI endpoint hides in the total', () => {
    const { usage } = read('gcp.gemini', chat({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 65 }));
    // 65 − 10 = 55 of output, 50 of them thoughts
    expect(usage).toMatchObject({ inputTokens: 10, outputTokens: 55, reasoningTokens: 50, totalTokens: 65 });
  });

  test('says the tier in the words of the API that answered', () => {
    const metadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
    expect(
      read('gcp.vertex_ai', { usageMetadata: { ...metadata, trafficType: 'ON_DEMAND_FLEX' } }).serviceTier,
    ).toBe('ON_DEMAND_FLEX');
    expect(read('gcp.gemini', { usageMetadata: { ...metadata, serviceTier: 'flex' } }).serviceTier).toBe(
      'flex',
    );
  });

  test('counts a grounded prompt once up to 2.5, and each search from 3 on', () => {
    const grounded = (modelVersion: string): JsonObject => ({
      modelVersion,
      candidates: [{ groundingMetadata: { webSearchQueries: ['a', 'b', 'a', ''] } }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    });
    expect(read('gcp.gemini', grounded('gemini-2.5-pro')).usage).toMatchObject({ groundedPrompts: 1 });
    expect(read('gcp.gemini', grounded('gemini-3-pro-preview')).usage).toMatchObject({ searchQueries: 2 });
  });
});

describe('grounding', () => {
  const usageMetadata = { promptTokenCount: 1000, candidatesTokenCount: 100, totalTokenCount: 1100 };
  const grounded = (model: string, groundingMetadata: object): JsonObject => ({
    modelVersion: model,
    candidates: [{ groundingMetadata }],
    usageMetadata,
  });

  test('with Google Search is billed by the prompt up to 2.5, by the search from 3 on', () => {
    const searches = { webSearchQueries: ['weather', 'wind', 'weather', ''] };
    expect(read('gcp.gemini', grounded('gemini-2.5-flash', searches)).usage).toMatchObject({
      groundedPrompts: 1,
    });
    expect(read('gcp.gemini', grounded('gemini-3-pro', searches)).usage).toMatchObject({ searchQueries: 2 });
  });

  test('with Google Maps has a fee of its own, streamed or not', () => {
    const maps = grounded('gemini-2.5-flash', { groundingChunks: [{ maps: { placeId: 'p' } }] });
    const web = grounded('gemini-2.5-flash', { groundingChunks: [{ web: { uri: 'https://a' } }] });
    expect(read('gcp.gemini', maps).usage).toMatchObject({ mapsGroundedPrompts: 1 });
    expect(read('gcp.gemini', web).usage).not.toHaveProperty('mapsGroundedPrompts');
    const end = { candidates: [{ finishReason: 'STOP' }], usageMetadata };
    expect(read('gcp.gemini', [maps, end]).usage).toMatchObject({ mapsGroundedPrompts: 1 });
    // 1000 × 0.3/M + 100 × 2.5/M + 25/1000 = 0.02555
    expect(priceResponse(maps, { provider: 'gcp.gemini' }).amount).toBe('0.02555');
  });
});

describe('what a reply says of its tier', () => {
  const reply = (usage: object): JsonObject => ({
    modelVersion: 'gemini-2.5-flash',
    candidates: [{ finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 1000, candidatesTokenCount: 100, totalTokenCount: 1100, ...usage },
  });

  test('makes provisioned throughput unpriced: it is billed by the hour', () => {
    const body = reply({ trafficType: 'PROVISIONED_THROUGHPUT' });
    expect(priceResponse(body, { provider: 'gcp.vertex_ai' })).toMatchObject({ status: 'unpriced' });
  });

  test.each([
    ['ON_DEMAND', '0.00055'],
    // half of 0.00055
    ['ON_DEMAND_FLEX', '0.000275'],
  ])('%s costs %s', (trafficType, amount) => {
    const body = reply({ trafficType });
    expect(priceResponse(body, { provider: 'gcp.vertex_ai', region: 'global' }).amount).toBe(amount);
  });
});

describe('a Live session', () => {
  const usageMetadata = {
    promptTokenCount: 40,
    responseTokenCount: 60,
    totalTokenCount: 100,
    promptTokensDetails: [
      { modality: 'AUDIO', tokenCount: 30 },
      { modality: 'TEXT', tokenCount: 10 },
    ],
    responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 60 }],
  };

  test('bills each turn with its audio apart', () => {
    const { operation, reading } = readRawReply({
      provider: 'gcp.gemini',
      body: { serverContent: { turnComplete: true }, usageMetadata },
    });
    expect(operation).toBe('live_session');
    expect(reading.usage).toMatchObject({
      inputTokens: 40,
      inputAudioTokens: 30,
      outputTokens: 60,
      outputAudioTokens: 60,
      totalTokens: 100,
    });
  });

  test('bills nothing for a message without usage', () => {
    const body = { serverContent: { modelTurn: { parts: [] } } };
    expect(readRawReply({ provider: 'gcp.gemini', body }).reading.usage).toBeUndefined();
  });

  test('is not taken for a reply that was blocked before it had candidates', () => {
    const body = {
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 },
    };
    expect(readRawReply({ provider: 'gcp.gemini', body }).operation).toBe('generate_content');
  });
});

describe('the calls of the API', () => {
  const base = 'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5';

  test.each([
    [`${base}/publishers/google/models/gemini-2.5-pro:countTokens`, true, 'count_tokens'],
    [`${base}/endpoints/123:generateContent`, false, 'generate_content'],
    [`${base}/publishers/google/models/veo-3:fetchPredictOperation`, true, 'video_generation'],
    [`${base}/batchPredictionJobs`, true, 'batch'],
    [
      'https://generativelanguage.googleapis.com/v1beta/tunedModels/mine:generateContent',
      false,
      'generate_content',
    ],
    [
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:asyncBatchEmbedContent',
      true,
      'batch',
    ],
    ['https://generativelanguage.googleapis.com/v1beta/cachedContents', false, 'create_cache'],
  ])('%s', (url, free, operation) => {
    expect(readRawReply({ url, body: {} })).toMatchObject({ free, operation });
  });

  test('that keep content cached say that its hours are the bill', () => {
    const body = {
      name: 'cachedContents/1',
      model: 'models/gemini-2.5-pro',
      usageMetadata: { totalTokenCount: 4096 },
    };
    const url = 'https://generativelanguage.googleapis.com/v1beta/cachedContents';
    expect(priceResponse(body, { url })).toMatchObject({
      status: 'unpriced',
      reason: expect.stringContaining('by the hours it is kept'),
    });
  });

  test.each([
    ['anthropic', { type: 'message', usage: { input_tokens: 3, output_tokens: 4 } }],
    ['mistralai', { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } }],
  ])('that pass on the JSON of %s are read by what they say', (publisher, body) => {
    const url = `${base}/publishers/${publisher}/models/m:rawPredict`;
    expect(readRawReply({ url, body }).reading.usage).toMatchObject({ inputTokens: 3, outputTokens: 4 });
    const stream =
      publisher === 'anthropic'
        ? [
            { type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 1 } } },
            { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } },
          ]
        : [{ choices: [{ delta: {}, finish_reason: 'stop' }], usage: body.usage }];
    const streamed = readRawReply({ url: url.replace('rawPredict', 'streamRawPredict'), body: stream });
    expect(streamed.reading.usage).toMatchObject({ inputTokens: 3, outputTokens: 4 });
  });
});
