import OpenAI from 'openai';
import { withCustomer } from 'costspan';

const messages = [{ role: 'user', content: 'Hello' }];
await withCustomer('acme', async () => {
  const client = new OpenAI();
  await client.chat.completions.create({ model: 'gpt-4o', messages });
  for await (const _ of await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true }));
});
// Agents keep a process alive.
setTimeout(() => process.exit(), 300);
