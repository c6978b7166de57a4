/**
 * A sink of your own: any object with a `write` method. Here it keeps a running total per customer; it could as well
 * post to a queue, a billing system or a chat. Build once (`npm run build`), then:
 *
 *   node --import ./examples/loopback/start.ts examples/custom-sink.ts
 */
import { NodeSDK } from '@opentelemetry/sdk-node';
import { type CostEventSink, CostSpanProcessor, OpenAIInstrumentation, withCustomer } from 'costspan';

const totals = new Map<string, number>();

const totalsSink: CostEventSink = {
  name: 'totals',
  // May be async. What throws or rejects is offered again, so a sink that counts looks at `event.id`.
  write(events) {
    for (const { id, customer, cost, responseModel } of events) {
      console.log(`${id}  ${customer ?? 'nobody'}  ${responseModel ?? ''}  ${cost.amount ?? 'unpriced'}`);
      const name = customer ?? 'nobody';
      // Exact money is text; a float is good enough for a display like this one.
      totals.set(name, (totals.get(name) ?? 0) + Number(cost.amount ?? 0));
    }
  },
};

const sdk = new NodeSDK({
  instrumentations: [new OpenAIInstrumentation()],
  spanProcessors: [new CostSpanProcessor({ sinks: [totalsSink] })],
});
sdk.start();

// Imported after the set-up, which `--import ./telemetry.js` does for a real application.
const { default: OpenAI } = await import('openai');
const openai = new OpenAI();

for (const customer of ['acme_corp', 'globex', 'acme_corp']) {
  await withCustomer(customer, () =>
    openai.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }),
  );
}

await sdk.shutdown();
console.log(Object.fromEntries(totals));
