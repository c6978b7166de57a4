import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenAI } from 'openai';
import { OpenAIInstrumentation } from '../../../src/instrumentations/openai/instrumentation.ts';
import { ProviderServer, sseEvent } from '../../support/provider-server.ts';

const sdk = createRequire(import.meta.url)('openai-4') as { OpenAI: typeof OpenAI };
const instrumentation = new OpenAIInstrumentation();
const uncaught: unknown[] = [];
const note = (error: unknown): void => void uncaught.push(error);
let server: ProviderServer;

beforeAll(async () => {
  instrumentation.manuallyInstrument(sdk.OpenAI);
  server = await ProviderServer.start();
  process.on('uncaughtExceptionMonitor', note);
});
afterAll(async () => {
  process.off('uncaughtExceptionMonitor', note);
  instrumentation.disable();
  await server.stop();
});

// node-fetch asks the response for its body in order to break it, after everybody else has let go of it.
test.each([
  ['nobody ever looked at', (response: Response) => void response.status],
  ['somebody looked at', (response: Response) => void response.body],
])('a body that %s may break without ending the process', async (_what, look) => {
  server.answer((_request, reply) => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.write(sseEvent({ id: 'chatcmpl-1', choices: [] }));
    setTimeout(() => reply.destroy(), 50);
  });
  const client = new sdk.OpenAI({ apiKey: 'key', baseURL: server.url, maxRetries: 0 });
  const asked = client.chat.completions.create({ model: 'gpt-4o', messages: [], stream: true });
  look(await asked.asResponse());
  await new Promise((resolve) => {
    setTimeout(resolve, 150);
  });
  expect(uncaught).toEqual([]);
});
