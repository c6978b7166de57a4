import { diag, DiagLogLevel, trace } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  InMemorySpanExporter,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CostSpanProcessor } from '../../src/index.ts';

const warn = vi.fn();

beforeEach(() => {
  const quiet = (): void => undefined;
  diag.setLogger({ error: quiet, warn, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.ALL);
  warn.mockClear();
  vi.stubEnv('OTEL_TRACES_EXPORTER', undefined);
});
afterEach(() => {
  diag.disable();
  trace.disable();
  vi.unstubAllEnvs();
});

async function twoSpans(...others: SpanProcessor[]): Promise<void> {
  const provider = new TracerProvider({ spanProcessors: [new CostSpanProcessor(), ...others] });
  provider.getTracer('app').startSpan('one').end();
  provider.getTracer('app').startSpan('two').end();
  await provider.shutdown();
}

test('says once that nothing exports spans when the cost processor took the exporter’s place', async () => {
  await twoSpans();
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.calls[0]?.[0]).toContain('spanProcessors replaces traceExporter');
});

test('is silent when another processor exports', async () => {
  await twoSpans(new BatchSpanProcessor({ exporter: new InMemorySpanExporter() }));
  expect(warn).not.toHaveBeenCalled();
});

test('is silent when the environment says that nothing is to be exported', async () => {
  vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
  await twoSpans();
  expect(warn).not.toHaveBeenCalled();
});
