import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/read.ts';
import { requestSize } from '../../src/wire/request-size.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const bounded = { model: 'gpt-4o', max_tokens: 100, messages };

describe('the size of a request', () => {
  test.each<[string, string, JsonObject]>([
    ['openai', 'chat', { max_completion_tokens: 100, messages }],
    ['openai', 'responses', { max_output_tokens: 100, input: 'Hi' }],
    ['anthropic', 'messages', { max_tokens: 100, messages }],
    [
      'gcp.gemini',
      'generateContent',
      { generationConfig: { maxOutputTokens: 100 }, contents: [{ parts: [{ text: 'Hi' }] }] },
    ],
    [
      'aws.bedrock',
      'converse',
      { inferenceConfig: { maxTokens: 100 }, messages: [{ role: 'user', content: [{ text: 'Hi' }] }] },
    ],
  ])('of %s %s is bounded by its limit on the output', (provider, _operation, request) => {
    expect(requestSize(provider, request, 50)).toEqual({ inputBytes: 50, maxOutputTokens: 100 });
  });

  test.each<[string, JsonObject, RegExp]>([
    ['no limit on the output', { max_tokens: undefined }, /no limit on its output/],
    ['an earlier response', { previous_response_id: 'resp_1' }, /'previous_response_id' adds input/],
    [
      'a picture',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      /size of a 'image_url'/,
    ],
    ['a search of the provider', { tools: [{ type: 'web_search' }] }, /runs the tool 'web_search'/],
  ])('with %s has no bound, and says why', (_title, change, reason) => {
    expect(requestSize('openai', { ...bounded, ...change }, 50).unbounded).toMatch(reason);
  });

  test('with tools of the application is bounded', () => {
    const tools = [{ type: 'function', function: { name: 'weather' } }];
    expect(requestSize('openai', { ...bounded, tools, n: 2 }, 50)).toEqual({
      inputBytes: 50,
      maxOutputTokens: 100,
      choices: 2,
    });
  });
});
