import { describe, expect, test } from 'vitest';
import { collect, within } from '../../support/waiting.ts';
import { json } from '../../support/provider-server.ts';
import type { Harness } from './harness.ts';

/** What the application sees of a whole reply. */
export function wholeReply(h: Harness): void {
  const { provider, complete, params, create, whole, expectSame } = h;
  describe('a reply', () => {
    test('awaited is one call, and the promise is the SDK’s own', () =>
      expectSame(
        whole,
        async (client) => {
          const promise = create(client, params);
          return { class: promise.constructor, data: await promise };
        },
        [complete],
      ));

    test('awaited twice is one call and one object', () =>
      expectSame(
        whole,
        async (client) => {
          const promise = create(client, params);
          const [first, second] = [await promise, await promise];
          expect(first).toBe(second);
          return first;
        },
        [complete],
      ));

    test('that nobody awaits is sent and recorded', () =>
      expectSame(
        whole,
        async (client) => {
          void create(client, params);
          expect(await within(() => h.server.requests.length === 1)).toBe(true);
          await collect(h.isUnheard);
        },
        [provider.can.readsWhenAwaited === true ? { usageSource: 'estimated' } : complete],
      ));

    const { promise, withOptions, subclass, post, path = '' } = provider.can;
    if (promise !== undefined) {
      test('comes with its response', () =>
        expectSame(
          whole,
          async (client) => {
            const { data, response } = await promise(client, params).withResponse();
            return { data, status: response.status, class: response.constructor };
          },
          [complete],
        ));

      test('whose response was looked at first can still be parsed', () =>
        expectSame(
          whole,
          async (client) => {
            const reply = promise(client, params);
            const { status } = await reply.asResponse();
            return { status, data: await reply };
          },
          [complete],
        ));
    }

    if (withOptions !== undefined)
      test('to a client with other options is the same call', () =>
        expectSame(whole, (client) => create(withOptions(client), params), [complete]));

    if (subclass !== undefined)
      test('to a subclass is the same call', () =>
        expectSame(whole, () => create(subclass({ url: h.server.url, maxRetries: 0 }), params), [complete]));

    if (post !== undefined) {
      test('to post() is the same call', () =>
        expectSame(whole, (client) => post(client, path, params), [complete]));

      test('to an endpoint nobody listed is recorded when it carries usage, and only then', async () => {
        await expectSame(whole, (client) => post(client, '/brand/new', params), [
          { operation: 'unknown', usageSource: 'provider' },
        ]);
        h.forget();
        await expectSame(json({ ok: true }), (client) => post(client, '/brand/new', params), []);
      });
    }
  });
}
