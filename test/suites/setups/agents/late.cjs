const OpenAI = require('openai');
const { withCustomer } = require('costspan');

// Loaded on the way, long after the SDK.
void import('./telemetry-net.mjs').then(() =>
  withCustomer('acme', async () => {
    const client = new OpenAI();
    const messages = [{ role: 'user', content: 'Hello' }];
    await client.chat.completions.create({ model: 'gpt-4o', messages });
    for await (const _ of await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true }));
  }),
);
