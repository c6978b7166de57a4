import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ apiKey: 'key', baseURL: process.argv[2] });
await client.messages.create({
  model: 'claude-sonnet-4-6',
  max_tokens: 9,
  messages: [{ role: 'user', content: 'Hi' }],
});
