import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/calls/outcome.ts';
import { type Disguiser, hideUsage } from '../../../src/instrumentations/http/disguise.ts';
import { observeReply } from '../../../src/instrumentations/http/observe-reply.ts';

/** A reply, observed; how it ended. */
function observed(
  body: string | ReadableStream<Uint8Array> | null,
  contentType = 'application/json',
  disguise?: Disguiser,
): { reply: Response; endings: Outcome[] } {
  const endings: Outcome[] = [];
  const reply = new Response(body, { headers: { 'content-type': contentType } });
  observeReply(reply, {
    view: () => ({
      streaming: contentType.includes('event-stream'),
      contentType,
      repliesInText: false,
      openStream: () => undefined,
      readWhole: (whole) => ({ responseId: JSON.stringify(whole) }),
      firstChunk: () => undefined,
      ...(disguise && { disguise }),
    }),
    claim: () => undefined,
    follow: () => undefined,
    settle: (outcome) => void endings.push(outcome),
  });
  return { reply, endings };
}

test.each(['json', 'text', 'bytes', 'arrayBuffer', 'blob'] as const)(
  'a reply read with %s() is the same object, read once, and ends once',
  async (read) => {
    const { reply, endings } = observed('{"a":1}');
    const bare = new Response('{"a":1}', { headers: { 'content-type': 'application/json' } });
    expect(reply).toBeInstanceOf(Response);
    expect(await reply[read]()).toEqual(await bare[read]());
    await expect(reply[read]()).rejects.toThrow(TypeError);
    expect(endings).toEqual([{ status: 'ok', reading: { responseId: '{"a":1}' } }]);
  },
);

test('memory that whoever made the body goes on using is left to them', async () => {
  const shared = new TextEncoder().encode('data: 1\n\ndata: 2\n\n');
  let offset = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(shared.subarray(offset, offset + 9));
      offset += 9;
      if (offset === shared.length) controller.close();
    },
  });
  const { reply } = observed(source, 'text/event-stream');
  expect(await new Response(reply.body).text()).toBe('data: 1\n\ndata: 2\n\n');
  expect(shared.length).toBe(18);
});

test('a body that is left is let go, lock and all', async () => {
  let reason: unknown;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    cancel: (given) => void (reason = given),
  });
  const { reply, endings } = observed(source, 'text/event-stream');
  const reader = reply.body?.getReader();
  await reader?.read();
  await reader?.cancel('enough');
  expect([reason, source.locked, endings[0]?.status]).toEqual(['enough', false, 'aborted']);
});

test('bytes can be read into memory of one’s own', async () => {
  const { reply } = observed('{"a":1}');
  const reader = reply.body!.getReader({ mode: 'byob' });
  const { value } = await reader.read(new Uint8Array(3));
  expect(Buffer.from(value!).toString()).toBe('{"a');
});

test('a copy of a reply is read like the reply itself', async () => {
  const { reply, endings } = observed('{"a":1}');
  const copy = reply.clone();
  expect(await copy.json()).toEqual({ a: 1 });
  expect(await reply.text()).toBe('{"a":1}');
  expect(endings.map(({ status }) => status)).toEqual(['ok', 'ok']);
});

describe('a reply in which usage is hidden', () => {
  const shown = 'data: {"choices":[{}]}\n\ndata: [DONE]\n\n';
  const sent = 'data: {"choices":[{}],"usage":null}\n\ndata: {"choices":[],"usage":{}}\n\ndata: [DONE]\n\n';

  test.each(['text', 'bytes', 'arrayBuffer', 'blob'] as const)(
    'has it hidden for %s() as for a stream',
    async (read) => {
      const { reply } = observed(sent, 'text/event-stream', hideUsage());
      const bare = new Response(shown, { headers: { 'content-type': 'text/event-stream' } });
      expect(await reply[read]()).toEqual(await bare[read]());
    },
  );

  test('and that ends in the middle of an event keeps what came', async () => {
    const { reply } = observed(
      'data: {"choices":[{}],"usage":null}\n\ndata: {"cho',
      'text/event-stream',
      hideUsage(),
    );
    expect(Buffer.from(await reply.bytes()).toString()).toBe('data: {"choices":[{}]}\n\ndata: {"cho');
  });
});

test('a reply is observed once, and not at all where nothing is to be found in it', async () => {
  const { reply, endings } = observed('{"a":1}');
  const observer = {
    claim: () => undefined,
    follow: () => undefined,
    settle: () => endings.push({ status: 'error' }),
  };
  observeReply(reply, { ...observer, view: () => ({ streaming: false }) as never });
  const other = new Response('{"a":1}');
  observeReply(other, { ...observer, view: () => undefined });
  expect([await reply.json(), await other.json()]).toEqual([{ a: 1 }, { a: 1 }]);
  expect(endings.map(({ status }) => status)).toEqual(['ok']);
});

test('a reply that is no JSON gives the application its own error, and is unreadable; one that breaks is partial', async () => {
  const { reply, endings } = observed('<html>');
  await expect(reply.json()).rejects.toThrow(SyntaxError);
  const failure = new Error('socket hang up');
  const broken = observed(new ReadableStream({ pull: (controller) => controller.error(failure) }));
  await expect(broken.reply.json()).rejects.toBe(failure);
  expect(endings[0]?.unreadable).toBe('the reply could not be read: broken JSON');
  expect(broken.endings).toMatchObject([{ status: 'partial', error: failure }]);
});

test('a reply without a body has none', async () => {
  const { reply } = observed(null);
  expect(reply.body).toBeNull();
  expect(await reply.text()).toBe('');
});

describe('a stream that is read chunk by chunk', () => {
  const source = (...pieces: string[]): ReadableStream<Uint8Array> =>
    ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece)));

  test('keeps the chunk of a read that was given up for the next reader', async () => {
    let send: ((piece: Uint8Array) => void) | undefined;
    const slow = new ReadableStream<Uint8Array>({
      start: (controller) => void (send = (piece) => controller.enqueue(piece)),
    });
    const { reply } = observed(slow, 'text/event-stream');
    const first = reply.body!.getReader();
    const given = first.read();
    first.releaseLock();
    send?.(new TextEncoder().encode('data: 1\n\n'));
    await expect(given).rejects.toThrow(TypeError);
    await expect(first.read()).rejects.toThrow(TypeError);
    const second = reply.body!.getReader();
    expect(Buffer.from((await second.read()).value ?? []).toString()).toBe('data: 1\n\n');
  });

  test('can be left without being cancelled, and read on', async () => {
    const { reply, endings } = observed(source('data: 1\n\n', 'data: 2\n\n'), 'text/event-stream');
    for await (const _ of reply.body!.values({ preventCancel: true })) break;
    expect(endings).toEqual([]);
    expect(await new Response(reply.body).text()).toBe('data: 2\n\n');
  });

  test('is over for good when it is over, left or broken', async () => {
    const { reply } = observed(source('data: 1\n\n'), 'text/event-stream');
    const chunks = reply.body!.values();
    expect((await chunks.next()).done).toBe(false);
    for (let again = 0; again < 2; again += 1)
      expect(await chunks.next()).toEqual({ done: true, value: undefined });
    expect(await chunks.return?.()).toEqual({ done: true, value: undefined });
    const failure = new Error('socket hang up');
    const broken = observed(
      new ReadableStream({ pull: (controller) => controller.error(failure) }),
      'text/event-stream',
    );
    const iterator = broken.reply.body!.values();
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('that nobody reads can be cancelled', async () => {
    let reason: unknown;
    const { reply } = observed(
      new ReadableStream({ cancel: (given) => void (reason = given) }),
      'text/event-stream',
    );
    await reply.body!.cancel('enough');
    expect(reason).toBe('enough');
  });
});
