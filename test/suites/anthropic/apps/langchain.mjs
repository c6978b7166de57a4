import { ChatAnthropic } from '@langchain/anthropic';

const model = new ChatAnthropic({
  model: 'claude-sonnet-4-6',
  apiKey: 'key',
  anthropicApiUrl: process.argv[2],
});
await model.invoke('Hi');
