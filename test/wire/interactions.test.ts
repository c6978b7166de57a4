import { describe, expect, test } from 'vitest';
import { createInteractionStreamReader, readInteraction } from '../../src/wire/google-genai/interactions.ts';

const usage = {
  total_input_tokens: 9,
  total_output_tokens: 13,
  total_thought_tokens: 189,
  total_tool_use_tokens: 4,
  total_cached_tokens: 2,
  total_tokens: 215,
};

describe('an interaction of Gemini', () => {
  test('counts thoughts and tools beside input and output, as it is billed', () => {
    const { usage: read, ...rest } = readInteraction({
      id: 'i1',
      model: 'gemini-2.5-flash',
      status: 'completed',
      usage,
    });
    // 9 + 4; 13 + 189; 13 + 202
    expect(read).toEqual({
      inputTokens: 13,
      cacheReadTokens: 2,
      toolUseInputTokens: 4,
      outputTokens: 202,
      reasoningTokens: 189,
      totalTokens: 215,
    });
    expect(rest).toMatchObject({
      responseId: 'i1',
      responseModel: 'gemini-2.5-flash',
      finishReasons: ['completed'],
    });
    expect(rest).not.toHaveProperty('pending');
  });

  test('of which one half is told has that half', () => {
    expect(readInteraction({ usage: { total_input_tokens: 9 } }).usage).toEqual({
      inputTokens: 9,
      outputTokens: 0,
      totalTokens: 9,
    });
    expect(readInteraction({ usage: { total_output_tokens: 9 } }).usage).toEqual({
      inputTokens: 0,
      outputTokens: 9,
      totalTokens: 9,
    });
    expect(readInteraction({ usage: { total_thought_tokens: 9 } }).usage).toBeUndefined();
  });

  test('is of the agent where no model is named, and says its searches and its kinds of tokens', () => {
    const told = {
      ...usage,
      input_tokens_by_modality: [
        { modality: 'text', tokens: 5 },
        { modality: 'image', tokens: 4 },
      ],
      grounding_tool_count: [
        { type: 'google_search', count: 2 },
        { type: 'google_search' },
        { type: 'code_execution', count: 7 },
        1,
      ],
    };
    const { responseModel, usage: read } = readInteraction({ agent: 'deep-research', usage: told });
    expect(responseModel).toBe('deep-research');
    expect(Object.entries(read ?? {}).filter(([name]) => /search|grounding/i.test(name))).toHaveLength(1);
  });

  test('in the background is a receipt until it ends', () => {
    expect(readInteraction({ status: 'in_progress', background: true })).toMatchObject({
      pending: true,
      background: true,
    });
    expect(readInteraction({ status: 'in_progress', usage })).not.toHaveProperty('pending');
    expect(readInteraction(undefined)).toEqual(expect.not.objectContaining({ pending: true }));
  });
});

describe('a stream of an interaction', () => {
  const read = (...events: unknown[]) => {
    const reader = createInteractionStreamReader();
    for (const event of events) reader.read(event);
    return reader.reading();
  };

  test('has its usage from the last event, and its length from what was written', () => {
    const reading = read(
      { event_type: 'interaction.start', interaction: { id: 'i1', status: 'in_progress' } },
      { event_type: 'content.delta', delta: { type: 'text', text: 'Hello' } },
      'no event',
      { event_type: 'interaction.complete', interaction: { status: 'completed', usage } },
    );
    expect(reading).toMatchObject({ responseId: 'i1', usage: { totalTokens: 215 }, outputCharacters: 5 });
    expect(reading.finishReasons).toEqual(['completed']);
  });

  test('that breaks off is no receipt, unless the work goes on without it', () => {
    const open = { id: 'i1', status: 'in_progress' };
    expect(read({ interaction: open })).not.toHaveProperty('pending');
    expect(read({ interaction: { ...open, background: true } })).toMatchObject({ pending: true });
  });

  test('that fails says the first error', () => {
    const reading = read({ error: { code: 'overloaded', message: 'busy' } }, { error: { code: 'other' } });
    expect(reading.errorType).toBe('overloaded');
  });
});
