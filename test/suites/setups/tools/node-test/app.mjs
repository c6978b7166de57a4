import { test } from 'node:test';
import { withCustomer } from 'costspan';
import OpenAI from 'openai';

test('the application answers', async () => {
  const messages = [{ role: 'user', content: 'Hello' }];
  await withCustomer('acme', async () => {
    const client = new OpenAI();
    await client.chat.completions.create({ model: 'gpt-4o', messages });
    for await (const _ of await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true }));
  });
});
