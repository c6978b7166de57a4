// The mistake that is made most: the SDK is loaded before the set-up.
import OpenAI from 'openai';
import './telemetry-net.mjs';
import { withCustomer } from 'costspan';

const messages = [{ role: 'user', content: 'Hello' }];
await withCustomer('acme', async () => {
  const client = new OpenAI();
  await client.chat.completions.create({ model: 'gpt-4o', messages });
  for await (const _ of await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true }));
});
