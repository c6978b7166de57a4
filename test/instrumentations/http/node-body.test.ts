import { PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/calls/outcome.ts';
import { observeReply } from '../../../src/instrumentations/http/observe-reply.ts';

/** What `node-fetch` answers with, as openai 4 gets it: its body is a Node stream, and `text()` reads that. */
class NodeFetchReply {
  #body: Readable;
  readonly headers: Headers;

  constructor(body: Readable, contentType: string) {
    this.#body = body;
    this.headers = new Headers({ 'content-type': contentType });
  }

  get body(): Readable {
    return this.#body;
  }

  text(): Promise<string> {
    return text(this.#body);
  }

  /** As `node-fetch` does it: the body goes into two streams, and one takes its place. */
  clone(): NodeFetchReply {
    const [mine, theirs] = [new PassThrough(), new PassThrough()];
    const { body } = this;
    body.pipe(mine);
    body.pipe(theirs);
    this.#body = mine;
    return new NodeFetchReply(theirs, this.headers.get('content-type') ?? '');
  }
}

interface Observed {
  readonly reply: NodeFetchReply;
  /** The connection. */
  readonly body: PassThrough;
  readonly endings: Outcome[];
  readonly claims: number;
}

function observed(contentType: string, isReadBySdk = false): Observed {
  const endings: Outcome[] = [];
  const body = new PassThrough();
  const reply = new NodeFetchReply(body, contentType);
  let claims = 0;
  observeReply(reply as unknown as Response, {
    view: () => ({
      streaming: contentType.includes('event-stream'),
      contentType,
      repliesInText: false,
      openStream: () => undefined,
      readWhole: (whole) => ({ responseId: JSON.stringify(whole) }),
      firstChunk: () => undefined,
    }),
    claim: () => void (claims += 1),
    isReadBySdk,
    follow: () => undefined,
    settle: (outcome) => void endings.push(outcome),
  });
  return {
    reply,
    body,
    endings,
    get claims() {
      return claims;
    },
  };
}

const EVENTS = 'text/event-stream';

test('a reply that is read whole is read once, and ends once, with what it said', async () => {
  const { reply, body, endings } = observed('application/json');
  body.end('{"a":1}');
  expect(await reply.text()).toBe('{"a":1}');
  await turn();
  expect(endings).toEqual([{ status: 'ok', reading: { responseId: '{"a":1}' } }]);
});

test.each([
  ['breaks', (body: PassThrough) => void body.destroy(new Error('socket hang up'))],
  ['is closed', (body: PassThrough) => void body.destroy()],
])(
  'a reply read whole whose connection %s has one end, and the reader gets the error',
  async (_what, cut) => {
    const { reply, body, endings } = observed('application/json');
    body.write('{"a":');
    const read = reply.text();
    await turn();
    cut(body);
    await expect(read).rejects.toThrow(/hang up|Premature close/);
    // It was answered: what was said until then counts.
    expect(endings.map(({ status }) => status)).toEqual(['partial']);
  },
);

test('a stream passes byte for byte, at the pace of its reader, and nothing is read for us', async () => {
  const { reply, body, endings } = observed(EVENTS);
  const piece = `data: ${'x'.repeat(20_000)}\n\n`;
  for (let written = 0; written < 5; written += 1) body.write(piece);
  body.end();
  // The response is asked for its body twice, and has one.
  const stream = reply.body;
  expect(reply.body).toBe(stream);
  await turn();
  expect(stream.readableLength).toBe(0);
  const pieces: Buffer[] = [];
  for await (const read of stream as AsyncIterable<Buffer>) {
    pieces.push(read);
    await turn();
  }
  expect(Buffer.concat(pieces).toString()).toBe(piece.repeat(5));
  expect(endings).toHaveLength(1);
});

test.each([true, false])(
  'a stream whose reader is the SDK (%s) can be left in the middle',
  async (isReadBySdk) => {
    const { reply, body, endings } = observed(EVENTS, isReadBySdk);
    body.write('data: 1\n\n');
    const stream = reply.body;
    for await (const _ of stream as AsyncIterable<Buffer>) break;
    expect([stream.destroyed, body.destroyed]).toEqual([true, true]);
    expect(endings.map(({ status }) => status)).toEqual(['aborted']);
  },
);

test('a stream that breaks gives its reader the error itself', async () => {
  const { reply, body, endings } = observed(EVENTS);
  body.write('data: 1\n\n');
  const failure = new Error('socket hang up');
  const read = text(reply.body);
  await turn();
  body.destroy(failure);
  await expect(read).rejects.toBe(failure);
  expect(endings).toMatchObject([{ status: 'partial', error: failure }]);
});

test('a stream that its reader breaks closes the connection with the same error', async () => {
  const { reply, body, endings } = observed(EVENTS);
  body.on('error', () => undefined);
  const failure = new Error('no more');
  reply.body.destroy(failure);
  await turn();
  expect(body.errored).toBe(failure);
  expect(endings).toMatchObject([{ status: 'partial', error: failure }]);
});

test('a stream whose connection closes without a word is closed for its reader', async () => {
  const { reply, body, endings } = observed(EVENTS);
  body.write('data: 1\n\n');
  const read = text(reply.body);
  await turn();
  body.destroy();
  await expect(read).rejects.toThrow('Premature close');
  expect(endings.map(({ status }) => status)).toEqual(['aborted']);
});

test('a copy of a stream is read like the stream, and both are whole', async () => {
  const { reply, body } = observed(EVENTS);
  const copy = reply.clone();
  body.end('data: 1\n\n');
  expect(await Promise.all([text(reply.body), text(copy.body)])).toEqual(['data: 1\n\n', 'data: 1\n\n']);
});
