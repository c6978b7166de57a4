import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CallListener, listen } from '../../../src/calls/hub.ts';
import { OpenAIInstrumentation } from '../../../src/instrumentations/openai/instrumentation.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { type Answer, json, ProviderServer } from '../../support/provider-server.ts';
import { chatCompletion } from '../../support/wire.ts';

new OpenAIInstrumentation().manuallyInstrument(OpenAI);

let server: ProviderServer;
let heard: HeardCalls;
let client: OpenAI;
let leave = (): void => undefined;

beforeAll(async () => {
  server = await ProviderServer.start();
  client = new OpenAI({ apiKey: 'sk-test', baseURL: `${server.url}/v1`, maxRetries: 3 });
});
afterAll(() => server.stop());
beforeEach(() => {
  heard = new HeardCalls();
  server.answer(json(chatCompletion));
});
afterEach(() => {
  heard[Symbol.dispose]();
  leave();
});

const admit = (answer: NonNullable<CallListener['admit']>): void => {
  leave = listen({ record: () => undefined, admit: answer });
};
const ask = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] } as const;

/** Busy for the first attempt, then an answer. */
function busyOnce(): Answer {
  let isBusy = true;
  return (request, response) => {
    const answer = isBusy ? json({}, 503, { 'retry-after-ms': '1' }) : json(chatCompletion);
    isBusy = false;
    return answer(request, response);
  };
}

class OverBudget extends Error {}

test.each([
  ['at once', (refusal: { error: Error }) => refusal],
  ['after a thought', (refusal: { error: Error }) => Promise.resolve(refusal)],
])(
  'a call refused %s rejects with that very error, is not sent, and is heard as denied',
  async (_, answer) => {
    const error = new OverBudget('over budget');
    admit(() => answer({ error }));
    await expect(client.chat.completions.create({ ...ask, messages: [...ask.messages] })).rejects.toBe(error);
    expect(server.requests).toEqual([]);
    expect(await heard.only()).toMatchObject({
      denied: true,
      status: 'error',
      errorType: 'OverBudget',
      consumed: { kind: 'nothing', why: 'OverBudget' },
      retries: 0,
    });
  },
);

test('another model is asked on the way out, and the request of the application stays as it was', async () => {
  admit(({ request }) => (request.model === 'gpt-4o' ? { model: 'gpt-4o-mini' } : undefined));
  server.answer(busyOnce());
  const body = { ...ask, messages: [...ask.messages] };
  await client.chat.completions.create(body);
  expect(body.model).toBe('gpt-4o');
  expect(server.requests.map((request) => (JSON.parse(request.body) as typeof ask).model)).toEqual([
    'gpt-4o-mini',
    'gpt-4o-mini',
  ]);
  expect(await heard.only()).toMatchObject({ status: 'ok', retries: 1, request: { model: 'gpt-4o-mini' } });
});

test('a retried call is asked for once', async () => {
  let asked = 0;
  admit(() => void asked++);
  server.answer(busyOnce());
  await client.chat.completions.create({ ...ask, messages: [...ask.messages] });
  expect(asked).toBe(1);
  expect(await heard.only()).toMatchObject({ status: 'ok', retries: 1 });
});

test('a call whose every attempt was refused is free, also when it was given up between two of them', async () => {
  server.answer(json({ error: { message: 'slow down' } }, 429, { 'retry-after-ms': '200' }));
  const own = new AbortController();
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  const waiting = client.withOptions({
    fetch: async (...args) => {
      const reply = await fetch(...args);
      resolve();
      return reply;
    },
  });
  const call = waiting.chat.completions.create(
    { ...ask, messages: [...ask.messages] },
    { signal: own.signal },
  );
  const ended = Promise.resolve(call).then(
    () => 'answered',
    (error: unknown) => (error as Error).constructor.name,
  );
  await answered;
  await new Promise(setImmediate);
  own.abort();
  expect(await ended).toBe('APIUserAbortError');
  expect(await heard.only()).toMatchObject({ consumed: { kind: 'nothing' } });
});
