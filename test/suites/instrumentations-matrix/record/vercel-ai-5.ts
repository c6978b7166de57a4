import { createAnthropic } from 'ai-sdk-anthropic-2';
import { createOpenAI } from 'ai-sdk-openai-2';
import { embed, generateText, stepCountIs, streamText, tool } from 'ai-5';
import { z } from 'zod';
import { Recorder } from './recorder.ts';

const recorder = await Recorder.start();
const openai = createOpenAI({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' });
const anthropic = createAnthropic({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' });
const weather = tool({ inputSchema: z.object({}), execute: async () => 'sunny' });
const experimental_telemetry = {
  isEnabled: true,
  functionId: 'greet',
  metadata: { customer: 'acme', session: 's-1' },
};

await generateText({
  model: openai.chat('gpt-4o'),
  prompt: 'hi',
  tools: { weather },
  stopWhen: stepCountIs(3),
  experimental_telemetry,
});
await generateText({ model: openai('gpt-4o'), prompt: 'hi', experimental_telemetry });
await generateText({ model: anthropic('claude-sonnet-4-6'), prompt: 'hi', experimental_telemetry });
await streamText({ model: anthropic('claude-sonnet-4-6'), prompt: 'hi', experimental_telemetry }).text;
await embed({ model: openai.textEmbedding('text-embedding-3-small'), value: 'hi', experimental_telemetry });
await recorder.write('vercel-ai-5', ['ai-5', 'ai-sdk-openai-2', 'ai-sdk-anthropic-2']);
