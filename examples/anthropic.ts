/**
 * Anthropic calls, plain and streamed, billed to customers. Build once (`npm run build`), then:
 *
 *   node --import ./examples/loopback/start.ts --import ./examples/telemetry.ts examples/anthropic.ts    no key needed
 *   ANTHROPIC_API_KEY=sk-… node --import ./examples/telemetry.ts examples/anthropic.ts                   the real one
 *   npx costspan report --db costs.db --by customer,model
 */
import Anthropic from '@anthropic-ai/sdk';
import { withCustomer } from 'costspan';

const anthropic = new Anthropic();

await withCustomer('acme_corp', { feature: 'summary' }, async () => {
  const message = await anthropic.messages.create({
    model: 'claude-haiku-4-5',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Three tickets are open. Summarise them in one sentence.' }],
  });
  console.log(message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''));
});

await withCustomer('globex', { feature: 'letter' }, async () => {
  const stream = anthropic.messages.stream({
    model: 'claude-sonnet-5',
    max_tokens: 500,
    messages: [{ role: 'user', content: 'Draft a letter about the delay, in two sentences.' }],
  });
  stream.on('text', (text) => process.stdout.write(text));
  await stream.finalMessage();
  console.log();
});
