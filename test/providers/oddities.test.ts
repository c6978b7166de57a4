/**
 * What providers really send, one test per oddity counted in 8,611 recorded exchanges: each with the sum that
 * makes the totals right.
 */
import { describe, expect, test } from 'vitest';
import { readRawReply } from '../../src/providers/reader-for.ts';
import type { Reading } from '../../src/providers/reading.ts';
import type { JsonObject } from '../../src/usage/read.ts';

function read(provider: string, body: unknown, request: JsonObject = {}): Reading {
  return readRawReply({ provider, body, request }).reading;
}

const chat = (usage: unknown, more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'model-1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage,
  ...more,
});
const chunk = (more: JsonObject): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'model-1',
  choices: [],
  ...more,
});
const delta = (content: string, finishReason: string | null = null): JsonObject => ({
  choices: [{ index: 0, delta: { content }, finish_reason: finishReason }],
});
const message = (usage: unknown, more: JsonObject = {}): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  model: 'claude-a',
  content: [],
  stop_reason: 'end_turn',
  usage,
  ...more,
});
const step = (type: string, input: number, output: number, model?: string): JsonObject => ({
  type,
  ...(model === undefined ? {} : { model }),
  input_tokens: input,
  output_tokens: output,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
});

describe('1. Anthropic iterations beside the headline', () => {
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

test('2. keeps a cache write split that does not add up as it is, under the full total', () => {
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

describe('3. Anthropic message_delta', () => {
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

describe('4. OpenAI Responses', () => {
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
    expect(usageRaw).toEqual(terminal['usage']);
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

describe('5. xAI', () => {
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

test('6. adds the cached tokens that Grok on Azure leaves out of the prompt', () => {
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

describe('7. reasoning larger than the completion', () => {
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

describe('8. cost on the wire', () => {
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

test("9. adds Mistral's audio tokens to the prompt", () => {
  const { usage } = read('mistral_ai', {
    text: 'hello',
    usage: {
      prompt_audio_seconds: 3,
      prompt_tokens: 5,
      total_tokens: 400,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 375 },
    },
  });
  // 5 + 375 = 380; 380 + 20 = 400
  expect(usage).toMatchObject({
    inputTokens: 380,
    inputAudioTokens: 375,
    outputTokens: 20,
    inputAudioSeconds: 3,
  });
});

describe('10. Gemini', () => {
  test('adds thoughts to the output and results of tools to the input', () => {
    const { usage } = read('gcp.gemini', {
      candidates: [],
      usageMetadata: {
        promptTokenCount: 32,
        toolUsePromptTokenCount: 4610,
        candidatesTokenCount: 25,
        thoughtsTokenCount: 37,
        totalTokenCount: 4704,
      },
    });
    // 32 + 4,610 = 4,642; 25 + 37 = 62; 4,642 + 62 = 4,704
    expect(usage).toEqual({
      inputTokens: 4642,
      toolUseInputTokens: 4610,
      outputTokens: 62,
      reasoningTokens: 37,
      totalTokens: 4704,
    });
  });

  test('leaves thoughts inside when prompt and candidates are the total', () => {
    const { usage } = read('gcp.gemini', {
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount: 50,
        thoughtsTokenCount: 30,
        totalTokenCount: 60,
      },
    });
    expect(usage).toMatchObject({ outputTokens: 50, reasoningTokens: 30, totalTokens: 60 });
  });

  test('takes an absent candidatesTokenCount for none', () => {
    const { usage } = read('gcp.vertex_ai', {
      usageMetadata: { promptTokenCount: 10, thoughtsTokenCount: 30, totalTokenCount: 40 },
    });
    expect(usage).toMatchObject({ inputTokens: 10, outputTokens: 30, totalTokens: 40 });
  });

  test('believes the last chunk of a stream, whose prompt may have changed', () => {
    const part = (prompt: number, out: number, finishReason?: string): JsonObject => ({
      candidates: [
        { content: { parts: [{ text: 'ab' }] }, ...(finishReason === undefined ? {} : { finishReason }) },
      ],
      usageMetadata: { promptTokenCount: prompt, candidatesTokenCount: out, totalTokenCount: prompt + out },
      modelVersion: 'gemini-2.5-flash',
    });
    const reading = read('gcp.gemini', [part(9, 2), part(7, 12, 'STOP')]);
    expect(reading.usage).toEqual({ inputTokens: 7, outputTokens: 12, totalTokens: 19 });
    expect(reading).toMatchObject({ finishReasons: ['STOP'], outputCharacters: 4 });
  });

  test('finds the thoughts that its OpenAI endpoint hides in the total', () => {
    const { usage } = read('gcp.gemini', chat({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 65 }));
    // 65 − 10 = 55 of output, 50 of them thoughts
    expect(usage).toMatchObject({ inputTokens: 10, outputTokens: 55, reasoningTokens: 50, totalTokens: 65 });
  });

  test('says the tier in the words of the API that answered', () => {
    const metadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
    expect(
      read('gcp.vertex_ai', { usageMetadata: { ...metadata, trafficType: 'ON_DEMAND_FLEX' } }).serviceTier,
    ).toBe('ON_DEMAND_FLEX');
    expect(read('gcp.gemini', { usageMetadata: { ...metadata, serviceTier: 'flex' } }).serviceTier).toBe(
      'flex',
    );
  });

  test('counts a grounded prompt once up to 2.5, and each search from 3 on', () => {
    const grounded = (modelVersion: string): JsonObject => ({
      modelVersion,
      candidates: [{ groundingMetadata: { webSearchQueries: ['a', 'b', 'a', ''] } }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    });
    expect(read('gcp.gemini', grounded('gemini-2.5-pro')).usage).toMatchObject({ groundedPrompts: 1 });
    expect(read('gcp.gemini', grounded('gemini-3-pro-preview')).usage).toMatchObject({ searchQueries: 2 });
  });
});

describe('11. usage in a chat stream', () => {
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

describe('12. Azure', () => {
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

test('13. names an error inside a stream that began with 200, and keeps the first id', () => {
  const reading = read('openrouter', [
    chunk(delta('Hi')),
    chunk({ id: 'chatcmpl-2', error: { code: 502, message: 'secret' } }),
  ]);
  expect(reading).toMatchObject({ responseId: 'chatcmpl-1', errorType: '502' });
  expect(JSON.stringify(reading)).not.toContain('secret');
});

describe('14. Bedrock', () => {
  test('adds the cache that Converse leaves out of its input, by lifetime', () => {
    const { usage } = read('aws.bedrock', {
      output: {},
      stopReason: 'end_turn',
      usage: {
        inputTokens: 3,
        outputTokens: 227,
        totalTokens: 2142,
        cacheReadInputTokens: 200,
        cacheReadInputTokenCount: 200,
        cacheWriteInputTokens: 1712,
        cacheWriteInputTokenCount: 1712,
        cacheDetails: [
          { ttl: '5m', inputTokens: 1700 },
          { ttl: '1h', inputTokens: 12 },
        ],
      },
    });
    // 3 + 200 + 1,712 = 1,915; 1,915 + 227 = 2,142
    expect(usage).toEqual({
      inputTokens: 1915,
      cacheReadTokens: 200,
      cacheWriteTokens: 1712,
      cacheWrite5mTokens: 1700,
      cacheWrite1hTokens: 12,
      outputTokens: 227,
      totalTokens: 2142,
    });
  });

  test('counts by the headers where the body says nothing', () => {
    const { reading } = readRawReply({
      provider: 'aws.bedrock',
      url: 'https://bedrock-runtime.us-east-1.amazonaws.com/model/cohere.command-r-v1%3A0/invoke',
      body: { text: 'hi', finish_reason: 'COMPLETE' },
      headers: { 'X-Amzn-Bedrock-Input-Token-Count': '5', 'X-Amzn-Bedrock-Output-Token-Count': '10' },
    });
    expect(reading.usage).toEqual({ inputTokens: 5, outputTokens: 10, totalTokens: 15 });
  });

  test('reads the chunks of InvokeModel as the SDK yields them', () => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({
        outputText: 'hello',
        completionReason: 'FINISH',
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 4, outputTokenCount: 2 },
      }),
    );
    const reading = read('aws.bedrock', [{ chunk: { bytes } }]);
    expect(reading).toMatchObject({ usage: { inputTokens: 4, outputTokens: 2 }, outputCharacters: 5 });
  });
});

describe('15. units other than tokens', () => {
  test('seconds of a transcription billed by time', () => {
    const body = { text: 'hello', usage: { type: 'duration', seconds: 9 } };
    expect(read('openai', body).usage).toEqual({ inputAudioSeconds: 9 });
    expect(read('openai', { text: 'hello', duration: '8.47' }).usage).toEqual({ inputAudioSeconds: 8.47 });
  });

  test('characters of speech, which only the request has', () => {
    const { operation, reading } = readRawReply({
      provider: 'openai',
      body: {},
      request: { model: 'tts-1', input: 'Grüße 👋', voice: 'alloy' },
    });
    expect(operation).toBe('speech');
    // G r ü ß e ␣ 👋
    expect(reading.usage).toEqual({ inputCharacters: 7 });
  });

  test('images by the piece where the reply counts no tokens, with what decides their price', () => {
    const data = [{ url: 'https://a' }, { url: 'https://b' }];
    const request = { model: 'dall-e-3', n: 2, size: '1024x1024', quality: 'hd' };
    const byPiece = read('openai', { data }, request);
    expect(byPiece).toMatchObject({
      usage: { outputImages: 2 },
      parameters: { size: '1024x1024', quality: 'hd' },
    });
    const tokens = { input_tokens: 10, output_tokens: 272, total_tokens: 282 };
    expect(read('openai', { data, usage: tokens }, request).usage?.outputImages).toBeUndefined();
  });

  test("Cohere's billed units instead of its tokens, search units, pages, seconds of video", () => {
    const billed = { billed_units: { input_tokens: 181, output_tokens: 34 }, tokens: { input_tokens: 1698 } };
    expect(read('cohere', { usage: billed }).usage).toMatchObject({ inputTokens: 181, outputTokens: 34 });
    expect(read('cohere', { results: [], meta: { billed_units: { search_units: 3 } } }).usage).toEqual({
      searchUnits: 3,
    });
    expect(read('mistral_ai', { pages: [], usage_info: { pages_processed: 4 } }).usage).toEqual({
      inputPages: 4,
    });
    const video = { object: 'video', id: 'video_1', status: 'completed', seconds: '8', size: '1280x720' };
    expect(read('openai', video)).toMatchObject({
      usage: { outputVideoSeconds: 8 },
      parameters: { size: '1280x720' },
    });
    expect(read('openai', { ...video, status: 'queued' })).toMatchObject({
      pending: true,
      responseId: 'video_1',
    });
  });

  test.each([
    ['deepseek', { prompt_tokens: 100, prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 }],
    ['together', { prompt_tokens: 100, cached_tokens: 64 }],
    ['moonshot_ai', { prompt_tokens: 100, cached_tokens: 64 }],
    ['mistral_ai', { prompt_tokens: 100, num_cached_tokens: 64 }],
    ['groq', { prompt_tokens: 100, prompt_tokens_details: { cached_tokens: 64 } }],
  ])('cached tokens in the words of %s', (provider, usage) => {
    const reading = read(provider, chat({ ...usage, completion_tokens: 1, total_tokens: 101 }));
    expect(reading.usage).toMatchObject({ inputTokens: 100, cacheReadTokens: 64, outputTokens: 1 });
  });
});

test('16. tells the model that answered from the model that was asked', () => {
  const { requestModel, reading } = readRawReply({
    provider: 'openai',
    body: chat({ prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }, { model: 'gpt-4o-2024-08-06' }),
    request: { model: 'gpt-4o' },
  });
  expect([requestModel, reading.responseModel]).toEqual(['gpt-4o', 'gpt-4o-2024-08-06']);
});
