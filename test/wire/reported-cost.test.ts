import { describe, expect, test } from 'vitest';
import { chat, message, read } from '../support/replies.ts';

describe('cost on the wire', () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

  test('takes what OpenRouter charges, but not the fee it takes for an own key', () => {
    expect(read('openrouter', chat({ ...usage, cost: 0.00014, is_byok: false })).reported).toEqual({
      amount: '0.00014',
      currency: 'USD',
    });
    expect(read('openrouter', chat({ ...usage, cost: 0.000007, is_byok: true })).reported).toBeUndefined();
    // fee 0.000007 + host 0.00014
    const own = { cost: 0.000007, is_byok: true, cost_details: { upstream_inference_cost: 0.00014 } };
    expect(read('openrouter', chat({ ...usage, ...own })).reported?.amount).toBe('0.000147');
    expect(read('openrouter', chat({ ...usage, cost: 0 })).reported?.amount).toBe('0');
  });

  test("takes Perplexity's total, with its fee per request", () => {
    const cost = {
      input_tokens_cost: 5e-5,
      output_tokens_cost: 9e-5,
      request_cost: 0.006,
      total_cost: 0.00614,
    };
    const reading = read('perplexity', chat({ ...usage, cost, search_context_size: 'low' }));
    expect(reading.reported).toEqual({ amount: '0.00614', currency: 'USD' });
    expect(reading.parameters).toEqual({ search_context_size: 'low' });
  });

  test("takes OpenRouter's figure on Anthropic's wire too", () => {
    const usage = { input_tokens: 10, output_tokens: 5, cost: 0.00021, is_byok: false };
    expect(read('openrouter', message(usage)).reported?.amount).toBe('0.00021');
  });

  test('adds what deep research bills beside the completion', () => {
    const { usage: deep } = read(
      'perplexity',
      chat({
        prompt_tokens: 33,
        completion_tokens: 7163,
        total_tokens: 7196,
        citation_tokens: 20_016,
        reasoning_tokens: 73_997,
        num_search_queries: 28,
      }),
    );
    // 7,163 + 20,016 + 73,997 = 101,176
    expect(deep).toMatchObject({
      inputTokens: 33,
      outputTokens: 101_176,
      citationTokens: 20_016,
      reasoningTokens: 73_997,
      searchQueries: 28,
    });
  });

  test('believes no other host', () => {
    expect(read('openai', chat({ ...usage, cost: 1 })).reported).toBeUndefined();
    expect(read('huggingface', chat({ ...usage, estimated_cost: 1 })).reported).toBeUndefined();
  });
});
