import { describe, expect, test } from 'vitest';
import { readRawReply } from '../../src/wire/read-reply.ts';
import { chat, read } from '../support/replies.ts';

describe('units other than tokens', () => {
  test('seconds of a transcription billed by time', () => {
    const body = { text: 'hello', usage: { type: 'duration', seconds: 9 } };
    expect(read('openai', body).usage).toEqual({ inputAudioSeconds: 9 });
    expect(read('openai', { text: 'hello', duration: '8.47' }).usage).toEqual({ inputAudioSeconds: 8.47 });
  });

  test('characters of speech, which only the request has', () => {
    const { operation, reading } = readRawReply({
      provider: 'openai',
      body: {},
      request: { model: 'tts-1', input: 'Grüße 👋', voice: 'alloy' },
    });
    expect(operation).toBe('speech');
    // G r ü ß e ␣ 👋
    expect(reading.usage).toEqual({ inputCharacters: 7 });
  });

  test('images by the piece where the reply counts no tokens, with what decides their price', () => {
    const data = [{ url: 'https://a' }, { url: 'https://b' }];
    const request = { model: 'dall-e-3', n: 2, size: '1024x1024', quality: 'hd' };
    const byPiece = read('openai', { data }, request);
    expect(byPiece).toMatchObject({
      usage: { outputImages: 2 },
      parameters: { size: '1024x1024', quality: 'hd' },
    });
    const tokens = { input_tokens: 10, output_tokens: 272, total_tokens: 282 };
    expect(read('openai', { data, usage: tokens }, request).usage?.outputImages).toBeUndefined();
  });

  test("Cohere's billed units instead of its tokens, search units, pages, seconds of video", () => {
    const billed = { billed_units: { input_tokens: 181, output_tokens: 34 }, tokens: { input_tokens: 1698 } };
    expect(read('cohere', { usage: billed }).usage).toMatchObject({ inputTokens: 181, outputTokens: 34 });
    expect(read('cohere', { results: [], meta: { billed_units: { search_units: 3 } } }).usage).toEqual({
      searchUnits: 3,
    });
    expect(read('mistral_ai', { pages: [], usage_info: { pages_processed: 4 } }).usage).toEqual({
      inputPages: 4,
    });
    const video = { object: 'video', id: 'video_1', status: 'completed', seconds: '8', size: '1280x720' };
    expect(read('openai', video)).toMatchObject({
      usage: { outputVideoSeconds: 8 },
      parameters: { size: '1280x720' },
    });
    expect(read('openai', { ...video, status: 'queued' })).toMatchObject({
      pending: true,
      responseId: 'video_1',
    });
  });

  test.each([
    ['deepseek', { prompt_tokens: 100, prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 }],
    ['together', { prompt_tokens: 100, cached_tokens: 64 }],
    ['moonshot_ai', { prompt_tokens: 100, cached_tokens: 64 }],
    ['mistral_ai', { prompt_tokens: 100, num_cached_tokens: 64 }],
    ['groq', { prompt_tokens: 100, prompt_tokens_details: { cached_tokens: 64 } }],
  ])('cached tokens in the words of %s', (provider, usage) => {
    const reading = read(provider, chat({ ...usage, completion_tokens: 1, total_tokens: 101 }));
    expect(reading.usage).toMatchObject({ inputTokens: 100, cacheReadTokens: 64, outputTokens: 1 });
  });
});
