import { describe, expect, test } from 'vitest';
import { chat, read } from '../support/replies.ts';

describe('xAI', () => {
  const usage = {
    prompt_tokens: 165,
    completion_tokens: 2,
    total_tokens: 296,
    prompt_tokens_details: { cached_tokens: 164 },
    completion_tokens_details: { reasoning_tokens: 129 },
    cost_in_usd_ticks: 739_000,
  };

  test('adds the reasoning that its chat counts beside the completion', () => {
    // 2 + 129 = 131; 165 + 131 = 296
    expect(read('x_ai', chat(usage)).usage).toMatchObject({
      outputTokens: 131,
      reasoningTokens: 129,
      totalTokens: 296,
    });
  });

  test('takes its ticks of 1e-10 dollars to the last digit', () => {
    expect(read('x_ai', chat(usage)).reported).toEqual({ amount: '0.0000739', currency: 'USD' });
    expect(read('azure.ai.openai', chat(usage)).reported).toBeUndefined();
  });

  test('leaves the reasoning inside where the total says so, and counts its own tools', () => {
    const body = {
      object: 'response',
      usage: {
        input_tokens: 5913,
        output_tokens: 364,
        output_tokens_details: { reasoning_tokens: 263 },
        total_tokens: 6277,
        server_side_tool_usage_details: { web_search_calls: 2, x_search_calls: 1, code_interpreter_calls: 0 },
      },
    };
    expect(read('x_ai', body).usage).toMatchObject({
      outputTokens: 364,
      webSearchRequests: 2,
      xSearchRequests: 1,
    });
  });
});
