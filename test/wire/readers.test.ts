import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBatchLine as readAnthropicBatchLine } from '../../src/wire/anthropic/batch-line.ts';
import { anthropicEndpoints } from '../../src/wire/anthropic/endpoints.ts';
import { bedrockEndpoints } from '../../src/wire/bedrock/endpoints.ts';
import { countCharacters } from '../../src/wire/characters.ts';
import { matchEndpoint } from '../../src/wire/endpoint.ts';
import { readBatchLine as readGoogleBatchLine } from '../../src/wire/google-genai/batch-line.ts';
import { googleEndpoints } from '../../src/wire/google-genai/endpoints.ts';
import { readBatchLine } from '../../src/wire/openai/batch-line.ts';
import { openaiEndpoints } from '../../src/wire/openai/endpoints.ts';
import { readSessionEvent } from '../../src/wire/openai/realtime.ts';
import { readRawReply } from '../../src/wire/read-reply.ts';
import type { Endpoint, ReadingContext, StreamReader } from '../../src/wire/reading.ts';
import { unlistedEndpoint } from '../../src/wire/unlisted.ts';
import { allWires } from '../../src/wire/wires.ts';

const rows = allWires().flatMap(({ name, endpoints }) =>
  [...endpoints, unlistedEndpoint].map((endpoint) => [name, endpoint.path, endpoint] as const),
);

function streamOf(table: readonly Endpoint[], path: string, context: ReadingContext): StreamReader {
  const reader = matchEndpoint(table, 'POST', path)?.readStream?.(context);
  if (reader === undefined) throw new Error(`${path} has no stream`);
  return reader;
}

describe('every reader', () => {
  /** Keys that readers look at, with values of the wrong kind under them. */
  const keys = fc.constantFrom(
    'usage',
    'model',
    'id',
    'choices',
    'delta',
    'message',
    'output',
    'type',
    'data',
    'error',
    'usageMetadata',
    'candidates',
    'metadata',
    'response',
    'tool_usage',
    'iterations',
    'x_groq',
    'input_tokens',
    'prompt_tokens',
    'cost',
    'content',
    'text',
    'tools',
    'cache_creation',
    'promptTokensDetails',
    'chunk',
    'bytes',
    'seconds',
  );
  const { reply } = fc.letrec((tie) => ({
    reply: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        null,
        undefined,
        true,
        -1,
        0.5,
        NaN,
        '',
        'message_start',
        'response.completed',
        'message_delta',
      ),
      fc.array(tie('reply'), { maxLength: 3 }),
      fc.dictionary(keys, tie('reply'), { maxKeys: 6 }),
    ),
  }));

  test.each(rows)('of %s %s takes anything without throwing', (provider, _, endpoint) => {
    const property = fc.property(reply, fc.array(reply, { maxLength: 4 }), (body, events) => {
      const request = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
      const context = { provider, request, headers: {} };
      endpoint.readRequest?.(body);
      endpoint.readResponse?.(body, context);
      const stream = endpoint.readStream?.(context);
      for (const event of events) stream?.read(event);
      stream?.end?.();
      stream?.reading();
      expect(readRawReply({ provider, body })).toHaveProperty('reading');
      expect(readRawReply({ provider, body: events })).toHaveProperty('reading');
    });
    fc.assert(property, { numRuns: 40 });
  });

  test.each(rows.filter(([, , endpoint]) => endpoint.free !== true))(
    'of %s %s can say what it read, again and again',
    (provider, _, endpoint) => {
      expect(endpoint.readResponse).toBeTypeOf('function');
      const stream = endpoint.readStream?.({ provider });
      expect(stream?.reading()).toEqual(stream?.reading());
    },
  );

  test('keeps no text of a conversation', () => {
    const secret = 'the quick brown fox';
    const bodies = [
      { choices: [{ message: { content: secret } }], error: { type: 'e', message: secret } },
      {
        object: 'response',
        output: [{ content: [{ text: secret }] }],
        error: { code: 'c', message: secret },
      },
      {
        type: 'message',
        content: [{ type: 'text', text: secret }],
        usage: { input_tokens: 1, output_tokens: 1 },
      },
      { candidates: [{ content: { parts: [{ text: secret }] } }], usageMetadata: { promptTokenCount: 1 } },
    ];
    for (const body of bodies) expect(JSON.stringify(readRawReply({ body }))).not.toContain(secret);
  });
});

describe('a stream that breaks off', () => {
  const context = { provider: 'openai' };

  test('has no usage before the final figures, only what is known so far', () => {
    const reader = streamOf(openaiEndpoints, '/chat/completions', context);
    reader.read({
      choices: [{ delta: { content: 'a' } }],
      usage: { prompt_tokens: 10, completion_tokens: 1 },
    });
    expect(reader.reading().usage).toBeUndefined();
    expect(reader.reading().usageRaw).toBeUndefined();
    expect(reader.reading().partialUsage).toMatchObject({ inputTokens: 10, outputTokens: 1 });
  });

  test('believes the last figures when the stream ends by itself', () => {
    const reader = streamOf(openaiEndpoints, '/chat/completions', context);
    reader.read({
      choices: [{ delta: { content: 'a' } }],
      usage: { prompt_tokens: 10, completion_tokens: 1 },
    });
    reader.end?.();
    expect(reader.reading().usage).toMatchObject({ inputTokens: 10, outputTokens: 1 });
  });

  test('bills a finished Responses stream and no other', () => {
    const reader = streamOf(openaiEndpoints, '/responses', context);
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    reader.read({ type: 'response.in_progress', response: { id: 'resp_1', usage } });
    expect(reader.reading().usage).toBeUndefined();
    reader.read({ type: 'response.completed', response: { id: 'resp_1', usage } });
    expect(reader.reading().usageRaw).toEqual(usage);
  });
});

describe('requests', () => {
  test('say their model and stream, and how much text they send', () => {
    const endpoint = matchEndpoint(openaiEndpoints, 'POST', '/chat/completions');
    const reading = endpoint?.readRequest?.({
      model: 'gpt-4o',
      stream: true,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: '12345' },
            { type: 'image_url', image_url: { url: 'data:…' } },
          ],
        },
      ],
    });
    expect(reading).toMatchObject({ model: 'gpt-4o', stream: true });
    expect(reading?.inputCharacters?.()).toBe(5);
  });

  test('may be multipart forms or JSON text', () => {
    const endpoint = matchEndpoint(openaiEndpoints, 'POST', '/audio/transcriptions');
    const form = new FormData();
    form.append('model', 'whisper-1');
    form.append('file', new Blob(['sound']));
    expect(endpoint?.readRequest?.(form)).toMatchObject({ model: 'whisper-1' });
    expect(endpoint?.readRequest?.('{"model":"whisper-1"}')).toMatchObject({ model: 'whisper-1' });
    expect(endpoint?.readRequest?.('--boundary')).toEqual({});
  });

  test('cost little to count, however large', () => {
    const messages = Array.from({ length: 200_000 }, () => 'x');
    expect(countCharacters({ messages })).toBeLessThanOrEqual(50_000);
  });
});

test('a request on the end customer’s own account is free', () => {
  const body = { type: 'message', usage: { input_tokens: 1, output_tokens: 1 } };
  const request = { billing_policy: { type: 'billing_policy', bill_to: 'user_profile' } };
  expect(readRawReply({ provider: 'anthropic', body, request }).reading.freeReason).toBe(
    "billed to the customer's own organization",
  );
  expect(
    readRawReply({ provider: 'anthropic', body, request: { billing_policy: { bill_to: 'self' } } }).reading
      .freeReason,
  ).toBeUndefined();
});

describe('calls that cost nothing', () => {
  test.each([
    [openaiEndpoints, '/moderations'],
    [openaiEndpoints, '/responses/input_tokens?beta=true'],
    [openaiEndpoints, '/batches'],
    [anthropicEndpoints, '/v1/messages/count_tokens?beta=true'],
    [anthropicEndpoints, '/v1/messages/batches'],
    [googleEndpoints, '/v1beta/models/gemini-3:countTokens'],
    [bedrockEndpoints, '/model/anthropic.claude/count-tokens'],
  ])('are marked: %#', (table, path) => {
    expect(matchEndpoint(table, 'POST', path)?.free).toBe(true);
  });
});

describe('a call that no table lists', () => {
  test('is read when its reply carries a usage block, in whichever dialect', () => {
    const read = (usage: unknown) =>
      unlistedEndpoint.readResponse?.({ model: 'm', usage }, { provider: 'openai' });
    expect(
      read({ input_tokens: 3, output_tokens: 4, input_tokens_details: { cached_tokens: 2 } }),
    ).toMatchObject({
      responseModel: 'm',
      usage: { inputTokens: 3, cacheReadTokens: 2, outputTokens: 4 },
    });
    expect(
      read({ input_tokens: 3, cache_read_input_tokens: 2, cache_creation_input_tokens: 1, output_tokens: 4 })
        ?.usage,
    ).toMatchObject({ inputTokens: 6, outputTokens: 4 });
    expect(read(undefined)?.usage).toBeUndefined();
    expect(read('lots')?.usage).toBeUndefined();
  });

  test('is read from its stream too', () => {
    const stream = unlistedEndpoint.readStream?.({ provider: 'openai' });
    stream?.read({ type: 'x', response: { id: 'r', usage: { input_tokens: 3, output_tokens: 4 } } });
    expect(stream?.reading()).toMatchObject({ responseId: 'r', usage: { inputTokens: 3, outputTokens: 4 } });
  });
});

describe('batch lines', () => {
  test('of OpenAI carry the reply, or why there is none', () => {
    const body = { id: 'chatcmpl-1', usage: { prompt_tokens: 1 } };
    expect(
      readBatchLine({
        id: 'batch_req_1',
        custom_id: 'a',
        response: { status_code: 200, request_id: 'r', body },
        error: null,
      }),
    ).toEqual({ id: 'batch_req_1', customId: 'a', requestId: 'r', body });
    const refused = { status_code: 400, body: { error: { type: 'invalid_request_error' } } };
    expect(readBatchLine({ custom_id: 'b', response: refused })).toEqual({
      customId: 'b',
      errorType: 'invalid_request_error',
    });
    expect(readBatchLine({ custom_id: 'c', response: null, error: { code: 'batch_expired' } })).toEqual({
      customId: 'c',
      errorType: 'batch_expired',
    });
    expect(readBatchLine('{')).toBeUndefined();
  });

  test('of Anthropic too', () => {
    const message = { type: 'message', usage: { input_tokens: 1 } };
    expect(readAnthropicBatchLine({ custom_id: 'a', result: { type: 'succeeded', message } })).toEqual({
      customId: 'a',
      body: message,
    });
    const error = { type: 'error', error: { type: 'overloaded_error' } };
    expect(readAnthropicBatchLine({ custom_id: 'b', result: { type: 'errored', error } })).toEqual({
      customId: 'b',
      errorType: 'overloaded_error',
    });
    expect(readAnthropicBatchLine({ custom_id: 'c', result: { type: 'expired' } })?.errorType).toBe(
      'expired',
    );
  });

  test('of Gemini too', () => {
    const response = { usageMetadata: { promptTokenCount: 1 } };
    expect(readGoogleBatchLine({ key: 'a', response })).toEqual({ customId: 'a', body: response });
    expect(readGoogleBatchLine({ metadata: { custom_id: 'b' }, error: { code: 13 } })).toEqual({
      customId: 'b',
      errorType: '13',
    });
  });
});

describe('sessions', () => {
  const context = { provider: 'openai' };

  test('bill each answer of a realtime session, audio and cached audio apart', () => {
    const usage = {
      input_tokens: 100,
      input_token_details: {
        text_tokens: 40,
        audio_tokens: 60,
        cached_tokens: 30,
        cached_tokens_details: { text_tokens: 10, audio_tokens: 20 },
      },
      output_tokens: 50,
      output_token_details: { text_tokens: 20, audio_tokens: 30 },
      total_tokens: 150,
    };
    const event = { type: 'response.done', response: { id: 'resp_1', status: 'completed', usage } };
    expect(readSessionEvent(event, context)?.reading.usage).toEqual({
      inputTokens: 100,
      inputTextTokens: 40,
      inputAudioTokens: 60,
      cacheReadTokens: 30,
      cacheReadTextTokens: 10,
      cacheReadAudioTokens: 20,
      outputTokens: 50,
      outputTextTokens: 20,
      outputAudioTokens: 30,
      totalTokens: 150,
    });
    expect(
      readSessionEvent({ type: 'response.created', response: { id: 'resp_1' } }, context),
    ).toBeUndefined();
  });

  test('bill the transcription of what was said by token or by second', () => {
    const event = { type: 'conversation.item.input_audio_transcription.completed', item_id: 'i' };
    expect(readSessionEvent({ ...event, usage: { type: 'duration', seconds: 4 } }, context)).toMatchObject({
      operation: 'transcription',
      reading: { usage: { inputAudioSeconds: 4 } },
    });
  });

  test('say that the seconds of a Live session are a running total', () => {
    const event = { type: 'session.usage.updated', usage: { seconds: 90 } };
    expect(readSessionEvent(event, context)?.reading).toMatchObject({
      usage: { sessionSeconds: 90 },
      cumulative: true,
    });
  });

  test("say that a managed agent's usage is a running total", () => {
    const endpoint = matchEndpoint(anthropicEndpoints, 'GET', '/v1/sessions/s1');
    const session = {
      id: 's1',
      agent: { model: { id: 'claude-a' } },
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 5,
        cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 2 },
        output_tokens: 7,
        active_seconds: 12,
      },
    };
    // 10 + 5 + (3 + 2) = 20
    expect(endpoint?.readResponse?.(session, { provider: 'anthropic' })).toMatchObject({
      responseId: 's1',
      responseModel: 'claude-a',
      cumulative: true,
      usage: { inputTokens: 20, cacheWriteTokens: 5, outputTokens: 7, sessionSeconds: 12 },
    });
  });

  test("bill an assistant's run once, when it ends", () => {
    const usage = { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 };
    const stream = streamOf(openaiEndpoints, '/threads/runs', context);
    stream.read({
      event: 'thread.run.created',
      data: { object: 'thread.run', id: 'run_1', status: 'queued', usage: null },
    });
    expect(stream.reading()).toMatchObject({ responseId: 'run_1', pending: true });
    stream.read({ event: 'thread.run.step.completed', data: { object: 'thread.run.step', usage } });
    expect(stream.reading().usage).toBeUndefined();
    stream.read({
      event: 'thread.run.completed',
      data: { object: 'thread.run', id: 'run_1', status: 'completed', usage },
    });
    expect(stream.reading()).toMatchObject({ usage: { inputTokens: 9, outputTokens: 1 } });
    expect(stream.reading().pending).toBeUndefined();
  });
});
