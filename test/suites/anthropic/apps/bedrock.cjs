const { AnthropicBedrock } = require('@anthropic-ai/bedrock-sdk');

const keys = { awsAccessKey: 'AKIA', awsSecretKey: 'secret', awsRegion: 'us-east-1' };
const client = new AnthropicBedrock({ ...keys, baseURL: process.argv[2] });
const model = 'us.anthropic.claude-sonnet-4-6';
void client.messages
  .create({ model, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] })
  .then((reply) => reply.id);
