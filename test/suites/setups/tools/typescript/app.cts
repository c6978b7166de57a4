import { withCustomer } from 'costspan';
import OpenAI = require('openai');

const messages = [{ role: 'user' as const, content: 'Hello' }];
void withCustomer('acme', async () => {
  const client = new OpenAI.OpenAI();
  await client.chat.completions.create({ model: 'gpt-4o', messages });
  const stream = await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true });
  for await (const _ of stream);
});
