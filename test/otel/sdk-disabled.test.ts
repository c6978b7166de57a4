import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import OpenAI from 'openai';
import { OpenAIInstrumentation, recordUsage, startCostspan } from '../../src/index.ts';
import { callHub } from '../../src/calls/hub.ts';
import { forgetWarnings } from '../../src/base/warn-once.ts';

const warn = vi.fn<(message: string) => void>();

beforeEach(() => {
  vi.stubEnv('OTEL_SDK_DISABLED', 'true');
  forgetWarnings();
  const silent = (): void => undefined;
  diag.setLogger(
    { warn, error: warn, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN },
  );
});
afterEach(() => {
  vi.unstubAllEnvs();
  diag.disable();
  warn.mockClear();
});

test('OTEL_SDK_DISABLED=true: nothing is patched, heard or recorded, and that is said once', async () => {
  const { request } = OpenAI.prototype;
  const events: unknown[] = [];
  const { processor, shutdown } = startCostspan({
    sinks: [{ write: (batch) => void events.push(...batch) }],
    instrumentations: [new OpenAIInstrumentation()],
  });
  new OpenAIInstrumentation().manuallyInstrument(OpenAI);
  expect(OpenAI.prototype.request).toBe(request);
  expect(callHub().listeners).toEqual([]);
  recordUsage({ service: 'speech', quantities: { minutes: 1 } });
  await processor.forceFlush();
  await shutdown();
  expect(events).toEqual([]);
  const said = warn.mock.calls.filter(([message]) => message.includes('OTEL_SDK_DISABLED'));
  expect(said).toHaveLength(1);
});
