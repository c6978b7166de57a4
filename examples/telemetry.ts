// The whole set-up: node --import ./examples/telemetry.ts app.js
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { AnthropicInstrumentation, CostSpanProcessor, OpenAIInstrumentation } from 'costspan';
import { SqliteLedger } from 'costspan/sqlite';

new NodeSDK({
  instrumentations: [new OpenAIInstrumentation(), new AnthropicInstrumentation()],
  spanProcessors: [
    new CostSpanProcessor({ sinks: [new SqliteLedger({ path: 'costs.db' })] }),
    new BatchSpanProcessor({ exporter: new OTLPTraceExporter() }),
  ],
}).start();
