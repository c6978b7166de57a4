/**
 * `node --import costspan/register app.js`: the zero-code start. Loader hooks, all instrumentations, a ledger
 * at `COSTSPAN_DB` (default `./costs.db`) and a NodeSDK driven by the usual `OTEL_*` variables.
 *
 * Where a tracer provider is already registered it steps aside and says so through `diag`: an application that
 * sets OpenTelemetry up itself adds `CostSpanProcessor` there.
 */
import { createRequire } from 'node:module';
import { diag, DiagConsoleLogger, DiagLogLevel } from '@opentelemetry/api';
import type { NodeSDK as NodeSDKClass } from '@opentelemetry/sdk-node';
import { CostSpanProcessor } from './cost-span-processor.ts';
import { SqliteLedger } from './ledger/sqlite.ts';
import { expectAlone } from './metering/set-up-check.ts';
import { AnthropicInstrumentation } from './providers/anthropic/instrumentation.ts';
import { OpenAIInstrumentation } from './providers/openai/instrumentation.ts';

/** Where every copy of `@opentelemetry/api` 1.x keeps what was registered. */
const API = Symbol.for('opentelemetry.js.api.1');

// Whoever configured nothing must still see our warnings: on stderr, never stdout.
if (process.env['OTEL_LOG_LEVEL'] === undefined) diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);

if (isProviderRegistered()) {
  diag.warn(
    'costspan/register: a tracer provider is already registered, so this does nothing. ' +
      'Add CostSpanProcessor and the instrumentations to that set-up, or load costspan/register before it.',
  );
} else {
  start();
}

function start(): void {
  const path = process.env['COSTSPAN_DB'] ?? './costs.db';
  const processor = new CostSpanProcessor({ sinks: [new SqliteLedger({ path })] });
  expectAlone(processor);
  const instrumentations = [new OpenAIInstrumentation(), new AnthropicInstrumentation()];
  const NodeSDK = loadNodeSdk();
  // A NodeSDK that is given span processors ignores the exporters the environment names, so it is given ours
  // only when the environment names none; the processor hears calls in either case.
  const local = { spanProcessors: [processor], metricReaders: [], logRecordProcessors: [] };
  const sdk = NodeSDK && new NodeSDK({ instrumentations, ...(namesExporter() ? {} : local) });
  sdk?.start();
  stopWithProcess(async () => {
    await Promise.allSettled([processor.shutdown(), Promise.resolve(sdk?.shutdown())]);
  });
}

/** Loaded with `require`, so that nothing here is asynchronous and `node --require costspan/register` works too. */
function loadNodeSdk(): typeof NodeSDKClass | undefined {
  try {
    return (createRequire(import.meta.url)('@opentelemetry/sdk-node') as { NodeSDK: typeof NodeSDKClass })
      .NodeSDK;
  } catch (error) {
    diag.warn(
      'costspan/register: costs are recorded, but there are no traces: npm install @opentelemetry/sdk-node',
      error,
    );
    return undefined;
  }
}

/** Without a word about export there is most likely no collector: traces stay here, and costs in the ledger. */
function namesExporter(): boolean {
  return Object.keys(process.env).some((name) =>
    /^OTEL_(?:TRACES|METRICS|LOGS)_EXPORTER$|^OTEL_EXPORTER_/.test(name),
  );
}

/** Flushes when the process runs out of work or is told to stop; a signal then takes its usual course. */
function stopWithProcess(stop: () => Promise<void>): void {
  process.once('beforeExit', () => void stop());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void stop().finally(() => {
        // An application with a handler of its own decides when to exit.
        if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
      });
    });
  }
}

function isProviderRegistered(): boolean {
  const api = (globalThis as { [API]?: { trace?: unknown } })[API];
  return api?.trace !== undefined;
}
