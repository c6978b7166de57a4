import { trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { patchLive } from '../../../src/instrumentations/google-genai/patch-live.ts';
import { HeardCalls } from '../../support/heard-calls.ts';

interface Callbacks {
  onmessage(event: { readonly data: unknown }): void;
  onclose(event: unknown): void;
}

/** As the SDK's own class, on a socket that the test moves. */
class Live {
  callbacks: Callbacks | undefined;
  readonly webSocketFactory = {
    create: (_url: string, _headers: unknown, callbacks: Callbacks) => {
      this.callbacks = callbacks;
      return { send: () => undefined };
    },
  };

  async connect(params: unknown): Promise<unknown> {
    const { callbacks } = params as { callbacks: Callbacks };
    return this.webSocketFactory.create('wss://generativelanguage.googleapis.com/ws/live', {}, callbacks);
  }
}
patchLive(Live.prototype, { tracer: () => trace.getTracer('test'), providers: () => ({}) });

const blob = (message: object): Blob => new Blob([JSON.stringify(message)]);

test('a turn whose messages come as blobs is one call with its counts, also when the socket closes right behind them', async () => {
  using heard = new HeardCalls();
  const live = new Live();
  await live.connect({
    model: 'gemini-live-2.5-flash-preview',
    callbacks: { onmessage: () => undefined, onclose: () => undefined },
  });
  const { callbacks } = live;
  const answer = blob({ serverContent: { modelTurn: { parts: [{ text: 'Hi' }] } } });
  callbacks?.onmessage({ data: answer });
  // The answer is under way.
  await new Promise((resolve) => setTimeout(resolve, 20));
  callbacks?.onmessage({
    data: blob({
      serverContent: { turnComplete: true },
      usageMetadata: { promptTokenCount: 40, responseTokenCount: 60, totalTokenCount: 100 },
    }),
  });
  callbacks?.onclose({});
  await heard.count(1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(heard.calls).toMatchObject([
    { status: 'ok', reading: { usage: { inputTokens: 40, outputTokens: 60 } } },
  ]);
});
