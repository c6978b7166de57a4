import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type CostEvent,
  CostSpanProcessor,
  ProviderFetchInstrumentation,
  withCustomer,
} from '../../../src/index.ts';

// Others that put themselves in the place of `fetch`: whoever comes first, a call is one event, its reply is theirs,
// and each can leave without the other.

const REPLY = {
  id: 'chatcmpl-1',
  model: 'gpt-4o',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Paris.' } }],
  usage: { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 },
};
const HOST = 'https://api.openai.com';
const PATH = '/v1/chat/completions';

const msw = setupServer(http.post(`${HOST}${PATH}`, () => HttpResponse.json(REPLY)));
const heard: CostEvent[] = [];
const processor = new CostSpanProcessor({
  sinks: [{ write: (events) => void heard.push(...events) }],
  delivery: 'sync',
});
const bare = globalThis.fetch;

/** A wrapper as agents and frameworks write them: it hands on what it was given. */
let seen = 0;
let beneath = bare;
const tracing: typeof fetch = async (input, init) => {
  seen++;
  return beneath(input, init);
};

let removeNock: (() => void) | undefined;

const NEIGHBOURS = [
  {
    name: 'MSW',
    arrive: () => msw.listen({ onUnhandledRequest: 'error' }),
    leave: () => msw.close(),
  },
  {
    name: 'nock',
    // It takes the place of `fetch` when it is imported.
    arrive: async () => {
      const { default: nock } = await import('nock');
      if (!nock.isActive()) nock.activate();
      removeNock = () => {
        nock.cleanAll();
        nock.restore();
      };
      nock(HOST).persist().post(PATH).reply(200, REPLY, { 'content-type': 'application/json' });
    },
    leave: () => {
      removeNock?.();
    },
  },
] as const;

let net: ProviderFetchInstrumentation | undefined;
beforeEach(() => {
  heard.length = 0;
});
afterEach(() => {
  net?.disable();
});
afterAll(() => processor.shutdown());

async function ask(): Promise<void> {
  const reply = await withCustomer('acme', () =>
    fetch(`${HOST}${PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Where?' }] }),
    }),
  );
  expect(await reply.json()).toEqual(REPLY);
  await new Promise(setImmediate);
}

const once = [{ customer: 'acme', usage: { inputTokens: 120, outputTokens: 30 } }];

describe.each(NEIGHBOURS)('$name', ({ arrive, leave }) => {
  test.each(['before', 'after'])('that comes %s the net leaves each call one event', async (order) => {
    if (order === 'before') await arrive();
    net = new ProviderFetchInstrumentation();
    if (order === 'after') await arrive();
    await ask();
    expect(heard).toMatchObject(once);
    // Switched off and on again, in between the other's doings.
    net.disable();
    await ask();
    expect(heard).toHaveLength(1);
    net.enable();
    await ask();
    expect(heard).toHaveLength(2);
    net.disable();
    leave();
    globalThis.fetch = bare;
  });
});

test('a wrapper above and one beneath see each request once', async () => {
  msw.listen();
  beneath = globalThis.fetch;
  globalThis.fetch = tracing;
  net = new ProviderFetchInstrumentation();
  const metered = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    seen++;
    return metered(input, init);
  };
  await ask();
  expect(heard).toMatchObject(once);
  expect(seen).toBe(2);
  msw.close();
  globalThis.fetch = bare;
});
