import { createRequire } from 'node:module';
import { context } from '@opentelemetry/api';
import { AnthropicInstrumentation } from '@traceloop/instrumentation-anthropic';
import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai';
import { callOpenAI } from './calls.ts';
import { Recorder } from './recorder.ts';

const require = createRequire(import.meta.url);
const recorder = await Recorder.start();
const { OpenAI } = require('openai-6') as typeof import('openai');
const openai = new OpenAIInstrumentation();
openai.setTracerProvider(recorder.tracerProvider);
openai.manuallyInstrument(OpenAI as never);
await callOpenAI(new OpenAI({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' }));

// LangChain brings a line of Anthropic's SDK that the instrumentation can still patch.
const anthropicModule = createRequire(require.resolve('@langchain/anthropic'))(
  '@anthropic-ai/sdk',
) as typeof import('@anthropic-ai/sdk');
const anthropic = new AnthropicInstrumentation();
anthropic.setTracerProvider(recorder.tracerProvider);
anthropic.manuallyInstrument(anthropicModule as never);
const client = new anthropicModule.Anthropic({ baseURL: recorder.provider.url, apiKey: 'k' });
const request = {
  model: 'claude-sonnet-4-6',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'hi' }],
};
await client.messages.create(request);
for await (const event of await client.messages.create({ ...request, stream: true })) void event;
void context;
await recorder.write('openllmetry', [
  '@traceloop/instrumentation-openai',
  '@traceloop/instrumentation-anthropic',
  'openai-6',
]);
