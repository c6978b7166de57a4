const { ChatAnthropic } = require('@langchain/anthropic');

const model = new ChatAnthropic({
  model: 'claude-sonnet-4-6',
  apiKey: 'key',
  anthropicApiUrl: process.argv[2],
});
void model.invoke('Hi');
