import { observeOpenAI } from '@langfuse/openai';
import { propagateAttributes, startActiveObservation } from '@langfuse/tracing';
import OpenAI from 'openai';
import { callOpenAI } from './calls.ts';
import { Recorder } from './recorder.ts';

const recorder = await Recorder.start();
const client = observeOpenAI(new OpenAI({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' }));
await propagateAttributes({ userId: 'u-1', sessionId: 's-1', metadata: { customer: 'acme' } }, () =>
  startActiveObservation('answer', async () => await callOpenAI(client)),
);
await recorder.write('langfuse', ['@langfuse/openai', '@langfuse/tracing', 'openai']);
