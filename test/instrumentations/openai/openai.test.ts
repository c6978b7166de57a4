import OpenAI, { AzureOpenAI } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { OpenAIInstrumentation } from '../../../src/instrumentations/openai/instrumentation.ts';
import { costOfCall } from '../../../src/calls/cost-of-call.ts';
import { defaultPriceList } from '../../../src/pricing/shipped/default-price-list.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { json, ProviderServer, sse } from '../../support/provider-server.ts';
import {
  chatChunks,
  chatChunksWithUsage,
  chatCompletion,
  response,
  responseEvents,
} from '../../support/wire.ts';

const instrumentation = new OpenAIInstrumentation();
instrumentation.manuallyInstrument(OpenAI);
const messages = [{ role: 'user' as const, content: 'Hello' }];

let server: ProviderServer;
let heard: HeardCalls;
let client: OpenAI;

beforeAll(async () => {
  server = await ProviderServer.start();
  client = new OpenAI({ apiKey: 'sk-test', baseURL: `${server.url}/v1`, maxRetries: 1 });
});
afterAll(() => server.stop());
beforeEach(() => {
  heard = new HeardCalls();
});
afterEach(() => heard[Symbol.dispose]());

describe('chat.completions', () => {
  test('records one call with the quantities of the usage block', async () => {
    server.answer(json(chatCompletion));
    const reply = await withCustomer('acme', { feature: 'chat' }, () =>
      client.chat.completions.create({ model: 'gpt-4o', messages }),
    );
    expect(reply).toEqual(chatCompletion);
    const call = await heard.only();
    expect(call.usage).toMatchObject({
      inputTokens: 2006,
      cacheReadTokens: 1920,
      outputTokens: 300,
      reasoningTokens: 192,
      totalTokens: 2306,
    });
    expect(call).toMatchObject({
      status: 'ok',
      usageSource: 'provider',
      retries: 0,
      requestId: 'req_1',
      operation: 'chat',
    });
    expect(call.attribution).toMatchObject({ customer: 'acme', context: { feature: 'chat' } });
  });

  test('asks for the usage of a stream on a copy, and shows the application the chunks it would have seen', async () => {
    server.answer((request, reply) =>
      sse(request.json().stream_options === undefined ? chatChunks : chatChunksWithUsage)(request, reply),
    );
    const params = { model: 'gpt-4o', messages, stream: true as const };
    const chunks: unknown[] = [];
    for await (const chunk of await client.chat.completions.create(params)) chunks.push(chunk);
    expect(chunks).toEqual(chatChunks);
    expect(params).toEqual({ model: 'gpt-4o', messages, stream: true });
    expect(server.requests[0]?.json().stream_options).toEqual({ include_usage: true });
    const call = await heard.only();
    expect(call).toMatchObject({
      status: 'ok',
      usageSource: 'provider',
      usage: { inputTokens: 2006, outputTokens: 300 },
    });
  });

  test('records one aborted call when the application breaks out of the stream', async () => {
    server.answer(sse(chatChunksWithUsage));
    for await (const chunk of await client.chat.completions.create({
      model: 'gpt-4o',
      messages,
      stream: true,
    })) {
      if (chunk.choices[0]?.delta.content) break;
    }
    expect(await heard.only()).toMatchObject({ status: 'aborted', usageSource: 'estimated' });
  });

  test('records one failed call with its retries when the provider refuses', async () => {
    server.answer(
      json({ error: { message: 'slow down', type: 'rate_limit' } }, 429, { 'retry-after-ms': '1' }),
    );
    await expect(client.chat.completions.create({ model: 'gpt-4o', messages })).rejects.toBeInstanceOf(
      OpenAI.RateLimitError,
    );
    expect(await heard.only()).toMatchObject({
      status: 'error',
      errorType: '429',
      retries: 1,
      usageSource: 'none',
      usage: {},
    });
  });

  test('records a call that nobody awaited once it is garbage', async () => {
    server.answer(json(chatCompletion));
    void client.chat.completions.create({ model: 'gpt-4o', messages });
    for (let i = 0; i < 200 && heard.calls.length === 0; i++) {
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
      globalThis.gc?.();
    }
    expect(await heard.only()).toMatchObject({
      status: 'ok',
      usageSource: 'provider',
      usage: { inputTokens: 2006 },
    });
  });

  test('records a stream that nobody read once it is garbage', async () => {
    server.answer(sse(chatChunksWithUsage));
    await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true });
    for (let i = 0; i < 200 && heard.calls.length === 0; i++) {
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
      globalThis.gc?.();
    }
    expect(await heard.only()).toMatchObject({ status: 'aborted', usageSource: 'estimated' });
  });

  test('leaves withResponse, parse and awaiting twice as they are', async () => {
    server.answer(json(chatCompletion));
    const promise = client.chat.completions.create({ model: 'gpt-4o', messages });
    expect(await promise).toBe(await promise);
    const { data, response: raw } = await client.chat.completions
      .create({ model: 'gpt-4o', messages })
      .withResponse();
    expect(data).toEqual(chatCompletion);
    expect(raw.status).toBe(200);
    const parsed = await client.chat.completions.parse({ model: 'gpt-4o', messages });
    expect(parsed.choices[0]?.message.content).toBe('Hello there');
    await heard.count(3);
  });

  test('leaves the parsing of a zod format as it is', async () => {
    const content = '{"answer":42}';
    server.answer(
      json({
        ...chatCompletion,
        choices: [{ ...chatCompletion.choices[0], message: { role: 'assistant', content, refusal: null } }],
      }),
    );
    const format = zodResponseFormat(z.object({ answer: z.number() }), 'answer');
    const parsed = await client.chat.completions.parse({
      model: 'gpt-4o',
      messages,
      response_format: format,
    });
    expect(parsed.choices[0]?.message.parsed).toEqual({ answer: 42 });
    expect(await heard.only()).toMatchObject({ status: 'ok', usageSource: 'provider' });
  });
});

test('reads a reply that a gateway sent without its content type', async () => {
  server.answer((_request, reply) => void reply.end(JSON.stringify(chatCompletion)));
  const text: unknown = await client.chat.completions.create({ model: 'gpt-4o', messages });
  expect(text).toBeTypeOf('string');
  expect(await heard.only()).toMatchObject({ usageSource: 'provider', usage: { inputTokens: 2006 } });
});

describe('responses', () => {
  test('records one call, plain and streamed', async () => {
    server.answer(json(response));
    await client.responses.create({ model: 'gpt-4.1', input: 'Hello' });
    server.answer(sse(responseEvents, { done: false }));
    const types: string[] = [];
    for await (const event of await client.responses.create({
      model: 'gpt-4.1',
      input: 'Hello',
      stream: true,
    }))
      types.push(event.type);
    expect(types).toEqual(responseEvents.map((event) => event.type));
    await heard.count(2);
    for (const call of heard.calls) {
      expect(call).toMatchObject({
        status: 'ok',
        usageSource: 'provider',
        usage: { inputTokens: 1000, cacheReadTokens: 400, outputTokens: 50, reasoningTokens: 20 },
      });
    }
  });
});

describe('AzureOpenAI', () => {
  const stream = async (apiVersion: string, more: object = {}): Promise<unknown> => {
    server.answer(sse(chatChunks));
    const azure = new AzureOpenAI({ apiKey: 'key', apiVersion, endpoint: server.url, deployment: 'my-gpt' });
    const params = { model: 'my-gpt', messages, stream: true as const, ...more };
    for await (const chunk of await azure.chat.completions.create(params)) expect(chunk.id).toBeTruthy();
    return server.requests[0]?.json().stream_options;
  };

  test('is asked for the usage of streams where its API version takes the question', async () => {
    expect(await stream('2024-06-01')).toBeUndefined();
    expect(await stream('2024-09-01-preview')).toEqual({ include_usage: true });
    expect(await stream('2025-01-01', { data_sources: [] })).toBeUndefined();
    await heard.count(3);
    for (const call of heard.calls) expect(call.provider).toBe('azure.ai.openai');
  });
});

describe('a reply from the cache of a gateway', () => {
  const hit = { 'cf-aig-cache-status': 'HIT' };

  test('is free, plain and streamed', async () => {
    server.answer(json(chatCompletion, 200, hit));
    await client.chat.completions.create({ model: 'gpt-4o', messages });
    const plain = await heard.only();
    const answer = sse(chatChunksWithUsage);
    server.answer((request, reply) => {
      reply.setHeader('helicone-cache', 'HIT');
      return answer(request, reply);
    });
    for await (const _ of await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true }));
    await heard.count(2);
    for (const call of [plain, heard.calls[1]!]) {
      expect(call.usage).toMatchObject({ inputTokens: 2006, outputTokens: 300 });
      expect(costOfCall(call, [defaultPriceList])).toMatchObject({ status: 'free', amount: '0' });
    }
  });

  test('is billed when the gateway passed it on', async () => {
    server.answer(json(chatCompletion, 200, { 'cf-aig-cache-status': 'MISS' }));
    await client.chat.completions.create({ model: 'gpt-4o', messages });
    expect(costOfCall(await heard.only(), [defaultPriceList]).status).toBe('priced');
  });
});

test('a usage block that cannot be read leaves the call unpriced, with the reason, and is never estimated', async () => {
  const usage = { prompt_tokens: 10, completion_tokens: -5, total_tokens: 5 };
  server.answer(json({ ...chatCompletion, usage }));
  await client.chat.completions.create({ model: 'gpt-4o', messages });
  const call = await heard.only();
  expect(call).toMatchObject({ usageSource: 'none', usage: {}, reading: { usageRaw: usage } });
  expect(costOfCall(call, [defaultPriceList])).toMatchObject({
    status: 'unpriced',
    reason: 'completion_tokens is -5, which is no count',
  });
});
