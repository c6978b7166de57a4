/**
 * OpenAI calls, plain and streamed, billed to customers. Build once (`npm run build`), then:
 *
 *   node --import ./examples/loopback/start.ts --import ./examples/telemetry.ts examples/openai.ts    no key needed
 *   OPENAI_API_KEY=sk-… node --import ./examples/telemetry.ts examples/openai.ts                      the real one
 *   npx costspan report --db costs.db --by customer,model
 */
import { withCustomer } from 'costspan';
import OpenAI from 'openai';

const openai = new OpenAI();

await withCustomer('acme_corp', { feature: 'triage' }, async () => {
  const reply = await openai.responses.create({ model: 'gpt-5-mini', input: 'Billing or shipping?' });
  console.log(reply.output_text);
});

await withCustomer('globex', { feature: 'chat' }, async () => {
  // The application does not ask for the usage of the stream; Costspan does, and hides the extra chunk again.
  const stream = await openai.chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'Where is my parcel?' }],
    stream: true,
  });
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  console.log();
});
