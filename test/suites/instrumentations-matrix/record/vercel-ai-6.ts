import { createAnthropic } from 'ai-sdk-anthropic-3';
import { createOpenAI } from 'ai-sdk-openai-3';
import { embed, generateText, streamText } from 'ai-6';
import { Recorder } from './recorder.ts';

const recorder = await Recorder.start();
const openai = createOpenAI({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' });
const anthropic = createAnthropic({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' });
const experimental_telemetry = { isEnabled: true, metadata: { customer: 'acme', session: 's-1' } };

await generateText({ model: openai.chat('gpt-4o'), prompt: 'hi', experimental_telemetry });
await generateText({ model: openai('gpt-4o'), prompt: 'hi', experimental_telemetry });
await generateText({ model: anthropic('claude-sonnet-4-6'), prompt: 'hi', experimental_telemetry });
await streamText({ model: anthropic('claude-sonnet-4-6'), prompt: 'hi', experimental_telemetry }).text;
await embed({ model: openai.textEmbedding('text-embedding-3-small'), value: 'hi', experimental_telemetry });
await recorder.write('vercel-ai-6', ['ai-6', 'ai-sdk-openai-3', 'ai-sdk-anthropic-3']);
