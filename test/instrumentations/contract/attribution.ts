import { describe, expect, test } from 'vitest';
import { all } from '../../support/waiting.ts';
import { withCustomer } from '../../../src/attribution/scope.ts';
import type { SeenRequest } from '../../support/provider-server.ts';
import type { Harness } from './harness.ts';

/** Whose call it is. */
export function attributedCall(h: Harness): void {
  const { provider, complete, params, streamParams, connect, create, whole, streamed, expectSame } = h;
  const { instrumentation } = provider;
  describe('a stream', () => {
    test('is billed to whom it was made for, whoever reads it', () =>
      expectSame(
        streamed,
        async (client) => {
          const stream = await h.stream(client);
          return withCustomer('another', () => all(stream));
        },
        [complete],
      ));
  });

  describe('the instrumentation', () => {
    test('keeps a hundred interleaved customers apart', async () => {
      instrumentation.enable();
      h.server.answer((request, reply) => (asksForStream(request) ? streamed : whole)(request, reply));
      const client = connect();
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          withCustomer(`customer_${index}`, async () => {
            const isWhole = index % 2 === 0;
            const reply = await create(client, isWhole ? params : streamParams);
            if (!isWhole) await all(reply as AsyncIterable<unknown>);
          }),
        ),
      );
      await h.heard.count(100);
      expect(new Set(h.heard.calls.map((call) => call.attribution.customer)).size).toBe(100);
    });
  });
}

/** Where the body does not say so, the path does. */
function asksForStream({ body, path }: SeenRequest): boolean {
  return body.includes('"stream":true') || /stream/i.test(path);
}
