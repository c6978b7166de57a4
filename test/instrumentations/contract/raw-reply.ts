import { describe, test } from 'vitest';
import { collect, sleep, within } from '../../support/waiting.ts';
import type { Harness } from './harness.ts';

/** What the application sees of a reply that it reads or passes on by itself. */
export function rawReply(h: Harness): void {
  const { provider, complete, params, streamParams, whole, streamed, expectSame } = h;
  const { raw } = provider.can;
  if (raw === undefined) return;
  describe('a reply', () => {
    for (const read of ['json', 'text', 'arrayBuffer'] as const) {
      test(`that the application reads itself with ${read}() is recorded with its usage`, () =>
        expectSame(
          whole,
          async (client) => {
            const response = await raw(client, params);
            const before = response.bodyUsed;
            const data: unknown = await response[read]();
            return { class: response.constructor, before, data, after: response.bodyUsed };
          },
          [complete],
        ));
    }

    test('whose response is cloned can be read twice', () =>
      expectSame(
        whole,
        async (client) => {
          const response = await raw(client, params);
          const copy = response.clone();
          return [await copy.json(), await response.json()];
        },
        [complete],
      ));

    test('whose body nobody reads is one call of unknown consumption', () =>
      expectSame(
        whole,
        async (client) => {
          const { status } = await raw(client, params);
          await collect(h.isUnheard);
          return status;
        },
        [{ usageSource: 'estimated' }],
      ));
  });

  describe('a stream', () => {
    test('that the application reads raw is recorded, and its bytes are the provider’s', () =>
      expectSame(
        streamed,
        async (client) => {
          const response = await raw(client, streamParams);
          return { type: response.headers.get('content-type'), text: await response.text() };
        },
        [{ status: 'ok' }],
      ));

    test('that the application passes on is recorded while it flows', () =>
      expectSame(
        streamed,
        async (client) => {
          const response = await raw(client, streamParams);
          const passed = new Response(response.body as ReadableStream, { status: response.status });
          return passed.text();
        },
        [{ status: 'ok' }],
      ));

    test('that the application passes on and leaves is one aborted call', () =>
      expectSame(
        h.endless,
        async (client) => {
          const response = await raw(client, streamParams);
          for await (const _chunk of response.body as unknown as AsyncIterable<Uint8Array>) break;
          return within(() => h.server.requests[0]?.closed === true);
        },
        [{ status: 'aborted', usageSource: 'estimated' }],
      ));

    test('that the application passes on is never read faster than it reads', () =>
      expectSame(
        h.flood,
        async (client) => {
          const response = await raw(client, streamParams);
          const iterator = (response.body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
          await iterator.next();
          await sleep(150);
          const drained = h.server.requests[0]?.drained;
          await iterator.return?.();
          return { drained };
        },
        [{ status: 'aborted' }],
      ));
  });
}
