import Anthropic from '@anthropic-ai/sdk';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { withCustomer } from '../../src/attribution/scope.ts';
import { AnthropicInstrumentation } from '../../src/providers/anthropic/instrumentation.ts';
import { HeardCalls } from '../support/heard-calls.ts';
import { json, ProviderServer, sse } from '../support/provider-server.ts';
import { message, messageEvents } from '../support/wire.ts';

const exporter = new InMemorySpanExporter();
const anthropic = new AnthropicInstrumentation();
anthropic.manuallyInstrument(Anthropic);
const sdk = new NodeSDK({
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
  instrumentations: [anthropic],
});
const ask = {
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'Hello' }],
};
const quantities = {
  inputTokens: 5712,
  cacheReadTokens: 5000,
  cacheWriteTokens: 700,
  cacheWrite5mTokens: 500,
  cacheWrite1hTokens: 200,
  outputTokens: 210,
};

let server: ProviderServer;
let heard: HeardCalls;
let client: Anthropic;

beforeAll(async () => {
  sdk.start();
  server = await ProviderServer.start();
  client = new Anthropic({ apiKey: 'sk-ant-test', baseURL: server.url, maxRetries: 1 });
});
afterAll(async () => {
  await server.stop();
  await sdk.shutdown();
});
beforeEach(() => {
  heard = new HeardCalls();
  exporter.reset();
});
afterEach(() => heard[Symbol.dispose]());

test('records one call, plain and streamed, and enriches the one native span', async () => {
  server.answer(json(message));
  await withCustomer('acme', { feature: 'chat' }, () => client.messages.create(ask));
  server.answer(sse(messageEvents, { done: false }));
  await withCustomer('acme', { feature: 'chat' }, async () => {
    for await (const event of await client.messages.create({ ...ask, stream: true }))
      expect(event.type).toBeTruthy();
  });
  await heard.count(2);
  for (const call of heard.calls) {
    expect(call).toMatchObject({
      provider: 'anthropic',
      status: 'ok',
      usageSource: 'provider',
      usage: quantities,
    });
    expect(call.attribution.customer).toBe('acme');
  }
  const spans = exporter.getFinishedSpans().filter((span) => 'gen_ai.operation.name' in span.attributes);
  expect(spans).toHaveLength(2);
  expect(spans.map((span) => span.spanContext().spanId).toSorted()).toEqual(
    heard.calls.map((call) => call.spanId ?? '').toSorted(),
  );
  for (const span of spans) {
    expect(span.attributes).toMatchObject({
      'costspan.customer': 'acme',
      'costspan.context.feature': 'chat',
      'gen_ai.usage.input_tokens': 5712,
    });
  }
});

test('records one call per helper: stream(), withResponse, and an early break', async () => {
  server.answer(sse(messageEvents, { done: false }));
  const final = await client.messages.stream(ask).finalMessage();
  expect(final.usage.output_tokens).toBe(210);
  for await (const event of await client.messages.create({ ...ask, stream: true })) {
    if (event.type === 'content_block_delta') break;
  }
  await heard.count(2);
  expect(heard.calls[0]).toMatchObject({ status: 'ok', usage: quantities });
  // The placeholder of one output token is no count: 11 characters / 4 ≈ 3 tokens, and it says so.
  expect(heard.calls[1]).toMatchObject({
    status: 'aborted',
    usageSource: 'estimated',
    usage: { inputTokens: 5712, outputTokens: 3 },
  });
});
