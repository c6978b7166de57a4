import { createRequire } from 'node:module';
import { AnthropicInstrumentation } from '@arizeai/openinference-instrumentation-anthropic';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import { context } from '@opentelemetry/api';
import { setMetadata, setSession, setUser } from '@arizeai/openinference-core';
import { callAnthropic, callOpenAI } from './calls.ts';
import { Recorder } from './recorder.ts';

const require = createRequire(import.meta.url);
const recorder = await Recorder.start();
const OpenAI = require('openai') as typeof import('openai');
const Anthropic = require('@anthropic-ai/sdk') as typeof import('@anthropic-ai/sdk');
const openaiInstrumentation = new OpenAIInstrumentation({ tracerProvider: recorder.tracerProvider } as never);
openaiInstrumentation.manuallyInstrument(OpenAI.default as never);
const anthropicInstrumentation = new AnthropicInstrumentation({
  tracerProvider: recorder.tracerProvider,
} as never);
anthropicInstrumentation.manuallyInstrument(Anthropic.default as never);
const scope = setMetadata(setSession(setUser(context.active(), { userId: 'u-1' }), { sessionId: 's-1' }), {
  customer: 'acme',
});
await context.with(scope, async () => {
  await callOpenAI(new OpenAI.OpenAI({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' }) as never);
  await callAnthropic(
    new Anthropic.default({
      baseURL: recorder.provider.url,
      apiKey: 'k',
      openTelemetry: false,
    } as never) as never,
  );
});
await recorder.write('openinference', [
  '@arizeai/openinference-instrumentation-openai',
  '@arizeai/openinference-instrumentation-anthropic',
  'openai',
  '@anthropic-ai/sdk',
]);
