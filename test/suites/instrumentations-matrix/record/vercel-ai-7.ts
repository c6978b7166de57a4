import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { OpenTelemetry } from '@ai-sdk/otel';
import { embed, generateText, registerTelemetry, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { Recorder } from './recorder.ts';

const recorder = await Recorder.start();
registerTelemetry(new OpenTelemetry());
const openai = createOpenAI({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' });
const anthropic = createAnthropic({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' });
const weather = tool({ inputSchema: z.object({}), execute: async () => 'sunny' });
const telemetry = { functionId: 'greet', metadata: { customer: 'acme', session: 's-1' } };

await generateText({
  model: openai.chat('gpt-4o'),
  prompt: 'hi',
  tools: { weather },
  stopWhen: stepCountIs(3),
  experimental_telemetry: telemetry,
} as never);
await generateText({ model: openai('gpt-4o'), prompt: 'hi', experimental_telemetry: telemetry } as never);
await generateText({
  model: anthropic('claude-sonnet-4-6'),
  prompt: 'hi',
  experimental_telemetry: telemetry,
} as never);
await streamText({
  model: anthropic('claude-sonnet-4-6'),
  prompt: 'hi',
  experimental_telemetry: telemetry,
} as never).text;
await embed({
  model: openai.embedding('text-embedding-3-small'),
  value: 'hi',
  experimental_telemetry: telemetry,
} as never);
await recorder.write('vercel-ai-7', ['ai', '@ai-sdk/otel', '@ai-sdk/openai', '@ai-sdk/anthropic']);
