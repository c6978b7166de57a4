import type { App } from '../run.ts';

export const run: App['run'] = async (url) => {
  const {
    Agent,
    run: runAgent,
    setDefaultOpenAIClient,
    setOpenAIAPI,
    setTracingDisabled,
    tool,
  } = await import('@openai/agents');
  const { default: OpenAI } = await import('openai');
  const { z } = await import('zod');
  setTracingDisabled(true);
  setDefaultOpenAIClient(new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k' }) as never);
  const weather = tool({
    name: 'weather',
    description: 'w',
    parameters: z.object({}),
    execute: async () => 'sunny',
  });
  const agent = new Agent({ name: 'a', instructions: 'b', model: 'gpt-4o', tools: [weather] });
  setOpenAIAPI('responses');
  await runAgent(agent, 'hi');
  const streamed = await runAgent(agent, 'hi', { stream: true });
  for await (const event of streamed) void event;
  setOpenAIAPI('chat_completions');
  await runAgent(agent, 'hi');
};
