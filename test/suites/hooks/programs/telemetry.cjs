// The README's set-up in CommonJS; what was recorded is printed when the program ends.
const { writeSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');
const { diag, DiagLogLevel } = require('@opentelemetry/api');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { CostSpanProcessor, OpenAIInstrumentation } = require('costspan');

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
  // Preloads also run in Node's hooks worker, where nothing is called.
  if (!isMainThread) return;
  await processor.forceFlush();
  writeSync(1, JSON.stringify({ events, warnings }) + '\n');
});
