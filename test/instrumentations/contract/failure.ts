import { describe, test } from 'vitest';
import { unhandled } from '../../support/waiting.ts';
import { caught } from '../../support/caught.ts';
import { json, ProviderServer } from '../../support/provider-server.ts';
import type { Harness } from './harness.ts';

/** What the application sees of a call that fails. */
export function failedCall(h: Harness): void {
  const { provider, complete, params, connect, create, whole, expectSame } = h;
  describe('a failure', () => {
    test('refused is one failed call that consumed nothing, and the error is the SDK’s', () =>
      expectSame(
        json({ error: { message: 'no', type: 'invalid_request_error' } }, 400),
        (client) => caught(() => create(client, params)),
        [{ status: 'error', errorType: '400', usageSource: 'none', consumedNothing: true, retries: 0 }],
      ));

    const { retries, timeout, hidesCauses } = provider.can;
    const unsent = { usageSource: 'none', consumedNothing: true };
    const maybeSent = { usageSource: 'estimated', consumedNothing: false };
    test(`to connect is one failed call that ${hidesCauses ? 'may have been billed' : 'consumed nothing'}`, async () => {
      const nobody = await ProviderServer.start();
      const { url } = nobody;
      await nobody.stop();
      await expectSame(whole, () => caught(() => create(connect({ url }), params)), [
        { status: 'error', ...(hidesCauses ? maybeSent : unsent) },
      ]);
    });

    test('to answer at all is one failed call, which may have been billed', () =>
      expectSame(
        (_request, reply) => void reply.destroy(),
        (client) => caught(() => create(client, params)),
        [{ status: 'error', usageSource: 'estimated' }],
      ));

    test('to send a sound body is one partial call', () =>
      expectSame(
        (_request, reply) =>
          void reply.writeHead(200, { 'content-type': 'application/json' }).end('{"broken'),
        (client) => caught(() => create(client, params)),
        [{ status: 'partial' }],
      ));

    test('that nobody awaits rejects unhandled once, as without us', () =>
      expectSame(
        json({ error: { message: 'no' } }, 400),
        (client) => unhandled(() => void create(client, params)),
        [{ status: 'error' }],
      ));

    test('caught later rejects no more often than without us', () =>
      expectSame(
        json({ error: { message: 'no' } }, 400),
        (client) =>
          unhandled(async () => {
            const promise = create(client, params);
            promise.catch(() => undefined);
            await Promise.allSettled([
              promise,
              promise.then(() => undefined),
              promise.finally(() => undefined),
            ]);
          }),
        [{ status: 'error' }],
      ));

    if (retries !== undefined) {
      test('refused again and again is one failed call with its retries', () =>
        expectSame(
          json({ error: { message: 'slow down' } }, 429, { 'retry-after-ms': '1' }),
          (client) => caught(() => create(client, params)),
          [{ status: 'error', errorType: '429', usageSource: 'none', retries: 2 }],
          { maxRetries: 2 },
        ));

      test('that a retry mends is one call', () =>
        expectSame(
          (request, reply) => {
            const busy = json({ error: { message: 'busy' } }, 503, { 'retry-after-ms': '1' });
            return (h.server.requests.length === 1 ? busy : whole)(request, reply);
          },
          (client) => create(client, params),
          [{ ...complete, retries: 1 }],
          { maxRetries: 2 },
        ));
    }

    if (timeout !== undefined) {
      test('to answer in time is one failed call, which may have been billed', () =>
        expectSame(
          () => undefined,
          (client) => caught(() => create(client, params)),
          [{ status: 'error', usageSource: 'estimated' }],
          { timeout: 60 },
        ));
    }
  });
}
