import { describe, expect, test } from 'vitest';
import { readRawReply } from '../../src/wire/read-reply.ts';
import { chat, chunk, delta, read } from '../support/replies.ts';

test('adds the cached tokens that Grok on Azure leaves out of the prompt', () => {
  const { usage } = read(
    'azure.ai.openai',
    chat({
      prompt_tokens: 7,
      completion_tokens: 1,
      total_tokens: 8,
      prompt_tokens_details: { cached_tokens: 163 },
    }),
  );
  // 7 + 163 = 170
  expect(usage).toMatchObject({ inputTokens: 170, cacheReadTokens: 163, totalTokens: 171 });
});

describe('Azure', () => {
  test('reads past a first chunk with an empty id, model and list of choices', () => {
    const reading = read('azure.ai.openai', [
      chunk({ id: '', model: '', prompt_filter_results: [{ prompt_index: 0 }] }),
      chunk({ ...delta('Hi', 'stop') }),
      chunk({ usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } }),
    ]);
    expect(reading).toMatchObject({
      responseId: 'chatcmpl-1',
      responseModel: 'model-1',
      usage: { inputTokens: 3 },
    });
  });

  test('names the filter that answered 200 with an error and no choices', () => {
    const reading = readRawReply({
      provider: 'azure.ai.openai',
      url: 'https://r.openai.azure.com/openai/deployments/d/chat/completions',
      body: { error: { code: 'content_filter', message: 'The prompt was filtered.', type: null } },
    }).reading;
    expect(reading.errorType).toBe('content_filter');
    expect(reading.usage).toBeUndefined();
    expect(JSON.stringify(reading)).not.toContain('filtered');
  });
});
