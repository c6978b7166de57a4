/** An application's set-up for the stack of the test: a ledger in PostgreSQL, everything else to the collector. */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import {
  AnthropicInstrumentation,
  Budget,
  CostSpanProcessor,
  OpenAIInstrumentation,
  OTLPLogSink,
} from '../../../../src/index.ts';
import { PostgresLedger } from '../../../../src/postgres.ts';

/** Refuses everything, so that delivery has something to show. */
const away = {
  name: 'billing',
  write(): void {
    throw new Error('away');
  },
};

const processor = new CostSpanProcessor({
  sinks: [
    new PostgresLedger({ connectionString: process.env.STACK_DATABASE ?? '', spool: false }),
    new OTLPLogSink({ url: `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/logs` }),
    away,
  ],
  metrics: { customers: { top: 50 } },
  // Nearly used up by any round of traffic.
  budgets: [
    new Budget({ id: 'per-customer', each: ['customer'], limit: '0.01', period: 'month' }),
    new Budget({ id: 'everybody', limit: '100', period: 'month' }),
  ],
});

const sdk = new NodeSDK({
  instrumentations: [new OpenAIInstrumentation(), new AnthropicInstrumentation()],
  spanProcessors: [
    processor,
    new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: 200 }),
  ],
  metricReaders: [
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(),
      exportIntervalMillis: 2_000,
    }),
  ],
  logRecordProcessors: [],
});
sdk.start();
process.once('SIGTERM', () => void sdk.shutdown().then(() => process.exit(0)));
