import { describe, expect, test } from 'vitest';
import { all, collect, within } from '../../support/waiting.ts';
import { caught } from '../../support/caught.ts';
import type { Harness } from './harness.ts';
import type { Client } from './provider-under-test.ts';

/** What becomes of a stream that the application does not read to its end. */
export function abandonedStream(h: Harness): void {
  const { provider, streamParams, create, streamed, expectSame } = h;
  const { isText } = provider;
  describe('a stream', () => {
    test('the application breaks out of is one aborted call, and the request is let go', () =>
      expectSame(
        h.endless,
        async (client) => {
          const stream = await h.stream(client);
          const seen: unknown[] = [];
          for await (const event of stream) {
            seen.push(event);
            if (isText(event)) break;
          }
          const letGo = await within(() => h.server.requests[0]?.closed === true);
          return { seen, letGo, aborted: h.isAborted(stream) };
        },
        [{ status: 'aborted', usageSource: 'estimated' }],
      ));

    test('in whose loop the application throws is one aborted call, and the error is its own', () =>
      expectSame(
        h.endless,
        async (client) => {
          const stream = await h.stream(client);
          return caught(async () => {
            for await (const event of stream) if (isText(event)) throw new TypeError('mine');
          });
        },
        [{ status: 'aborted', usageSource: 'estimated' }],
      ));

    test('aborted by its controller or by the caller’s signal is one aborted call', async () => {
      const aborting =
        (abort: (stream: AsyncIterable<unknown>, own: AbortController) => void) => async (client: Client) => {
          const own = new AbortController();
          const stream = await h.stream(client, { signal: own.signal });
          const seen: unknown[] = [];
          const error = await caught(async () => {
            for await (const event of stream) {
              seen.push(event);
              if (isText(event)) abort(stream, own);
            }
          });
          return { seen, error };
        };
      await expectSame(h.endless, aborting(h.abort), [{ status: 'aborted', usageSource: 'estimated' }]);
      h.forget();
      await expectSame(
        h.endless,
        aborting((_stream, own) => own.abort()),
        [{ status: 'aborted', usageSource: 'estimated' }],
      );
    });

    test('aborted before its first chunk is one aborted call', () =>
      expectSame(
        (_request, reply) => {
          reply.writeHead(200, h.streamHeaders).flushHeaders();
        },
        async (client) => {
          const own = new AbortController();
          if (provider.can.streamsFromFirstChunk === true) setTimeout(() => own.abort(), 50);
          return caught(async () => {
            const stream = await h.stream(client, { signal: own.signal });
            setTimeout(() => h.abort(stream, own), 20);
            return all(stream);
          });
        },
        [{ status: 'aborted', usageSource: 'estimated' }],
      ));

    test('aborted before its headers is one aborted call', () =>
      expectSame(
        () => undefined,
        async (client) => {
          const own = new AbortController();
          setTimeout(() => own.abort(), 50);
          return caught(() => create(client, streamParams, { signal: own.signal }));
        },
        [{ status: 'aborted' }],
      ));

    if (provider.can.aborted === 'sent') {
      test('aborted before it was asked for is a call like any other, as its SDK makes it', () =>
        expectSame(streamed, async (client) => all(await h.stream(client, { signal: AbortSignal.abort() })), [
          h.complete,
        ]));
    } else {
      test('aborted before it was asked for is one call that consumed nothing', () =>
        expectSame(
          streamed,
          (client) => caught(() => create(client, streamParams, { signal: AbortSignal.abort() })),
          provider.can.aborted === 'unseen'
            ? []
            : [{ status: 'aborted', usageSource: 'none', consumedNothing: true }],
        ));
    }

    test('that nobody awaits is one aborted call once it is garbage', () =>
      expectSame(
        streamed,
        async (client) => {
          void create(client, streamParams);
          expect(await within(() => h.server.requests.length === 1)).toBe(true);
          await collect(h.isUnheard);
        },
        [{ status: 'aborted', usageSource: 'estimated' }],
      ));

    test('that nobody reads is one aborted call once it is garbage', () =>
      expectSame(
        streamed,
        async (client) => {
          await create(client, streamParams);
          await collect(h.isUnheard);
        },
        [{ status: 'aborted', usageSource: 'estimated' }],
      ));

    if (provider.can.leaksReader === true) return;
    test('that nobody reads on is one aborted call once it is garbage', () =>
      expectSame(
        h.endless,
        async (client) => {
          await (async () => {
            const stream = await h.stream(client);
            await stream[Symbol.asyncIterator]().next();
          })();
          await collect(h.isUnheard);
        },
        [{ status: 'aborted', usageSource: 'estimated' }],
      ));
  });
}
