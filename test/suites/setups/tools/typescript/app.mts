import OpenAI from 'openai';
import { withCustomer } from 'costspan';

const messages = [{ role: 'user' as const, content: 'Hello' }];
await withCustomer('acme', async () => {
  const client = new OpenAI();
  await client.chat.completions.create({ model: 'gpt-4o', messages });
  const stream = await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true });
  for await (const _ of stream);
});
