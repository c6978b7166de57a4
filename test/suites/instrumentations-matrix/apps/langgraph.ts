import type { App } from '../run.ts';

export const run: App['run'] = async (url, callbacks) => {
  const { ChatOpenAI } = await import('@langchain/openai');
  const { createReactAgent } = await import('@langchain/langgraph/prebuilt');
  const { tool } = await import('@langchain/core/tools');
  const llm = new ChatOpenAI({ model: 'gpt-4o', apiKey: 'k', configuration: { baseURL: `${url}/v1` } });
  const weather = tool(async () => 'sunny', {
    name: 'weather',
    description: 'w',
    schema: { type: 'object', properties: {} } as never,
  });
  const agent = createReactAgent({ llm, tools: [weather] });
  const messages = [{ role: 'user', content: 'hi' }];
  await Promise.all(
    [1, 2].map(async () => await agent.invoke({ messages } as never, { callbacks: [...callbacks] as never })),
  );
};
