import { createRequire } from 'node:module';
import { metrics } from '@opentelemetry/api';
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai';
import { callOpenAI } from './calls.ts';
import { Recorder } from './recorder.ts';

const require = createRequire(import.meta.url);
const recorder = await Recorder.start();
const instrumentation = new OpenAIInstrumentation();
instrumentation.setTracerProvider(recorder.tracerProvider);
instrumentation.setMeterProvider(metrics.getMeterProvider());
// The newest line of the SDK that it supports, under a name that its own hook does not know.
const openai6 = require('openai-6') as typeof import('openai');
for (const definition of instrumentation.getModuleDefinitions()) definition.patch?.(openai6, '6.49.0');
await callOpenAI(new openai6.OpenAI({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' }));
await recorder.write('otel-contrib', ['@opentelemetry/instrumentation-openai', 'openai-6']);
