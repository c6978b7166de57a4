// The README's set-up on SDK 2.x, whose BatchSpanProcessor takes its exporter as first argument.
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { CostSpanProcessor, OpenAIInstrumentation } from 'costspan';
import { SqliteLedger } from 'costspan/sqlite';

const exported = [];
const exporter = {
  export(spans, done) {
    exported.push(...spans);
    done({ code: 0 });
  },
  shutdown: async () => undefined,
};

const sdk = new NodeSDK({
  instrumentations: [new OpenAIInstrumentation(), new UndiciInstrumentation()],
  spanProcessors: [
    new CostSpanProcessor({ sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB })] }),
    new BatchSpanProcessor(exporter),
  ],
});
sdk.start();

/** Ends the SDK as an application would, and says what was exported. */
export async function stop() {
  await sdk.shutdown();
  return exported.map(({ name, attributes, instrumentationScope }) => ({
    name,
    scope: instrumentationScope.name,
    cost: attributes['costspan.cost.amount'],
    customer: attributes['costspan.customer'],
  }));
}
