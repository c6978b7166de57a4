import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { OpenAIInstrumentation } from '../../../src/instrumentations/openai/instrumentation.ts';
import { workId } from '../../../src/calls/memory/receipts.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { json, ProviderServer, sse } from '../../support/provider-server.ts';
import { response, responseEvents } from '../../support/wire.ts';

new OpenAIInstrumentation().manuallyInstrument(OpenAI);

let server: ProviderServer;
let heard: HeardCalls;
let client: OpenAI;
let id = 0;

beforeAll(async () => {
  server = await ProviderServer.start();
  client = new OpenAI({ apiKey: 'sk-test', baseURL: `${server.url}/v1`, maxRetries: 0 });
});
afterAll(() => server.stop());
beforeEach(() => {
  heard = new HeardCalls();
  id++;
});
afterEach(() => heard[Symbol.dispose]());

const ask = { model: 'gpt-4.1', input: 'Hello', background: true };
/** 1000 in (400 cached) + 50 out (20 reasoning). */
const usage = { inputTokens: 1000, cacheReadTokens: 400, outputTokens: 50, reasoningTokens: 20 };

const done = (): object => ({ ...response, id: `resp_bg_${id}`, background: true });
const queued = (): object => ({ ...done(), status: 'queued', output: [], usage: null });
const events = (): readonly { type: string; response?: object }[] =>
  responseEvents.map((event) =>
    'response' in event
      ? { ...event, response: { ...event.response, id: `resp_bg_${id}`, background: true } }
      : event,
  );

/** Starts a background response for a customer; nothing is billed yet. */
async function start(): Promise<string> {
  server.answer(json(queued()));
  const receipt = await withCustomer('starter', { feature: 'research' }, () => client.responses.create(ask));
  expect(heard.calls).toEqual([]);
  return receipt.id;
}

describe('a background response', () => {
  test('bills who started it, once, when a poll first shows its usage', async () => {
    const started = await start();
    await withCustomer('poller', async () => {
      server.answer(json(queued()));
      await client.responses.retrieve(started);
      expect(heard.calls).toEqual([]);
      server.answer(json(done()));
      await client.responses.retrieve(started);
      await client.responses.retrieve(started);
    });
    expect(await heard.only()).toMatchObject({
      attribution: { customer: 'starter', context: { feature: 'research' } },
      operation: 'chat',
      status: 'ok',
      usageSource: 'provider',
      usage,
      request: { model: 'gpt-4.1' },
    });
  });

  test('bills who started it when the application reads the poll itself', async () => {
    const started = await start();
    server.answer(json(done()));
    const poll = await client.responses.retrieve(started).asResponse();
    expect(await poll.json()).toMatchObject({ id: started });
    expect(await heard.only()).toMatchObject({ attribution: { customer: 'starter' }, usage });
  });

  test('bills who started it when it is resumed as a stream', async () => {
    const started = await start();
    server.answer(sse(events(), { done: false }));
    for await (const event of await client.responses.retrieve(started, { stream: true, starting_after: 1 }))
      expect(event.type).toBeTruthy();
    server.answer(json(done()));
    await client.responses.retrieve(started);
    expect(await heard.only()).toMatchObject({ attribution: { customer: 'starter' }, usage });
  });

  test('bills what it consumed before it was cancelled', async () => {
    const started = await start();
    server.answer(json({ ...done(), status: 'cancelled' }));
    await client.responses.cancel(started);
    expect(await heard.only()).toMatchObject({ attribution: { customer: 'starter' }, usage });
  });

  test('streamed to its end bills at once, and no later read again', async () => {
    server.answer(sse(events(), { done: false }));
    await withCustomer('starter', async () => {
      for await (const event of await client.responses.create({ ...ask, stream: true }))
        expect(event.type).toBeTruthy();
    });
    server.answer(json(done()));
    await client.responses.retrieve(`resp_bg_${id}`);
    expect(await heard.only()).toMatchObject({ attribution: { customer: 'starter' }, usage });
  });

  test('whose stream was left goes on, and bills when it is read', async () => {
    server.answer(sse(events(), { done: false }));
    await withCustomer('starter', async () => {
      for await (const event of await client.responses.create({ ...ask, stream: true })) {
        expect(event.type).toBeTruthy();
        break;
      }
    });
    expect(heard.calls).toEqual([]);
    server.answer(json(done()));
    await client.responses.retrieve(`resp_bg_${id}`);
    expect(await heard.only()).toMatchObject({ attribution: { customer: 'starter' }, usage });
  });
});

describe('work that nobody here started', () => {
  test('bills whoever reads it, once, also when the first read finds it in progress', async () => {
    await withCustomer('reader', async () => {
      server.answer(json(queued()));
      await client.responses.retrieve(`resp_bg_${id}`);
      expect(heard.calls).toEqual([]);
      server.answer(json(done()));
      await client.responses.retrieve(`resp_bg_${id}`);
      await client.responses.retrieve(`resp_bg_${id}`);
    });
    expect(await heard.only()).toMatchObject({
      id: workId(`resp_bg_${id}`),
      attribution: { customer: 'reader' },
      operation: 'chat',
      usageSource: 'provider',
      usage,
    });
  });

  test('bills it when the reader takes the raw response', async () => {
    server.answer(json(done()));
    await withCustomer('reader', async () => {
      await (await client.responses.retrieve(`resp_bg_${id}`).asResponse()).json();
    });
    expect(await heard.only()).toMatchObject({ attribution: { customer: 'reader' }, usage });
  });

  test('bills nothing where it was no background work', async () => {
    server.answer(json({ ...done(), background: false }));
    await withCustomer('reader', () => client.responses.retrieve(`resp_bg_${id}`));
    await new Promise(setImmediate);
    expect(heard.calls).toEqual([]);
  });

  test('has the id that the event of its starter has', async () => {
    const started = await start();
    server.answer(json(done()));
    await client.responses.retrieve(started);
    expect((await heard.only()).id).toBe(workId(started));
  });

  test('is unpriced, with the reason, where its usage cannot be read', async () => {
    server.answer(json({ ...done(), usage: { input_tokens: -1, output_tokens: 2 } }));
    await withCustomer('reader', () => client.responses.retrieve(`resp_bg_${id}`));
    expect((await heard.only()).consumed).toEqual({
      kind: 'unknown',
      why: 'input_tokens is -1, which is no count',
    });
  });
});

test('reading a foreground response again bills nothing', async () => {
  server.answer(json(response));
  await client.responses.create({ model: 'gpt-4.1', input: 'Hello' });
  await client.responses.retrieve(response.id);
  expect(await heard.only()).toMatchObject({ usage });
});

test("an assistant's run bills once when it ends, also when it was resumed with tool outputs", async () => {
  const run = {
    id: `run_${id}`,
    object: 'thread.run',
    thread_id: 'thread_1',
    assistant_id: 'asst_1',
    model: 'gpt-4o',
    status: 'requires_action',
    usage: null,
  };
  const ended = {
    ...run,
    status: 'completed',
    usage: { prompt_tokens: 30, completion_tokens: 7, total_tokens: 37 },
  };
  server.answer(json(run));
  await withCustomer('starter', () =>
    client.beta.threads.runs.create('thread_1', { assistant_id: 'asst_1' }),
  );
  server.answer(json({ ...run, status: 'in_progress' }));
  await client.beta.threads.runs.submitToolOutputs(run.id, { thread_id: 'thread_1', tool_outputs: [] });
  server.answer(json(ended));
  await client.beta.threads.runs.retrieve(run.id, { thread_id: 'thread_1' });
  await client.beta.threads.runs.retrieve(run.id, { thread_id: 'thread_1' });
  expect(await heard.only()).toMatchObject({
    attribution: { customer: 'starter' },
    usage: { inputTokens: 30, outputTokens: 7 },
  });
});
