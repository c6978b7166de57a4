import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { type RequestBody, readRequestBody } from '../../../src/instrumentations/http/request-text.ts';

const JSON_TEXT = '{"model":"gpt-4o"}';
const URL_ = 'https://api.openai.com/v1/chat/completions';
const LARGE = 16_000_001;

const read = async (body: unknown): Promise<RequestBody> =>
  readRequestBody(URL_, { method: 'POST', body } as RequestInit);

test.each<[string, () => unknown]>([
  ['text', () => JSON_TEXT],
  ['bytes', () => new TextEncoder().encode(JSON_TEXT)],
  ['a part of a larger buffer', () => new TextEncoder().encode(`xx${JSON_TEXT}`).subarray(2)],
  ['a buffer', () => new TextEncoder().encode(JSON_TEXT).buffer],
  ['a blob', () => new Blob([JSON_TEXT])],
])('a body that is %s is read before it is sent', async (_what, body) => {
  expect(await read(body())).toEqual({ text: JSON_TEXT });
});

test('a form keeps its fields, an encoded one is its text', async () => {
  const form = new FormData();
  form.set('model', 'whisper-1');
  expect((await read(form)).form).toBe(form);
  expect(await read(new URLSearchParams({ model: 'whisper-1' }))).toEqual({ text: 'model=whisper-1' });
});

test.each(['bytes', 'text'])('a stream of %s is read as it passes, and is sent whole', async (kind) => {
  const pieces = [JSON_TEXT.slice(0, 5), JSON_TEXT.slice(5)];
  const stream = ReadableStream.from<string | Uint8Array>(
    kind === 'text' ? pieces : pieces.map((piece) => new TextEncoder().encode(piece)),
  );
  const { body, later } = await read(stream);
  expect(await text(body!)).toBe(JSON_TEXT);
  expect(await later).toBe(JSON_TEXT);
});

test('a stream that somebody reads already, or that breaks, tells nothing', async () => {
  const locked = new ReadableStream();
  locked.getReader();
  expect(await read(locked)).toEqual({});
  const failure = new Error('broken pipe');
  const broken = new ReadableStream({ pull: (controller) => controller.error(failure) });
  const { body, later } = await read(broken);
  await expect(text(body!)).rejects.toBe(failure);
  expect(await later).toBeUndefined();
});

test('a request is read from a copy: it can still be sent', async () => {
  const request = new Request(URL_, { method: 'POST', body: JSON_TEXT });
  expect(await readRequestBody(request, undefined)).toEqual({ text: JSON_TEXT });
  expect(await request.text()).toBe(JSON_TEXT);
  // Its body is gone: there is nothing left to read.
  expect(await readRequestBody(request, undefined)).toEqual({});
  const form = new FormData();
  form.set('model', 'whisper-1');
  const upload = new Request(URL_, { method: 'POST', body: form });
  expect((await readRequestBody(upload, undefined)).form?.get('model')).toBe('whisper-1');
  const bytes = new Request(URL_, { method: 'POST', body: new TextEncoder().encode(JSON_TEXT) });
  expect(await readRequestBody(bytes, undefined)).toEqual({ text: JSON_TEXT });
});

test.each([[new Request(URL_)], [URL_], [new URL(URL_)]])('%s has no body', async (input) => {
  expect(await readRequestBody(input, undefined)).toEqual({});
});

test('a body of many megabytes is not read', async () => {
  expect(await read(new Uint8Array(LARGE))).toEqual({});
  expect(await read(new Blob([new Uint8Array(LARGE)]))).toEqual({});
  const length = { 'content-length': String(LARGE) };
  expect(
    await readRequestBody(new Request(URL_, { method: 'POST', body: JSON_TEXT, headers: length }), undefined),
  ).toEqual({});
  const { body, later } = await read(ReadableStream.from([new Uint8Array(LARGE)]));
  await body!.cancel();
  expect(await later).toBeUndefined();
});
