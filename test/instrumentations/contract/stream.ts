import { describe, test } from 'vitest';
import { all, sleep, tick } from '../../support/waiting.ts';
import { caught } from '../../support/caught.ts';
import type { Harness } from './harness.ts';

/** What the application sees of a stream that it reads. */
export function streamedReply(h: Harness): void {
  const { provider, complete, streamParams, create, streamed, expectSame } = h;
  describe('a stream', () => {
    test('read to its end is one call, chunk by chunk as without us', () =>
      expectSame(
        streamed,
        async (client) => {
          const promise = create(client, streamParams);
          const stream = (await promise) as AsyncIterable<unknown>;
          const events = await all(stream);
          return {
            promise: promise.constructor,
            class: stream.constructor,
            events,
            aborted: h.isAborted(stream),
          };
        },
        [complete],
      ));

    test('iterated twice fails as it does without us', () =>
      expectSame(
        streamed,
        async (client) => {
          const stream = await h.stream(client);
          const events = await all(stream);
          return { events, again: await caught(() => all(stream)) };
        },
        [complete],
      ));

    test('whose connection breaks is one partial call, and the error is the SDK’s', () =>
      expectSame(
        async (request, reply) => {
          reply.writeHead(200, h.streamHeaders);
          for (const event of provider.events(request).slice(0, 4)) {
            reply.write(h.encode(event));
            await tick();
          }
          await sleep(30);
          reply.destroy();
        },
        async (client) => {
          const stream = await h.stream(client);
          const seen: unknown[] = [];
          const error = await caught(async () => {
            for await (const event of stream) seen.push(event);
          });
          return { seen, error };
        },
        [{ status: 'partial', usageSource: 'estimated' }],
      ));

    test('with an error inside is one failed call, and the error is the SDK’s', () =>
      expectSame(
        async (request, reply) => {
          reply.writeHead(200, h.streamHeaders);
          for (const event of provider.events(request).slice(0, 3)) reply.write(h.encode(event));
          reply.end(h.encode(provider.errorEvent));
        },
        async (client) => {
          const stream = await h.stream(client);
          const seen: unknown[] = [];
          const error = await caught(async () => {
            for await (const event of stream) seen.push(event);
          });
          return { seen, error };
        },
        [{ status: 'error' }],
      ));

    test('is never read faster than the application reads', () =>
      expectSame(
        h.flood,
        async (client) => {
          const stream = await h.stream(client);
          const iterator = stream[Symbol.asyncIterator]();
          for (let read = 0; read < 3; read++) await iterator.next();
          await sleep(150);
          const drained = h.server.requests[0]?.drained;
          await iterator.return?.();
          return { drained };
        },
        [{ status: 'aborted' }],
      ));

    const { promise, stream: asStream } = provider.can;
    if (promise !== undefined)
      test('comes with its response', () =>
        expectSame(
          streamed,
          async (client) => {
            const { data, response } = await promise(client, streamParams).withResponse();
            return { status: response.status, events: await all(data as AsyncIterable<unknown>) };
          },
          [complete],
        ));

    if (asStream === undefined) return;
    test('split in two is one call', () =>
      expectSame(
        streamed,
        async (client) => {
          const [left, right] = asStream(await h.stream(client)).tee();
          return Promise.all([all(left), all(right)]);
        },
        [complete],
      ));

    test('turned into a ReadableStream is one call', () =>
      expectSame(
        streamed,
        async (client) => new Response(asStream(await h.stream(client)).toReadableStream()).text(),
        [complete],
      ));
  });
}
