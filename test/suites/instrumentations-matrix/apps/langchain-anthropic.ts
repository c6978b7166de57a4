import type { App } from '../run.ts';

export const run: App['run'] = async (url, callbacks) => {
  const { ChatAnthropic } = await import('@langchain/anthropic');
  const model = new ChatAnthropic({
    model: 'claude-sonnet-4-6',
    apiKey: 'k',
    anthropicApiUrl: url,
    streamUsage: true,
  });
  const options = { callbacks: [...callbacks] as never };
  await model.invoke('hi', options);
  for await (const chunk of await model.stream('hi', options)) void chunk;
  await Promise.all(Array.from({ length: 4 }, async () => await model.invoke('hi', options)));
};
