import { describe, test } from 'vitest';
import { abandonedStream } from './abandoned-stream.ts';
import { attributedCall } from './attribution.ts';
import { failedCall } from './failure.ts';
import { Harness } from './harness.ts';
import { switchedInstrumentation } from './instrumentation.ts';
import type { ProviderUnderTest } from './provider-under-test.ts';
import { rawReply } from './raw-reply.ts';
import { wholeReply } from './reply.ts';
import { streamedReply } from './stream.ts';

/** Runs the promises of every provider against one SDK: each row first bare, then instrumented. */
export function testProvider(provider: ProviderUnderTest): void {
  describe.each([provider])('$name', () => {
    const harness = new Harness(provider);
    const { expectSame, params } = harness;
    for (const view of VIEWS) view(harness);
    test.each(Object.entries(provider.styles ?? {}))('%s', (_title, style) =>
      expectSame(style.answer, (client) => style.run(client, params), style.calls, style.options),
    );
  });
}

/** What an application sees, one view per file. */
const VIEWS: readonly ((harness: Harness) => void)[] = [
  wholeReply,
  streamedReply,
  abandonedStream,
  rawReply,
  failedCall,
  attributedCall,
  switchedInstrumentation,
];
