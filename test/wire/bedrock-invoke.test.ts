import { describe, expect, test } from 'vitest';
import { createInvokeStreamReader, readInvoke, readInvokeRequest } from '../../src/wire/bedrock/invoke.ts';

const context = { provider: 'aws.bedrock' };

describe('a reply of InvokeModel', () => {
  test.each<[string, object, object]>([
    // 3 + 4 tokens in two results
    [
      'Titan',
      {
        inputTextTokenCount: 10,
        results: [{ tokenCount: 3, completionReason: 'FINISH' }, { tokenCount: 4 }, {}],
      },
      { inputTokens: 10, outputTokens: 7, totalTokens: 17 },
    ],
    ['Titan’s embeddings', { inputTextTokenCount: 10, embedding: [] }, { inputTokens: 10, totalTokens: 10 }],
    [
      'Llama',
      { prompt_token_count: 10, generation_token_count: 7 },
      { inputTokens: 10, outputTokens: 7, totalTokens: 17 },
    ],
    [
      'what speaks OpenAI’s API',
      { usage: { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 } },
      { inputTokens: 10, outputTokens: 7, totalTokens: 17 },
    ],
    ['Claude', { usage: { input_tokens: 10, output_tokens: 7 } }, { inputTokens: 10, outputTokens: 7 }],
    [
      'Nova',
      { usage: { inputTokens: 10, outputTokens: 7, totalTokens: 17 } },
      { inputTokens: 10, outputTokens: 7, totalTokens: 17 },
    ],
  ])('of %s counts in its family’s own way', (_family, body, usage) => {
    expect(readInvoke(body, context).usage).toMatchObject(usage);
  });

  test('that says nothing has the counts of the headers; ones that are none count nothing', () => {
    const headers = { 'x-amzn-bedrock-input-token-count': '10', 'x-amzn-bedrock-output-token-count': 'many' };
    expect(readInvoke({ generation: 'hi' }, { ...context, headers }).usage).toMatchObject({
      inputTokens: 10,
    });
    expect(readInvoke(undefined, context).usage).toBeUndefined();
  });

  test('with pictures bills them by the piece, with their size from where the family writes it', () => {
    const config = { width: 1024, height: 512 };
    const parameters = { width: '1024', height: '512' };
    const nova = readInvoke(
      { images: ['a', 'b'] },
      { ...context, request: { imageGenerationConfig: config } },
    );
    expect(nova).toMatchObject({ usage: { outputImages: 2 }, parameters });
    expect(readInvoke({ artifacts: [{}] }, { ...context, request: config })).toMatchObject({
      usage: { outputImages: 1 },
      parameters,
    });
  });

  test.each<[string, unknown[], object]>([
    [
      'up to a hundred documents are one search',
      Array.from({ length: 100 }, () => 'a'),
      { usage: { searchUnits: 1 } },
    ],
    [
      'one more is a second',
      Array.from({ length: 101 }, () => ({ text: 'a' })),
      { usage: { searchUnits: 2 } },
    ],
    [
      'a document that may be longer than 512 tokens is not known',
      ['x'.repeat(512)],
      { usageFault: expect.stringContaining('long documents') as unknown },
    ],
    ['no documents are not known', [], { usageFault: expect.anything() as unknown }],
  ])('that ranks: %s', (_what, documents, expected) => {
    const request = { query: 'q', documents };
    expect(
      readInvoke({ results: [{ index: 0, relevance_score: 0.5 }] }, { ...context, request }),
    ).toMatchObject(expected);
  });
});

describe('a stream of InvokeModel', () => {
  const read = (...events: object[]) => {
    const reader = createInvokeStreamReader(context);
    for (const event of events) reader.read(event);
    reader.end?.();
    return reader.reading();
  };
  const metrics = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 10, outputTokenCount: 7 } };

  test('of Claude counts in Claude’s own events', () => {
    const reading = read(
      { type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 10, output_tokens: 1 } } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
      { type: 'message_stop', ...metrics },
    );
    expect(reading).toMatchObject({ responseId: 'msg_1', usage: { inputTokens: 10, outputTokens: 7 } });
  });

  test('of the others counts by Bedrock’s metrics, and is as long as what was written', () => {
    expect(read({ generation: 'Hello' }, { stop_reason: 'stop', ...metrics })).toMatchObject({
      usage: { inputTokens: 10, outputTokens: 7 },
      finishReasons: ['stop'],
      outputCharacters: 5,
    });
  });

  test('that breaks says which exception it was', () => {
    expect(
      read({ type: 'message_start', message: {} }, { throttlingException: { message: 'slow' } }).errorType,
    ).toBe('throttlingException');
    expect(read({ modelStreamErrorException: {} }).errorType).toBe('modelStreamErrorException');
  });
});

test('a request names its model where the SDK or the body does, and is as long as its texts', () => {
  expect(readInvokeRequest({ modelId: 'a', model: 'b' }).model).toBe('a');
  expect(readInvokeRequest({ model: 'b', inputText: 'Hello' })).toMatchObject({ model: 'b' });
  expect(readInvokeRequest({ inputText: 'Hello' }).inputCharacters?.()).toBe(5);
  expect(readInvokeRequest(7).inputCharacters?.()).toBe(0);
});
