import { describe, expect, test } from 'vitest';
import { priceResponse } from '../../src/index.ts';

/** 1000 × 2.5/M + 100 × 10/M = 0.0035 */
const chat = {
  object: 'chat.completion',
  model: 'gpt-4o',
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
};
const stream = [{ ...chat, object: 'chat.completion.chunk', choices: [] }];
/** 1000 × 3/M + 100 × 15/M = 0.0045 */
const message = {
  type: 'message',
  model: 'claude-sonnet-4-6',
  usage: { input_tokens: 1000, output_tokens: 100 },
};

const HITS: readonly [string, Readonly<Record<string, string>>][] = [
  ['Cloudflare', { 'cf-aig-cache-status': 'HIT' }],
  ['Helicone', { 'Helicone-Cache': 'HIT' }],
  ['Portkey', { 'x-portkey-cache-status': 'HIT' }],
  ['Portkey', { 'x-portkey-cache-status': 'SEMANTIC HIT' }],
  ['OpenRouter', { 'X-OpenRouter-Cache-Status': 'HIT' }],
  ['LiteLLM', { 'x-litellm-cache-key': 'ab12', 'x-litellm-response-cost': '0.0' }],
];

describe('what a gateway served from its cache costs nothing', () => {
  test.each(HITS)('at %s, told by %j', (gateway, headers) => {
    for (const [body, provider] of [
      [chat, 'openai'],
      [stream, 'openai'],
      [message, 'anthropic'],
    ] as const) {
      expect(priceResponse(body, { provider, headers })).toMatchObject({
        status: 'free',
        amount: '0',
        reason: `served from the cache of ${gateway}`,
      });
    }
  });

  test.each([
    {},
    { 'cf-aig-cache-status': 'MISS' },
    { 'helicone-cache': 'MISS' },
    { 'x-portkey-cache-status': 'SEMANTIC MISS' },
    { 'x-portkey-cache-status': 'DISABLED' },
    { 'x-litellm-cache-key': 'ab12' },
    { 'x-litellm-cache-key': 'ab12', 'x-litellm-response-cost': '0.0035' },
    { 'x-litellm-response-cost': '0' },
    { 'cf-cache-status': 'DYNAMIC' },
  ])('and what it passed on costs what it costs: %j', (headers) => {
    expect(priceResponse(chat, { provider: 'openai', headers })).toMatchObject({
      status: 'priced',
      amount: '0.0035',
    });
    expect(priceResponse(message, { provider: 'anthropic', headers }).amount).toBe('0.0045');
  });
});

test.each([['<html>Gateway</html>'], [null], [7], [true]])(
  'a reply that is %j is no reply, and has no price',
  (body) => {
    const url = 'https://api.openai.com/v1/chat/completions';
    expect(priceResponse(body, { url })).toMatchObject({
      status: 'unpriced',
      reason: 'the reply is no JSON object',
    });
  },
);

test('a transcription may be plain text', () => {
  const url = 'https://api.openai.com/v1/audio/transcriptions';
  expect(priceResponse('Hello there', { url, request: { model: 'whisper-1' } }).reason).not.toContain('JSON');
});
