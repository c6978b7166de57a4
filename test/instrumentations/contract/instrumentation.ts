import { describe, expect, test } from 'vitest';
import { all } from '../../support/waiting.ts';
import { json } from '../../support/provider-server.ts';
import type { Harness } from './harness.ts';

/** What the instrumentation leaves as it was. */
export function switchedInstrumentation(h: Harness): void {
  const { provider, complete, params, connect, create, whole, streamed, expectSame } = h;
  const { instrumentation } = provider;
  describe('the instrumentation', () => {
    test('sees a client made before it was enabled, and leaves the SDK as it was when disabled', async () => {
      instrumentation.disable();
      const { owner, names } = provider.patched;
      if (provider.can.keepsFetch === true) instrumentation.enable();
      const client = connect();
      instrumentation.enable();
      h.server.answer(whole);
      await create(client, params);
      await h.heard.count(1);
      instrumentation.disable();
      const after = Object.getOwnPropertyDescriptors(owner);
      for (const name of names) expect(after[name]).toEqual(h.pristine[name]);
      expect(Reflect.ownKeys(after)).toEqual(Reflect.ownKeys(h.pristine));
      await create(client, params);
      await h.heard.count(1);
      instrumentation.enable();
      await create(client, params);
      await h.heard.count(2);
    });

    test('finishes the calls that were under way when it was disabled', async () => {
      instrumentation.enable();
      h.server.answer(streamed);
      const stream = await h.stream(connect());
      instrumentation.disable();
      await all(stream);
      instrumentation.enable();
      await h.heard.count(1);
      expect(h.heard.calls[0]).toMatchObject(complete);
    });

    const { free } = provider;
    if (free !== undefined)
      test('records nothing for free calls', () => expectSame(json(free.page), free.call, []));
  });
}
