import type { App } from '../run.ts';

export const run: App['run'] = async (url, callbacks) => {
  const { ChatOpenAI } = await import('@langchain/openai');
  const { tool } = await import('@langchain/core/tools');
  const { HumanMessage, ToolMessage } = await import('@langchain/core/messages');
  const model = new ChatOpenAI({
    model: 'gpt-4o',
    apiKey: 'k',
    configuration: { baseURL: `${url}/v1` },
    streamUsage: true,
  });
  const options = { callbacks: [...callbacks] as never };
  await model.invoke('hi', options);
  for await (const chunk of await model.stream('hi', options)) void chunk;
  const weather = tool(async () => 'sunny', {
    name: 'weather',
    description: 'w',
    schema: { type: 'object', properties: {} } as never,
  });
  const first = await model.bindTools([weather]).invoke('hi', options);
  await model
    .bindTools([weather])
    .invoke(
      [
        new HumanMessage('hi'),
        first,
        new ToolMessage({ content: 'sunny', tool_call_id: first.tool_calls?.[0]?.id ?? '' }),
      ],
      options,
    );
  // Together, so that time alone does not tell them apart.
  await Promise.all(Array.from({ length: 8 }, async () => await model.invoke('hi', options)));
};
