import { describe, expect, test } from 'vitest';
import { message, read, step } from '../support/replies.ts';

describe('Anthropic iterations beside the headline', () => {
  test('keeps a compaction apart from a headline that leaves it out', () => {
    const { usage } = read(
      'anthropic',
      message({
        input_tokens: 162,
        output_tokens: 11,
        iterations: [step('compaction', 99_195, 81), step('message', 162, 11)],
      }),
    );
    // headline 162 + 11; beside it 99,195 + 81
    expect(usage).toMatchObject({ inputTokens: 162, outputTokens: 11, totalTokens: 173 });
    expect(usage?.iterations).toEqual([
      { type: 'compaction', usage: expect.objectContaining({ inputTokens: 99_195, outputTokens: 81 }) },
    ]);
  });

  test('names the other model that an advisor ran on', () => {
    const { usage } = read(
      'anthropic',
      message({
        input_tokens: 2390,
        output_tokens: 121,
        iterations: [
          step('message', 1128, 110),
          step('advisor_message', 2518, 22, 'claude-opus-4-8'),
          step('message', 1262, 11),
        ],
      }),
    );
    // 1,128 + 1,262 = 2,390 and 110 + 11 = 121: the messages are the headline
    expect(usage?.iterations).toEqual([
      {
        type: 'advisor_message',
        model: 'claude-opus-4-8',
        usage: expect.objectContaining({ inputTokens: 2518, outputTokens: 22 }),
      },
    ]);
  });

  test('bills the declined attempt at its own model when a fallback is the headline', () => {
    const { usage } = read(
      'anthropic',
      message(
        {
          input_tokens: 412,
          output_tokens: 264,
          iterations: [step('message', 408, 0, 'claude-a'), step('fallback_message', 412, 264, 'claude-b')],
        },
        { model: 'claude-b' },
      ),
    );
    expect(usage?.iterations?.map(({ type, model }) => [type, model])).toEqual([['message', 'claude-a']]);
  });

  test('bills the fallback beside a headline that is the sum of the messages', () => {
    const { usage } = read(
      'anthropic',
      message({
        input_tokens: 100,
        output_tokens: 20,
        iterations: [step('message', 100, 20), step('fallback_message', 50, 10, 'claude-b')],
      }),
    );
    expect(usage?.iterations?.map(({ type, model }) => [type, model])).toEqual([
      ['fallback_message', 'claude-b'],
    ]);
  });
});

test('keeps a cache write split that does not add up as it is, under the full total', () => {
  const { usage } = read(
    'anthropic',
    message({
      input_tokens: 5,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 10_345,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: 7,
    }),
  );
  // 5 + 100 + 10,345 = 10,450
  expect(usage).toMatchObject({
    inputTokens: 10_450,
    cacheWriteTokens: 10_345,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
  });
});

describe('Anthropic message_delta', () => {
  const start = {
    type: 'message_start',
    message: message(
      {
        input_tokens: 10,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 50,
        cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 2 },
        service_tier: 'standard',
        inference_geo: 'us',
        output_tokens: 1,
      },
      { stop_reason: null },
    ),
  };

  test('lays later totals over earlier ones, nested ones too, and adds nothing up', () => {
    const reading = read('anthropic', [
      start,
      { type: 'message_delta', delta: {}, usage: { output_tokens: 30, input_tokens: null } },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: {
          input_tokens: 400,
          output_tokens: 25,
          cache_creation: { ephemeral_1h_input_tokens: 9 },
          server_tool_use: { web_search_requests: 2 },
        },
      },
      { type: 'message_stop' },
    ]);
    // 400 + 50 + 0 = 450 in, 25 out: the last one counts, not the largest
    expect(reading.usage).toMatchObject({
      inputTokens: 450,
      cacheWrite5mTokens: 4,
      cacheWrite1hTokens: 9,
      outputTokens: 25,
      webSearchRequests: 2,
    });
    expect(reading).toMatchObject({
      serviceTier: 'standard',
      inferenceGeo: 'us',
      finishReasons: ['end_turn'],
    });
    expect(reading.usageRaw).toMatchObject({
      input_tokens: 400,
      cache_read_input_tokens: 50,
      output_tokens: 25,
    });
  });

  test('takes the placeholder of one output token for no count', () => {
    const reading = read('anthropic', [
      start,
      { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hello' } },
    ]);
    expect(reading.usage).toBeUndefined();
    expect(reading.usageRaw).toBeUndefined();
    expect(reading.partialUsage).toMatchObject({ inputTokens: 60, cacheReadTokens: 50 });
    expect(reading.partialUsage?.outputTokens).toBeUndefined();
    expect(reading.outputCharacters).toBe(5);
  });
});
