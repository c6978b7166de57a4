// The README's set-up; what was recorded is printed when the program ends.
import { writeSync } from 'node:fs';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { CostSpanProcessor, OpenAIInstrumentation } from 'costspan';

const events = [];
const warnings = [];
const warn = (...words) => warnings.push(words.join(' '));
diag.setLogger({ error: warn, warn, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);
const processor = new CostSpanProcessor({
  defaultCustomer: 'acme',
  sinks: [{ write: (written) => void events.push(...written) }],
});
new NodeSDK({ instrumentations: [new OpenAIInstrumentation()], spanProcessors: [processor] }).start();
process.once('beforeExit', async () => {
  await processor.forceFlush();
  writeSync(1, JSON.stringify({ events, warnings }) + '\n');
});
