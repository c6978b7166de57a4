import type { App } from '../run.ts';

export const run: App['run'] = async (url) => {
  const { OpenAI } = await import('@llamaindex/openai');
  const llm = new OpenAI({ model: 'gpt-4o', apiKey: 'k', baseURL: `${url}/v1` });
  const messages = [{ role: 'user' as const, content: 'hi' }];
  await llm.chat({ messages });
  for await (const chunk of await llm.chat({ messages, stream: true })) void chunk;
};
