import type { App } from '../run.ts';

export const run: App['run'] = async (url) => {
  const { createOpenAI } = await import('@ai-sdk/openai');
  const { createAnthropic } = await import('@ai-sdk/anthropic');
  const { OpenTelemetry } = await import('@ai-sdk/otel');
  const { embed, generateText, registerTelemetry, stepCountIs, streamText, tool } = await import('ai');
  const { z } = await import('zod');
  registerTelemetry(new OpenTelemetry());
  const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: 'k' });
  const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey: 'k' });
  const weather = tool({ inputSchema: z.object({}), execute: async () => 'sunny' });
  await generateText({
    model: openai.chat('gpt-4o'),
    prompt: 'hi',
    tools: { weather },
    stopWhen: stepCountIs(3),
  });
  await streamText({ model: openai('gpt-4o'), prompt: 'hi' }).text;
  await generateText({ model: anthropic('claude-sonnet-4-6'), prompt: 'hi' });
  await embed({ model: openai.embedding('text-embedding-3-small'), value: 'hi' });
};
