import { trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CallListener, listen } from '../../../src/calls/hub.ts';
import { openaiSdk } from '../../../src/instrumentations/openai/sdk.ts';
import { patchClient } from '../../../src/instrumentations/stainless/patch-client.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { chatCompletion } from '../../support/wire.ts';
import { OldClient } from './old-client.ts';

patchClient(OldClient.prototype, openaiSdk, {
  tracer: () => trace.getTracer('test'),
  providers: () => ({}),
});

let heard: HeardCalls;
let client: OldClient;
let leave = (): void => undefined;
beforeEach(() => {
  heard = new HeardCalls();
  client = new OldClient();
  client.answer = () => Response.json(chatCompletion);
});
afterEach(() => {
  heard[Symbol.dispose]();
  leave();
});

const admit = (answer: NonNullable<CallListener['admit']>): void => {
  leave = listen({ record: () => undefined, admit: answer });
};
const ask = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hé' }] };

test('a call is sent as the SDK wrote it, to the byte, and heard once with its usage', async () => {
  expect(await client.post('/chat/completions', ask)).toEqual(chatCompletion);
  expect(client.sent).toMatchObject([{ body: JSON.stringify(ask, null, 2) }]);
  expect(await heard.only()).toMatchObject({
    provider: 'openai',
    status: 'ok',
    usage: { inputTokens: 2006 },
  });
});

test('a stream is asked for its usage, and the length that the SDK said is that of the new text', async () => {
  client.answer = () =>
    new Response(
      'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\ndata: [DONE]\n\n',
      {
        headers: { 'content-type': 'text/event-stream' },
      },
    );
  const read = await client.post('/chat/completions', { ...ask, stream: true }, true);
  const [{ body = '', headers }] = client.sent as [OldClient['sent'][number]];
  expect(JSON.parse(body)).toEqual({ ...ask, stream: true, stream_options: { include_usage: true } });
  expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
  // The application gets the stream that it would have got.
  expect(read).toBe('data: [DONE]\n\n');
  expect(await heard.only()).toMatchObject({ usage: { inputTokens: 1, outputTokens: 2 } });
});

test.each([
  ['at once', (value: undefined) => value],
  ['after a thought', (value: undefined) => Promise.resolve(value)],
])('a listener that lets a call go %s lets it go once, also when it is tried again', async (_how, answer) => {
  let asked = 0;
  admit(() => {
    asked += 1;
    return answer(undefined);
  });
  client.answer = (attempt) =>
    attempt === 1 ? new Response('busy', { status: 503 }) : Response.json(chatCompletion);
  await client.post('/chat/completions', ask);
  expect([asked, client.sent.length]).toEqual([1, 2]);
  expect(await heard.only()).toMatchObject({ status: 'ok', retries: 1 });
});

test.each([
  ['at once', (refusal: { error: Error }) => refusal],
  ['after a thought', (refusal: { error: Error }) => Promise.resolve(refusal)],
])('a call that is refused %s rejects with that very error, and nothing is sent', async (_how, answer) => {
  const error = new Error('over budget');
  admit(() => answer({ error }));
  await expect(client.post('/chat/completions', ask)).rejects.toBe(error);
  expect(client.sent).toEqual([]);
  expect(await heard.only()).toMatchObject({ denied: true });
});

test('another model is asked in the text that is sent', async () => {
  admit(() => ({ model: 'gpt-4o-mini' }));
  await client.post('/chat/completions', ask);
  expect(JSON.parse(client.sent[0]?.body ?? '')).toEqual({ ...ask, model: 'gpt-4o-mini' });
});

test('a batch may be refused like the calls in it, also after a thought', async () => {
  const error = new Error('over budget');
  const batch = { endpoint: '/v1/chat/completions', input_file_id: 'file-1', completion_window: '24h' };
  for (const refusal of [{ error }, Promise.resolve({ error })]) {
    admit(() => refusal);
    await expect(client.post('/batches', batch)).rejects.toBe(error);
    leave();
  }
  admit(() => Promise.resolve(undefined));
  client.answer = () => Response.json({ id: 'batch_1', status: 'validating' });
  await client.post('/batches', batch);
  expect(client.sent).toHaveLength(1);
});

test.each([
  ['a request that is none', { method: 7, path: '/chat/completions' }],
  ['one without a path', { method: 'post' }],
  ['a list of models', { method: 'get', path: '/models' }],
])('%s is passed on, and is no call', async (_what, options) => {
  await client.request(options as never);
  expect([client.sent.length, heard.calls]).toEqual([1, []]);
});

test('the model of a path counts where the body names none', async () => {
  await client.post('/engines/gpt-4o/models/gpt-4o%20mini/chat/completions', { messages: [] });
  expect((await heard.only()).request.model).toBe('gpt-4o mini');
});

test('a body that the application wrote as text, or in a way of its own, is read as what is sent', async () => {
  class Prompt {
    toJSON(): object {
      return { ...ask, model: 'gpt-4o-mini' };
    }
  }
  await client.post('/chat/completions', new Prompt());
  expect((await heard.only()).request.model).toBe('gpt-4o-mini');
});

test('a client without an address makes calls all the same', async () => {
  client = new OldClient('nowhere');
  client.answer = () => Response.json(chatCompletion);
  await client.post('/chat/completions', ask);
  expect((await heard.only()).serverAddress).toBeUndefined();
});
