const OpenAI = require('openai');
const { withCustomer } = require('costspan');

const messages = [{ role: 'user', content: 'Hello' }];
void withCustomer('acme', async () => {
  const client = new OpenAI();
  await client.chat.completions.create({ model: 'gpt-4o', messages });
  for await (const _ of await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true }));
  setTimeout(() => process.exit(), 300);
});
