const { Anthropic } = require('@anthropic-ai/sdk');

const client = new Anthropic({ apiKey: 'key', baseURL: process.argv[2] });
void client.messages
  .create({
    model: 'claude-sonnet-4-6',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'Hi' }],
  })
  .then((reply) => reply.id);
