import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import * as first from '../../../src/index.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { json, ProviderServer, sse } from '../../support/provider-server.ts';
import { all } from '../../support/waiting.ts';
import { chatChunks, chatChunksWithUsage, chatCompletion } from '../../support/wire.ts';

// Two copies of this package in one process, as two versions that libraries bring along.

type Copy = typeof first;
const bare = globalThis.fetch;
const usage = { inputTokens: 2006, outputTokens: 300 };
const providers = { '127.0.0.1': 'openai' };
let second: Copy;
let server: ProviderServer;
let heard: HeardCalls;

beforeAll(async () => {
  vi.resetModules();
  second = await import('../../../src/index.ts');
  expect(second.ProviderFetchInstrumentation).not.toBe(first.ProviderFetchInstrumentation);
  server = await ProviderServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  heard = new HeardCalls();
  server.answer((request, response) => {
    if (request.json().stream !== true) return json(chatCompletion)(request, response);
    const wasAsked = request.json().stream_options !== undefined;
    return sse(wasAsked ? chatChunksWithUsage : chatChunks)(request, response);
  });
  return () => heard[Symbol.dispose]();
});

const asked = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hello' }] };
const ask = (how: typeof fetch, body: object = asked): Promise<Response> =>
  how(`${server.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });

/** What was heard and sent. */
async function seen(): Promise<object> {
  const call = await heard.only();
  return { call, requests: server.requests.length };
}

/** One request, one call: the customer's, with the provider's figures. */
const once = (customer = 'acme'): object => ({
  call: { status: 'ok', usage, attribution: { customer } },
  requests: 1,
});

describe.each([
  ['the other’s', (): [Copy, Copy] => [first, second]],
  ['the first’s', (): [Copy, Copy] => [second, first]],
])('with a copy beneath %s', (_title, copies) => {
  test('a request through both nets is one call, whoever names the customer', async () => {
    const [below, above] = copies();
    using _nets = nets(below, above);
    await above.withCustomer('acme', async () => (await ask(fetch)).json());
    expect(await seen()).toMatchObject(once());
    heard.calls.length = 0;
    server.requests.length = 0;
    await below.withCustomer('zenith', async () => (await ask(fetch)).json());
    expect(await seen()).toMatchObject(once('zenith'));
  });

  test('a stream through both nets is asked for its usage once, and shows none of it', async () => {
    const [below, above] = copies();
    using _nets = nets(below, above);
    const text = await above.withCustomer('acme', async () =>
      (await ask(fetch, { ...asked, stream: true })).text(),
    );
    expect(text).toBe(
      `${chatChunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`,
    );
    expect(server.requests[0]?.body.match(/include_usage/g)).toHaveLength(1);
    expect(await seen()).toMatchObject(once());
  });

  test('a fetch that both have metered makes one call', async () => {
    const [below, above] = copies();
    const metered = above.meterFetch(below.meterFetch(bare, { providers }), { providers });
    await above.withCustomer('acme', async () => (await ask(metered)).json());
    expect(await seen()).toMatchObject(once());
  });

  test('the call of an SDK that one observes passes the other’s net', async () => {
    const [below, above] = copies();
    using _net = nets(below);
    const instrumentation = new above.OpenAIInstrumentation();
    instrumentation.manuallyInstrument(OpenAI);
    try {
      const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${server.url}/v1`, maxRetries: 0 });
      await above.withCustomer('acme', async () =>
        all(await client.chat.completions.create({ ...asked, stream: true })),
      );
    } finally {
      instrumentation.disable();
    }
    expect(await seen()).toMatchObject(once());
  });

  test('one goes on metering when the other is switched off, in any order', async () => {
    const [below, above] = copies();
    for (const [leaves, stays] of [
      [0, 1],
      [1, 0],
    ] as const) {
      heard.calls.length = 0;
      server.requests.length = 0;
      using both = nets(below, above);
      both.nets[leaves]?.disable();
      await above.withCustomer('acme', async () => (await ask(fetch)).json());
      expect(await seen()).toMatchObject(once());
      both.nets[stays]?.disable();
      await (await ask(fetch)).json();
      await heard.count(1);
    }
  });
});

/** The nets of these copies, each above the one before; switched off at the end, from the top down. */
function nets(...copies: readonly Copy[]): Disposable & { readonly nets: { disable(): void }[] } {
  const made = copies.map((copy) => new copy.ProviderFetchInstrumentation({ providers }));
  return {
    nets: made,
    [Symbol.dispose]() {
      for (const net of made.toReversed()) net.disable();
      globalThis.fetch = bare;
    },
  };
}
