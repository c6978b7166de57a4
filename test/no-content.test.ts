import Anthropic from '@anthropic-ai/sdk';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  AnthropicInstrumentation,
  CostSpanProcessor,
  MemorySink,
  OpenAIInstrumentation,
} from '../src/index.ts';
import { type Answer, json, ProviderServer, sse } from './support/provider-server.ts';
import { chatChunks, chatCompletion, chatUsage, message, messageUsage } from './support/wire.ts';

// Hosts that echo what was said in places where only words of a vocabulary belong.
const SAID = 'the patient said: MARKER, and more';

const sink = new MemorySink();
const exporter = new InMemorySpanExporter();
const openaiInstrumentation = new OpenAIInstrumentation();
const anthropicInstrumentation = new AnthropicInstrumentation();
let server: ProviderServer;
let sdk: NodeSDK;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  sdk = new NodeSDK({
    // The SDK holds spans back until it has detected the resource of the process.
    autoDetectResources: false,
    spanProcessors: [
      new CostSpanProcessor({ sinks: [sink], delivery: 'sync' }),
      new SimpleSpanProcessor({ exporter }),
    ],
  });
  sdk.start();
  openaiInstrumentation.manuallyInstrument(OpenAI);
  anthropicInstrumentation.manuallyInstrument(Anthropic);
  server = await ProviderServer.start();
  openai = new OpenAI({ apiKey: 'sk-test', baseURL: `${server.url}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: 'sk-test', baseURL: server.url, maxRetries: 0 });
});
afterAll(async () => {
  openaiInstrumentation.disable();
  anthropicInstrumentation.disable();
  await sdk.shutdown();
  await server.stop();
});
beforeEach(() => {
  sink.clear();
  exporter.reset();
});
/** Everything recorded since the test began. */
function recorded(): string {
  const ours = exporter
    .getFinishedSpans()
    .filter((span) => span.instrumentationScope.name.startsWith('costspan'))
    .map(({ name, attributes, status, events }) => ({ name, attributes, status, events }));
  return JSON.stringify([sink.events, ours]);
}

async function chat(answer: Answer, params: object = {}): Promise<void> {
  server.answer(answer);
  const request = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: SAID }], ...params };
  try {
    const reply: unknown = await openai.chat.completions.create(request);
    if (typeof reply === 'object' && reply !== null && Symbol.asyncIterator in reply)
      for await (const _ of reply as AsyncIterable<unknown>);
  } catch {
    // The SDK's own error: what matters here is what was recorded.
  }
}

describe('what was said appears in no event and no span', () => {
  test.each([200, 400, 500])('when an error with status %i quotes it', async (status) => {
    await chat(json({ error: { message: SAID, type: SAID, code: SAID, param: SAID } }, status));
    expect(sink.events).toHaveLength(1);
    expect(sink.events[0]?.errorType).toBe(status === 200 ? '_OTHER' : String(status));
    expect(recorded()).not.toContain('MARKER');
  });

  test('when an error inside a stream quotes it', async () => {
    const error = { error: { message: SAID, type: SAID, code: SAID } };
    await chat(sse([...chatChunks.slice(0, 2), error]), { stream: true });
    expect(sink.events).toHaveLength(1);
    expect(recorded()).not.toContain('MARKER');
  });

  test('when unknown parts of the usage block quote it; the numbers stay', async () => {
    const usage = {
      ...chatUsage,
      note: SAID,
      steps: [SAID, { text: SAID, tokens: 3 }],
      [SAID]: 1,
      kind: 'a',
    };
    await chat(json({ ...chatCompletion, usage }));
    expect(sink.events[0]?.usageRaw).toEqual({ ...chatUsage, steps: [{ tokens: 3 }], kind: 'a' });
    expect(sink.events[0]?.cost.amount).toBe('0.005615');
    expect(recorded()).not.toContain('MARKER');
  });

  test('when finish reason, tier and ids quote it', async () => {
    const choices = [{ ...chatCompletion.choices[0], finish_reason: SAID }];
    const reply = { ...chatCompletion, id: SAID, service_tier: SAID, choices };
    await chat(json(reply, 200, { 'x-request-id': SAID }));
    expect(sink.events[0]).toMatchObject({ finishReasons: ['other'], serviceTier: 'other' });
    expect(sink.events[0]).not.toHaveProperty('responseId');
    expect(sink.events[0]).not.toHaveProperty('requestId');
    expect(recorded()).not.toContain('MARKER');
  });

  test('when the steps of a message quote it', async () => {
    const iterations = [{ type: SAID, note: SAID, input_tokens: 1, output_tokens: 1 }];
    server.answer(json({ ...message, stop_reason: SAID, usage: { ...messageUsage, iterations } }));
    await anthropic.messages.create({
      model: 'claude-haiku-4-5',
      max_tokens: 10,
      system: SAID,
      messages: [{ role: 'user', content: SAID }],
    });
    expect(sink.events[0]?.usage.iterations).toMatchObject([{ type: 'other' }]);
    expect(recorded()).not.toContain('MARKER');
  });
});
