/**
 * One application with one set-up: `node run.ts <framework> <ours|net|none> <beside>`. Prints what became of its calls.
 * `ours`: all instrumentations and the net beneath them; `net`: the net alone.
 */
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CBaggagePropagator } from '@opentelemetry/core';
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  AnthropicInstrumentation,
  CostSpanProcessor,
  GoogleGenAIInstrumentation,
  MemorySink,
  OpenAIInstrumentation,
  ProviderFetchInstrumentation,
  withCustomer,
} from '../../../src/index.ts';
import { besides } from './beside.ts';
import { Provider } from './provider.ts';

export interface App {
  /** What is run, once all is set up; `callbacks` are what a peer wants a framework to be given. */
  readonly run: (url: string, callbacks: readonly unknown[], sink: MemorySink) => Promise<void>;
}

const [framework = '', ours = '', beside = 'none'] = process.argv.slice(2);
const provider = await Provider.start();
const host = new URL(provider.url).host;
const sink = new MemorySink();
const processor = new CostSpanProcessor({ sinks: [sink], delivery: 'sync' });
let toolSpans = 0;
const tools = {
  onStart: () => undefined,
  onEnd: ({ name, attributes }: ReadableSpan) => {
    if (attributes['mcp.method.name'] !== undefined || /\bmcp\b|tools\/call|\.tool$/.test(name)) toolSpans++;
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
const tracerProvider = new BasicTracerProvider({ spanProcessors: [processor as never, tools] });
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CBaggagePropagator());
trace.setGlobalTracerProvider(tracerProvider);

if (ours === 'ours') {
  // Constructing one installs its hooks.
  void [
    new OpenAIInstrumentation({ providers: { [host]: 'openai' } }),
    new AnthropicInstrumentation({ providers: { [host]: 'anthropic' } }),
    new GoogleGenAIInstrumentation({ providers: { [host]: 'gcp.gemini' } }),
  ];
}
// One host speaks all wires here; the path tells which.
if (ours !== 'none') void new ProviderFetchInstrumentation({ providers: { [host]: 'openai' } });
const callbacks = await besides[beside]?.(tracerProvider, metrics.getMeterProvider());
const { run } = (await import(`./apps/${framework}.ts`)) as App;
await withCustomer('acme', async () => await run(provider.url, callbacks ?? [], sink));
// Peers end some of their spans in the background.
await new Promise((resolve) => {
  setTimeout(resolve, 300);
});
await processor.forceFlush();
console.log(
  `RESULT ${JSON.stringify({
    billed: provider.billed.map(({ usage }) => [usage.input_tokens, usage.output_tokens ?? null]),
    // As a ledger does: an id once, whoever says it.
    events: [...new Map(sink.events.map((event) => [event.id, event])).values()].map(
      ({ usage, usageSource, customer }) => ({
        usage: [usage.inputTokens, usage.outputTokens ?? null],
        usageSource,
        customer,
      }),
    ),
    toolSpans,
    suppressed: processor.health().suppressed,
  })}`,
);
process.exit(0);
