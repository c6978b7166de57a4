import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { ProviderFetchInstrumentation } from '../../../src/instrumentations/fetch/provider-fetch-instrumentation.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { ProviderServer } from '../../support/provider-server.ts';

// The net around the runtime's own `fetch`, over real HTTP.

const REPLY = {
  id: 'chatcmpl-1',
  model: 'gpt-4o',
  choices: [],
  usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
};
const bare = globalThis.fetch;
let server: ProviderServer;
let net: ProviderFetchInstrumentation;
let heard: HeardCalls;

beforeAll(async () => {
  server = await ProviderServer.start();
  net = new ProviderFetchInstrumentation({ providers: { [new URL(server.url).host]: 'openai' } });
});
afterAll(async () => {
  net.disable();
  expect(globalThis.fetch).toBe(bare);
  await server.stop();
});
beforeEach(() => {
  heard = new HeardCalls();
  return () => heard[Symbol.dispose]();
});

const ask = (init: RequestInit = {}, path = '/v1/chat/completions'): Promise<Response> =>
  withCustomer('acme', () =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o', messages: [] }),
      ...init,
    }),
  );

describe('a reply', () => {
  test('may be packed with gzip', async () => {
    server.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify(REPLY)));
    });
    expect(await (await ask()).json()).toEqual(REPLY);
    expect((await heard.only()).usage).toMatchObject({ inputTokens: 7, outputTokens: 3 });
  });

  test('may come from where the request was redirected to, and is one call', async () => {
    server.answer((request, response) => {
      if (request.path.includes('moved'))
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(REPLY));
      else response.writeHead(307, { location: '/v1/moved' }).end();
    });
    const reply = await ask();
    expect([reply.redirected, reply.url]).toEqual([true, `${server.url}/v1/moved`]);
    expect(await reply.json()).toEqual(REPLY);
    expect((await heard.only()).usage.inputTokens).toBe(7);
  });

  test('that cannot be read is passed on, and its call is not free', async () => {
    server.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"usage": ');
    });
    expect(await (await ask()).text()).toBe('{"usage": ');
    const { usageSource, consumedNothing } = await heard.only();
    expect([usageSource, consumedNothing]).toEqual(['none', false]);
  });
});

describe('a stream', () => {
  beforeEach(() => {
    server.answer(async (_request, response) => {
      response.on('error', () => undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let count = 0; count < 1000 && !response.destroyed; count++) {
        const chunk = { id: 'c', model: 'gpt-4o', choices: [{ index: 0, delta: { content: 'Hi' } }] };
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
        await sleep(2);
      }
      response.end();
    });
  });
  const body = JSON.stringify({ model: 'gpt-4o', messages: [], stream: true });

  test('that the application cancels is cancelled at the provider, and aborted', async () => {
    const reader = (await ask({ body })).body!.getReader();
    expect((await reader.read()).done).toBe(false);
    await reader.cancel();
    expect(await heard.only()).toMatchObject({ status: 'aborted', attribution: { customer: 'acme' } });
  });

  test('that a signal aborts fails with the signal’s own reason', async () => {
    const controller = new AbortController();
    const reader = (await ask({ body, signal: controller.signal })).body!.getReader();
    await reader.read();
    const reason = new Error('enough');
    controller.abort(reason);
    const rest = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toBe(reason);
    expect((await heard.only()).status).toBe('aborted');
  });
});

test('a form is sent as it is, and says the model', async () => {
  server.answer((_request, response) => {
    const usage = { type: 'duration', seconds: 13 };
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ text: 'Hi', usage }));
  });
  const form = new FormData();
  form.set('model', 'whisper-1');
  form.set('file', new Blob(['RIFF']), 'a.wav');
  await (await ask({ body: form, headers: {}, keepalive: true }, '/v1/audio/transcriptions')).json();
  expect(await heard.only()).toMatchObject({ operation: 'transcription', request: { model: 'whisper-1' } });
  expect(server.requests.at(-1)?.body).toContain('RIFF');
});

test('a retry is a call of its own: the refusal is free, the answer billed', async () => {
  let attempts = 0;
  server.answer((_request, response) => {
    const status = attempts++ === 0 ? 429 : 200;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(REPLY));
  });
  for (let status = 0; status !== 200;) {
    const reply = await ask();
    await reply.text();
    ({ status } = reply);
  }
  await heard.count(2);
  expect(heard.calls.map(({ consumed }) => consumed.kind)).toEqual(['nothing', 'counted']);
});

test('a second net, of this copy of the package or another, counts nothing twice', async () => {
  server.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(REPLY));
  });
  const once = globalThis.fetch;
  const second = new ProviderFetchInstrumentation({ providers: { [new URL(server.url).host]: 'openai' } });
  await (await ask()).json();
  expect((await heard.only()).usage.inputTokens).toBe(7);
  second.disable();
  expect(globalThis.fetch).toBe(once);
});
