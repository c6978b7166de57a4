import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { OpenAIInstrumentation } from '../../../src/instrumentations/openai/instrumentation.ts';
import { attributeBatch } from '../../../src/calls/memory/batches.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { json, ProviderServer } from '../../support/provider-server.ts';
import { chatCompletion, response } from '../../support/wire.ts';

new OpenAIInstrumentation().manuallyInstrument(OpenAI);

let server: ProviderServer;
let heard: HeardCalls;
let client: OpenAI;
let n = 0;

beforeAll(async () => {
  server = await ProviderServer.start();
  client = new OpenAI({ apiKey: 'sk-test', baseURL: `${server.url}/v1`, maxRetries: 0 });
});
afterAll(() => server.stop());
beforeEach(() => {
  heard = new HeardCalls();
  n++;
});
afterEach(() => heard[Symbol.dispose]());

const batch = (more: object = {}): object => ({
  id: `batch_${n}`,
  object: 'batch',
  endpoint: '/v1/chat/completions',
  input_file_id: `file-in-${n}`,
  completion_window: '24h',
  status: 'validating',
  created_at: 1_790_000_000,
  ...more,
});
const line = (name: string, body: object, status = 200): object => ({
  id: `batch_req_${n}_${name}`,
  custom_id: name,
  response: { status_code: status, request_id: `req_${name}`, body },
  error: null,
});
/** The results as the provider stores them. */
const file =
  (...lines: object[]): Parameters<ProviderServer['answer']>[0] =>
  (_request, reply) => {
    reply.writeHead(200, { 'content-type': 'application/octet-stream' });
    for (const each of lines) reply.write(`${JSON.stringify(each)}\n`);
    reply.end();
  };
/** 2006 in (1920 cached) + 300 out (192 reasoning). */
const usage = { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300, reasoningTokens: 192 };

async function handIn(): Promise<string> {
  server.answer(json(batch()));
  const created = await withCustomer('acme', { feature: 'nightly' }, () =>
    client.batches.create({
      input_file_id: `file-in-${n}`,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    }),
  );
  server.answer(
    json(batch({ status: 'completed', output_file_id: `file-out-${n}`, error_file_id: `file-err-${n}` })),
  );
  await client.batches.retrieve(created.id);
  expect(heard.calls).toEqual([]);
  return created.id;
}

describe('the call of a batch line', () => {
  /** The batch names its endpoint and its model when it is handed in, and again whenever it is retrieved. */
  async function handInFor(endpoint: string, model: string, lines: object[]): Promise<void> {
    const facts = { endpoint, model, status: 'completed', output_file_id: `file-out-${n}` };
    server.answer(json(batch(facts)));
    await withCustomer('acme', () =>
      client.batches.create({
        input_file_id: `file-in-${n}`,
        endpoint: endpoint as '/v1/embeddings',
        completion_window: '24h',
      }),
    );
    server.answer(file(...lines));
    await (await client.files.content(`file-out-${n}`)).text();
  }

  const moderation = { id: 'modr-1', model: 'omni-moderation-latest', results: [{ flagged: false }] };

  test('is the endpoint of its batch, which may be free', async () => {
    await handInFor('/v1/moderations', 'omni-moderation-latest', [line('one', moderation)]);
    expect(heard.calls).toEqual([]);
  });

  test('is told by its reply where nobody remembers the batch', async () => {
    server.answer(file(line('one', moderation)));
    await (await client.files.content(`file-of-nobody-${n}`)).text();
    expect(heard.calls).toEqual([]);
  });

  test('has the model of its batch, where the reply names none', async () => {
    const images = {
      created: 1_790_000_001,
      data: [{ b64_json: '' }],
      usage: { input_tokens: 12, output_tokens: 100 },
    };
    await handInFor('/v1/images/generations', 'gpt-image-1', [line('one', images)]);
    await heard.count(1);
    expect(heard.calls[0]).toMatchObject({
      operation: 'image_generation',
      request: { model: 'gpt-image-1' },
      consumed: { kind: 'counted', usage: { inputTokens: 12, outputTokens: 100 } },
    });
  });
});

describe('the output file of a batch', () => {
  test('is one event a line, billed to who handed the batch in, however often it is read', async () => {
    const batchId = await handIn();
    const lines = [line('one', chatCompletion), line('two', response)];
    server.answer(file(...lines));
    const text = await (await client.files.content(`file-out-${n}`)).text();
    expect(text).toBe(lines.map((each) => `${JSON.stringify(each)}\n`).join(''));
    await (await client.files.content(`file-out-${n}`)).arrayBuffer();
    await heard.count(2);
    expect(heard.calls[0]).toMatchObject({
      attribution: { customer: 'acme', context: { feature: 'nightly' } },
      batchId,
      operation: 'chat',
      status: 'ok',
      usageSource: 'provider',
      usage,
      requestId: 'req_one',
      startTime: new Date(1_790_000_000_000),
    });
    expect(heard.calls[1]).toMatchObject({ usage: { inputTokens: 1000, outputTokens: 50 } });
  });

  test('is billed line by line to whom attributeBatch names', async () => {
    const batchId = await handIn();
    attributeBatch(batchId, {
      one: 'globex',
      two: { customer: 'initech', context: { feature: 'tags' } },
    });
    server.answer(file(...['one', 'two', 'three'].map((name) => line(name, chatCompletion))));
    await (await client.files.content(`file-out-${n}`)).text();
    await heard.count(3);
    expect(heard.calls.map((call) => call.attribution)).toMatchObject([
      { customer: 'globex', context: { feature: 'nightly' } },
      { customer: 'initech', context: { feature: 'tags' } },
      { customer: 'acme', context: { feature: 'nightly' } },
    ]);
    expect(() => attributeBatch(batchId, { one: 7 as never })).toThrow(/attributeBatch: 'one'/);
  });

  test('read as a stream, and only in part, bills the lines that were read', async () => {
    await handIn();
    const lines = Array.from({ length: 20_000 }, (_, index) => line(`line_${index}`, chatCompletion));
    server.answer(file(...lines));
    const { body } = await client.files.content(`file-out-${n}`);
    const reader = body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(heard.calls.length).toBeGreaterThan(0);
    expect(heard.calls.length).toBeLessThan(20_000);
  });

  test('has free lines where requests failed', async () => {
    await handIn();
    server.answer(file(line('bad', { error: { code: 'invalid_prompt', message: 'no' } }, 400)));
    await (await client.files.content(`file-err-${n}`)).text();
    expect(await heard.only()).toMatchObject({
      status: 'error',
      errorType: 'invalid_prompt',
      usage: {},
      consumedNothing: true,
    });
  });

  test('of a batch another program handed in is billed to who reads it', async () => {
    server.answer(file(line('one', chatCompletion)));
    await withCustomer('reader', async () => (await client.files.content(`file-elsewhere-${n}`)).text());
    expect(await heard.only()).toMatchObject({ attribution: { customer: 'reader' }, usage });
  });
});

test('any other file is no batch', async () => {
  server.answer(file({ custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body: {} }));
  await (await client.files.content('file-in')).text();
  server.answer((_request, reply) => void reply.writeHead(200).end(Buffer.from([0, 1, 2, 255, 10, 200])));
  expect(Buffer.from(await (await client.files.content('file-png')).arrayBuffer())).toEqual(
    Buffer.from([0, 1, 2, 255, 10, 200]),
  );
  expect(heard.calls).toEqual([]);
});
