import { describe, expect, test } from 'vitest';
import { readRawReply } from '../../src/wire/read-reply.ts';
import type { JsonObject } from '../../src/base/read.ts';
import { chat, chunk, delta, read } from '../support/replies.ts';

describe('OpenAI Responses', () => {
  const response = (more: JsonObject): JsonObject => ({
    id: 'resp_1',
    object: 'response',
    model: 'gpt-5.4',
    status: 'completed',
    output: [],
    usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
    ...more,
  });

  test('adds what hosted tools consumed outside of usage', () => {
    const { usage } = read(
      'openai',
      response({
        tool_usage: {
          web_search: { num_requests: 2 },
          image_gen: {
            input_tokens: 30,
            input_tokens_details: { text_tokens: 20, image_tokens: 10 },
            output_tokens: 272,
            cached_tokens: 4,
            total_tokens: 302,
          },
        },
        output: [
          { type: 'web_search_call', action: { type: 'search' } },
          { type: 'image_generation_call', status: 'completed' },
        ],
      }),
    );
    expect(usage).toEqual({
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 15,
      webSearchRequests: 2,
      imageToolInputTokens: 30,
      imageToolInputTextTokens: 20,
      imageToolInputImageTokens: 10,
      imageToolCacheReadTokens: 4,
      imageToolOutputTokens: 272,
    });
  });

  test('counts the output items where no tool_usage does: searches, containers once each', () => {
    const { usage, parameters } = read(
      'openai',
      response({
        tools: [
          { type: 'web_search', search_context_size: 'low' },
          { type: 'shell', environment: { container_id: 'c3' } },
        ],
        output: [
          { type: 'web_search_call', status: 'completed', action: { type: 'search' } },
          { type: 'web_search_call', status: 'completed', action: { type: 'open_page' } },
          { type: 'web_search_call', status: 'failed', action: { type: 'search' } },
          { type: 'file_search_call' },
          { type: 'code_interpreter_call', container_id: 'c1' },
          { type: 'code_interpreter_call', container_id: 'c1' },
          { type: 'code_interpreter_call', container_id: 'c2' },
          { type: 'shell_call', environment: { container_id: 'c3' } },
          { type: 'image_generation_call', status: 'completed' },
        ],
      }),
    );
    // c3 was opened by its own call and named by the request
    expect(usage).toMatchObject({
      webSearchRequests: 1,
      fileSearchRequests: 1,
      codeInterpreterSessions: 2,
      outputImages: 1,
    });
    expect(parameters).toEqual({ web_search_tool: 'web_search', search_context_size: 'low' });
  });

  test('leaves tools out that did nothing, although nearly every reply names them', () => {
    const { usage } = read(
      'openai',
      response({
        tool_usage: { web_search: { num_requests: 0 }, image_gen: { input_tokens: 0, output_tokens: 0 } },
      }),
    );
    expect(usage).toEqual({ inputTokens: 10, outputTokens: 5, totalTokens: 15 });
  });

  test('prices an SVG at the model that drew it', () => {
    const svg = {
      model: 'gpt-svg',
      input_tokens: 40,
      output_tokens: 900,
      reasoning_tokens: 300,
      total_tokens: 940,
    };
    const { usage } = read(
      'openai',
      response({ output: [{ type: 'image_generation_call', svg_usage: svg }] }),
    );
    expect(usage?.iterations).toEqual([
      {
        type: 'svg_usage',
        model: 'gpt-svg',
        usage: { inputTokens: 40, outputTokens: 900, reasoningTokens: 300, totalTokens: 940 },
      },
    ]);
  });

  test.each(['response.completed', 'response.incomplete', 'response.failed'])('bills %s', (type) => {
    const terminal = response({ status: type.slice(9), incomplete_details: { reason: 'max_output_tokens' } });
    const { usage, usageRaw } = read('openai', [
      { type: 'response.created', response: response({ status: 'in_progress', usage: null }) },
      { type: 'response.output_text.delta', delta: 'Hi' },
      { type, response: terminal },
    ]);
    expect(usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
    expect(usageRaw).toEqual(terminal.usage);
  });

  test('takes a background response for a receipt until its usage is there', () => {
    const queued = read('openai', response({ status: 'queued', background: true, usage: null }));
    expect(queued).toMatchObject({ responseId: 'resp_1', pending: true });
    expect(queued.usage).toBeUndefined();
    const broken = read('openai', [
      {
        type: 'response.created',
        response: response({ status: 'in_progress', background: true, usage: null }),
      },
    ]);
    expect(broken.pending).toBe(true);
    expect(read('openai', response({ background: true })).pending).toBeUndefined();
  });

  test('tells cache writes by their lifetime', () => {
    const { usage } = read(
      'openai',
      response({
        usage: {
          input_tokens: 1000,
          input_tokens_details: {
            cached_tokens: 600,
            cache_write_tokens: 300,
            cache_write_tokens_details: { ttl_30m_tokens: 100, ttl_12h_tokens: 200 },
          },
          output_tokens: 10,
          output_tokens_details: { reasoning_tokens: 4 },
          total_tokens: 1010,
        },
      }),
    );
    expect(usage).toEqual({
      inputTokens: 1000,
      cacheReadTokens: 600,
      cacheWriteTokens: 300,
      cacheWrite30mTokens: 100,
      cacheWrite12hTokens: 200,
      outputTokens: 10,
      reasoningTokens: 4,
      totalTokens: 1010,
    });
  });
});

describe('reasoning larger than the completion', () => {
  test("adds Gemini's thoughts, which Vercel's gateway bills and leaves out of its totals", () => {
    const { usage, reported } = read(
      'vercel',
      chat({
        prompt_tokens: 9,
        completion_tokens: 2,
        total_tokens: 11,
        completion_tokens_details: { reasoning_tokens: 25 },
        cost: 7.02e-5,
        is_byok: false,
      }),
    );
    // 2 + 25 = 27: 9 × $0.30/M + 27 × $2.50/M = $0.0000702
    expect(usage).toMatchObject({ outputTokens: 27, reasoningTokens: 25, totalTokens: 36 });
    expect(reported).toEqual({ amount: '0.0000702', currency: 'USD' });
  });

  test("keeps OpenRouter's completion, which another tokenizer counted", () => {
    const { usage } = read(
      'openrouter',
      chat({
        prompt_tokens: 5,
        completion_tokens: 40,
        total_tokens: 45,
        completion_tokens_details: { reasoning_tokens: 43 },
      }),
    );
    expect(usage).toMatchObject({ outputTokens: 40, reasoningTokens: 40, totalTokens: 45 });
  });
});

describe('usage in a chat stream', () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

  test('comes on a last chunk without choices', () => {
    const reading = read('openai', [
      chunk({ ...delta('Hel'), usage: null }),
      chunk({ ...delta('lo'), usage: null }),
      chunk({ ...delta('', 'stop'), usage: null }),
      chunk({ usage }),
    ]);
    expect(reading.usageRaw).toEqual(usage);
    expect(reading).toMatchObject({ finishReasons: ['stop'], outputCharacters: 5 });
  });

  test('comes on the chunk that finishes', () => {
    expect(read('mistral_ai', [chunk(delta('a')), chunk({ ...delta('b', 'stop'), usage })]).usageRaw).toEqual(
      usage,
    );
  });

  test('grows on every chunk, and the last one counts', () => {
    const events = [1, 2, 3].map((tokens) =>
      chunk({
        ...delta('x', tokens === 3 ? 'stop' : null),
        usage: { prompt_tokens: 10, completion_tokens: tokens, total_tokens: 10 + tokens },
      }),
    );
    expect(read('perplexity', events).usage).toMatchObject({ outputTokens: 3, totalTokens: 13 });
  });

  test('comes only as x_groq.usage', () => {
    expect(read('groq', [chunk({ ...delta('', 'stop'), x_groq: { usage } })]).usageRaw).toEqual(usage);
  });

  test('comes on the choice', () => {
    const choice = { index: 0, delta: {}, finish_reason: 'stop', usage };
    expect(read('moonshot_ai', [chunk({ choices: [choice] })]).usageRaw).toEqual(usage);
  });

  test('is null and says nothing', () => {
    expect(read('openai', chat(null)).usage).toBeUndefined();
    expect(read('openai', [chunk({ ...delta('a', 'stop'), usage: null })]).usage).toBeUndefined();
  });
});

test('names an error inside a stream that began with 200, and keeps the first id', () => {
  const reading = read('openrouter', [
    chunk(delta('Hi')),
    chunk({ id: 'chatcmpl-2', error: { code: 502, message: 'secret' } }),
  ]);
  expect(reading).toMatchObject({ responseId: 'chatcmpl-1', errorType: '502' });
  expect(JSON.stringify(reading)).not.toContain('secret');
});

test('tells the model that answered from the model that was asked', () => {
  const { requestModel, reading } = readRawReply({
    provider: 'openai',
    body: chat({ prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }, { model: 'gpt-4o-2024-08-06' }),
    request: { model: 'gpt-4o' },
  });
  expect([requestModel, reading.responseModel]).toEqual(['gpt-4o', 'gpt-4o-2024-08-06']);
});

test.each([
  ['embeddings', { data: [{ embedding: [0.1] }] }],
  ['scores', { results: [{ relevance_score: 0.9 }] }],
  ['judgements', { results: [{ categories: {} }] }],
])('a total alone is the input of %s, also where no table lists the call', (_, reply) => {
  const url = 'https://llm.example/v1/unheard-of';
  const { reading } = readRawReply({ url, body: { ...reply, usage: { total_tokens: 7 } } });
  expect(reading.usage).toEqual({ inputTokens: 7, totalTokens: 7 });
});

test('work that goes on in the background says so, and a foreground reply does not', () => {
  const response = {
    object: 'response',
    id: 'resp_1',
    status: 'completed',
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  expect(read('openai', { ...response, background: true }).background).toBe(true);
  expect(read('openai', { ...response, background: false }).background).toBeUndefined();
  expect(read('openai', { object: 'thread.run', id: 'run_1', status: 'completed' }).background).toBe(true);
});
