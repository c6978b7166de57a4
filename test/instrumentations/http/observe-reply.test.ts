import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/calls/outcome.ts';
import { observeReply } from '../../../src/instrumentations/http/observe-reply.ts';

/** A reply, observed; how it ended. */
function observed(
  body: string | ReadableStream<Uint8Array>,
  contentType = 'application/json',
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
