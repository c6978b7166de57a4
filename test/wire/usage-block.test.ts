import { describe, expect, test } from 'vitest';
import { priceResponse } from '../../src/index.ts';
import { readRawReply } from '../../src/wire/read-reply.ts';
import { findEndpoint } from '../../src/wire/wires.ts';

/** A reply of gpt-4o: 2.5 dollars per million in, 10 out. */
function chat(usage: unknown): object {
  return { object: 'chat.completion', model: 'gpt-4o', choices: [], usage };
}

function chunk(usage: unknown, finishReason: string | null = null): object {
  return {
    object: 'chat.completion.chunk',
    model: 'gpt-4o',
    choices: finishReason === null ? [] : [{ delta: {}, finish_reason: finishReason }],
    usage,
  };
}

const sonnet = { type: 'message', model: 'claude-sonnet-4-6', id: 'msg_1' };
const gemini = { modelVersion: 'gemini-2.5-flash', candidates: [{ finishReason: 'STOP' }] };

describe('counts as decimal text are counts', () => {
  test.each([
    // 900 × 2.5/M + 100 × 1.25/M + 50 × 10/M = 0.002875
    [
      'chat',
      chat({
        prompt_tokens: '1000',
        completion_tokens: '50',
        prompt_tokens_details: { cached_tokens: '100' },
      }),
      'openai',
      '0.002875',
    ],
    [
      'responses',
      {
        object: 'response',
        model: 'gpt-4o',
        usage: { input_tokens: '1000', output_tokens: '50', input_tokens_details: { cached_tokens: '100' } },
      },
      'openai',
      '0.002875',
    ],
    // 1000 × 3/M + 100 × 15/M = 0.0045
    ['messages', { ...sonnet, usage: { input_tokens: '1000', output_tokens: '100' } }, 'anthropic', '0.0045'],
    // 1000 × 0.3/M + 100 × 2.5/M = 0.00055
    [
      'Gemini',
      {
        ...gemini,
        usageMetadata: { promptTokenCount: '1000', candidatesTokenCount: '100', totalTokenCount: '1100' },
      },
      'gcp.gemini',
      '0.00055',
    ],
    [
      'Converse',
      { output: {}, usage: { inputTokens: '1000', outputTokens: '100' } },
      'aws.bedrock',
      '0.0045',
    ],
  ])('in %s', (_, body, provider, amount) => {
    const model = provider === 'aws.bedrock' ? { model: 'global.anthropic.claude-sonnet-4-6' } : {};
    expect(priceResponse(body, { provider, ...model }).amount).toBe(amount);
  });

  test('and so is a cost that a gateway reports', () => {
    const body = chat({ prompt_tokens: 10, completion_tokens: 1, total_tokens: 11, cost: '0.000123' });
    expect(priceResponse(body, { provider: 'openrouter' })).toMatchObject({
      amount: '0.000123',
      source: 'provider',
    });
  });
});

describe('a usage block that cannot be read leaves the call unpriced, and says why', () => {
  test.each([
    [
      'a negative count',
      { prompt_tokens: 1000, completion_tokens: -5 },
      'completion_tokens is -5, which is no count',
    ],
    ['a fraction', { prompt_tokens: 10.5, completion_tokens: 5 }, 'prompt_tokens is 10.5, which is no count'],
    [
      'words',
      { prompt_tokens: 'many', completion_tokens: 5 },
      'prompt_tokens is no number, which is no count',
    ],
    ['an empty text', { prompt_tokens: 10, completion_tokens: '' }, 'completion_tokens is no number'],
    ['true', { prompt_tokens: true, completion_tokens: 5 }, 'prompt_tokens is no number'],
    [
      'a broken detail',
      { prompt_tokens: 10, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: -1 } },
      'reasoning_tokens is -1, which is no count',
    ],
    ['no known name', { tokens_used: 17 }, 'the usage counts nothing that is known'],
    ['no block', 'unlimited', 'the usage is no object'],
    ['a total alone', { total_tokens: 1100 }, 'the usage does not tell input from output'],
    ['a prompt alone', { prompt_tokens: 1000 }, 'the usage does not tell input from output'],
    ['a completion alone', { completion_tokens: 100 }, 'the usage does not tell input from output'],
    [
      'a total smaller than the prompt',
      { prompt_tokens: 1000, completion_tokens: null, total_tokens: 900 },
      'the usage does not tell input from output',
    ],
  ])('%s', (_, usage, reason) => {
    expect(priceResponse(chat(usage), { provider: 'openai' })).toMatchObject({
      status: 'unpriced',
      reason: expect.stringContaining(reason),
    });
    const { reading } = readRawReply({ body: chat(usage), provider: 'openai' });
    expect(reading.usage).toBeUndefined();
    if (typeof usage === 'object') expect(reading.usageRaw).toEqual(usage);
  });

  test.each([
    ['openai', [chunk({ prompt_tokens: 1000, completion_tokens: -5 }, 'stop')]],
    ['openai', { object: 'response', usage: { input_tokens: -1, output_tokens: 5 } }],
    [
      'openai',
      [{ type: 'response.completed', response: { usage: { input_tokens: 1.5, output_tokens: 5 } } }],
    ],
    [
      'openai',
      { object: 'thread.run', status: 'completed', usage: { prompt_tokens: -1, completion_tokens: 1 } },
    ],
    ['openai', { object: 'list', data: [{ embedding: [] }], usage: { prompt_tokens: -1 } }],
    ['openai', { type: 'transcript.text.done', text: '', usage: { input_tokens: -1, output_tokens: 1 } }],
    ['anthropic', { ...sonnet, usage: { input_tokens: -1, output_tokens: 5 } }],
    [
      'anthropic',
      [
        { type: 'message_start', message: { ...sonnet, usage: { input_tokens: 10, output_tokens: 1 } } },
        {
          type: 'message_delta',
          delta: { stop_reason: 'end_turn' },
          usage: { input_tokens: -7, output_tokens: 5 },
        },
      ],
    ],
    ['gcp.gemini', { ...gemini, usageMetadata: { promptTokenCount: -1, totalTokenCount: 10 } }],
    ['gcp.gemini', [{ ...gemini, usageMetadata: { promptTokenCount: 2.5, totalTokenCount: 10 } }]],
    ['gcp.gemini', { object: 'interaction', usage: { total_input_tokens: -1 } }],
    ['aws.bedrock', { output: {}, usage: { inputTokens: 5, outputTokens: -5 } }],
    ['aws.bedrock', { inputTextTokenCount: 5, results: [{ tokenCount: 1.5 }] }],
    ['cohere', { message: {}, usage: { billed_units: { input_tokens: -4, output_tokens: 1 } } }],
    ['ollama', { done: true, prompt_eval_count: 10, eval_count: -1 }],
  ])('on the wire of %s: %j', (provider, body) => {
    const { reading } = readRawReply({ body, provider });
    expect(reading.usage).toBeUndefined();
    expect(reading.usageFault).toMatch(/which is no count$/);
  });

  test.each([
    ['anthropic', { ...sonnet, usage: { input_tokens: 10 } }],
    ['anthropic', { ...sonnet, usage: { output_tokens: 10 } }],
    ['aws.bedrock', { output: {}, usage: { inputTokens: 5 } }],
  ])('half a count on the wire of %s: %j', (provider, body) => {
    const { reading } = readRawReply({ body, provider });
    expect(reading.usage).toBeUndefined();
    expect(reading.usageFault).toBe('the usage does not tell input from output');
  });

  test('and what a broken stream knew of its prompt stays for the estimate', () => {
    const reader = findEndpoint('openai', 'POST', '/v1/chat/completions')?.readStream?.({
      provider: 'openai',
    });
    reader?.read({ choices: [{ delta: { content: 'Hello' } }], usage: { prompt_tokens: 1000 } });
    expect(reader?.reading()).toMatchObject({ partialUsage: { inputTokens: 1000 } });
    expect(reader?.reading().usageFault).toBeUndefined();
  });

  test.each([undefined, null, {}, { prompt_tokens: null }])('but %j is no block at all', (usage) => {
    expect(readRawReply({ body: chat(usage), provider: 'openai' }).reading.usageFault).toBeUndefined();
  });
});

describe('of prompt, completion and total, two tell the third', () => {
  // 1000 × 2.5/M + 100 × 10/M = 0.0035
  test.each([
    { prompt_tokens: 1000, completion_tokens: null, total_tokens: 1100 },
    { completion_tokens: 100, total_tokens: 1100 },
    { prompt_tokens: 1000, completion_tokens: 100 },
    { input_tokens: 1000, total_tokens: 1100 },
  ])('%j', (usage) => {
    expect(priceResponse(chat(usage), { provider: 'openai' }).amount).toBe('0.0035');
  });

  test('and a total alone is the input of an embedding', () => {
    const body = {
      object: 'list',
      model: 'text-embedding-3-small',
      data: [{ embedding: [] }],
      usage: { total_tokens: 1000 },
    };
    const { reading } = readRawReply({ body, provider: 'openai' });
    expect(reading.usage).toEqual({ inputTokens: 1000, totalTokens: 1000 });
  });
});

describe('in one stream a later zero says nothing', () => {
  test.each([
    // 1000 × 2.5/M + 100 × 10/M = 0.0035
    [
      'the prompt first, the completion last',
      'openai',
      [
        chunk({ prompt_tokens: 1000, completion_tokens: 0 }),
        chunk({ prompt_tokens: 0, completion_tokens: 100 }, 'stop'),
      ],
      '0.0035',
    ],
    [
      'zeros at the end',
      'openai',
      [
        chunk({ prompt_tokens: 1000, completion_tokens: 100 }),
        chunk({ prompt_tokens: 0, completion_tokens: 0 }, 'stop'),
      ],
      '0.0035',
    ],
    [
      'a response that ends in zeros',
      'openai',
      [
        {
          type: 'response.in_progress',
          response: { model: 'gpt-4o', usage: { input_tokens: 1000, output_tokens: 1 } },
        },
        {
          type: 'response.completed',
          response: { model: 'gpt-4o', usage: { input_tokens: 0, output_tokens: 100 } },
        },
      ],
      '0.0035',
    ],
    [
      'a run',
      'openai',
      [
        {
          event: 'thread.run.in_progress',
          data: {
            object: 'thread.run',
            model: 'gpt-4o',
            usage: { prompt_tokens: 1000, completion_tokens: 0 },
          },
        },
        {
          event: 'thread.run.completed',
          data: {
            object: 'thread.run',
            model: 'gpt-4o',
            status: 'completed',
            usage: { prompt_tokens: 0, completion_tokens: 100 },
          },
        },
      ],
      '0.0035',
    ],
    // 1500 × 3/M + 4000 × 0.3/M + 80 × 15/M = 0.0069
    [
      'a message_delta with input 0',
      'anthropic',
      [
        {
          type: 'message_start',
          message: {
            ...sonnet,
            usage: { input_tokens: 1500, cache_read_input_tokens: 4000, output_tokens: 1 },
          },
        },
        {
          type: 'message_delta',
          delta: { stop_reason: 'end_turn' },
          usage: { input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 80 },
        },
      ],
      '0.0069',
    ],
    // 1000 × 0.3/M + 100 × 2.5/M = 0.00055
    [
      'a Gemini chunk of zeros',
      'gcp.gemini',
      [
        {
          ...gemini,
          usageMetadata: { promptTokenCount: 1000, candidatesTokenCount: 100, totalTokenCount: 1100 },
        },
        { ...gemini, usageMetadata: { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 } },
      ],
      '0.00055',
    ],
  ])('%s', (_, provider, events, amount) => {
    expect(priceResponse(events, { provider }).amount).toBe(amount);
  });

  test('a smaller count that is not zero is a correction', () => {
    const events = [
      { ...gemini, usageMetadata: { promptTokenCount: 169, totalTokenCount: 169 } },
      { ...gemini, usageMetadata: { promptTokenCount: 79, candidatesTokenCount: 12, totalTokenCount: 91 } },
    ];
    const { reading } = readRawReply({ body: events, provider: 'gcp.gemini' });
    expect(reading.usage).toMatchObject({ inputTokens: 79, outputTokens: 12 });
  });

  test('the raw block stays the one that came', () => {
    const last = { prompt_tokens: 0, completion_tokens: 100 };
    const events = [chunk({ prompt_tokens: 1000, completion_tokens: 0 }), chunk(last, 'stop')];
    expect(readRawReply({ body: events, provider: 'openai' }).reading.usageRaw).toEqual(last);
  });
});
