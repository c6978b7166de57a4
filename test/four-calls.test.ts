import Anthropic from '@anthropic-ai/sdk';
import { context, type Context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  AnthropicInstrumentation,
  type CostEvent,
  CostSpanProcessor,
  OpenAIInstrumentation,
  withCustomer,
} from '../src/index.ts';
import { json, ProviderServer, sse } from './support/provider-server.ts';
import { chatChunks, chatChunksWithUsage, chatCompletion, message, messageEvents } from './support/wire.ts';

// The README's set-up, with clients of both providers; only the provider's server is ours.
const events: CostEvent[] = [];
let exporter: InMemorySpanExporter;
const openaiInstrumentation = new OpenAIInstrumentation();
const anthropicInstrumentation = new AnthropicInstrumentation();
openaiInstrumentation.manuallyInstrument(OpenAI);
anthropicInstrumentation.manuallyInstrument(Anthropic);
const messages = [{ role: 'user' as const, content: 'Hello' }];

let server: ProviderServer;
let openai: OpenAI;
let anthropic: Anthropic;
let sdk: NodeSDK;

beforeAll(async () => {
  server = await ProviderServer.start();
  openai = new OpenAI({ apiKey: 'sk-test', baseURL: `${server.url}/v1` });
});
afterAll(() => server.stop());
afterEach(async () => {
  await sdk.shutdown();
  trace.disable();
  context.disable();
  propagation.disable();
  events.length = 0;
});

function start({ metered = true, sampler }: { metered?: boolean; sampler?: Sampler } = {}): void {
  exporter = new InMemorySpanExporter();
  const spans = new SimpleSpanProcessor({ exporter });
  const costs = { write: (batch: readonly CostEvent[]) => void events.push(...batch) };
  sdk = new NodeSDK({
    instrumentations: [openaiInstrumentation, anthropicInstrumentation],
    spanProcessors: metered ? [new CostSpanProcessor({ sinks: [costs], delivery: 'sync' }), spans] : [spans],
    ...(sampler === undefined ? {} : { sampler }),
  });
  sdk.start();
  // Its native tracing takes the tracer provider of the moment.
  anthropic = new Anthropic({ apiKey: 'sk-ant-test', baseURL: server.url });
}

/** OpenAI and Anthropic, plain and streamed. */
async function fourCalls(): Promise<void> {
  server.answer((request, response) => {
    const body = request.json();
    const chat = request.path.endsWith('/chat/completions');
    const chunks = body.stream_options === undefined ? chatChunks : chatChunksWithUsage;
    if (body.stream === true) return sse(chat ? chunks : messageEvents, { done: chat })(request, response);
    return json(chat ? chatCompletion : message)(request, response);
  });
  const chat = { model: 'gpt-4o', messages };
  const ask = { model: 'claude-sonnet-4-5', max_tokens: 100, messages };
  await openai.chat.completions.create(chat);
  for await (const chunk of await openai.chat.completions.create({ ...chat, stream: true }))
    expect(chunk).toBeTruthy();
  await anthropic.messages.create(ask);
  for await (const event of await anthropic.messages.create({ ...ask, stream: true }))
    expect(event).toBeTruthy();
}

/** The SDK holds spans back until the resource of the process is detected. */
async function fourSpans(): Promise<ReadableSpan[]> {
  return vi.waitFor(() => {
    const spans = exporter.getFinishedSpans().filter((span) => 'gen_ai.operation.name' in span.attributes);
    expect(spans).toHaveLength(4);
    return spans;
  });
}

function expectFourEvents(): void {
  expect(events).toHaveLength(4);
  expect(new Set(events.map((event) => event.id)).size).toBe(4);
  const [chat, streamedChat, ask, streamedAsk] = events;
  for (const event of [chat, streamedChat]) {
    expect(event?.usage).toMatchObject({
      inputTokens: 2006,
      cacheReadTokens: 1920,
      outputTokens: 300,
      reasoningTokens: 192,
    });
    // 86 uncached × $2.50/M + 1 920 cached × $1.25/M + 300 out × $10/M = 0.000215 + 0.0024 + 0.003
    expect(event?.cost).toMatchObject({
      status: 'priced',
      amount: '0.005615',
      currency: 'USD',
      source: 'local',
    });
  }
  for (const event of [ask, streamedAsk]) {
    expect(event?.usage).toMatchObject({
      inputTokens: 5712,
      cacheReadTokens: 5000,
      cacheWriteTokens: 700,
      outputTokens: 210,
    });
    // 12 × $3/M + 5 000 read × $0.30/M + 500 for 5 m × $3.75/M + 200 for 1 h × $6/M + 210 out × $15/M
    // = 0.000036 + 0.0015 + 0.001875 + 0.0012 + 0.00315
    expect(event?.cost).toMatchObject({ status: 'priced', amount: '0.007761' });
  }
}

describe('four instrumented calls, OpenAI and Anthropic, plain and streamed', () => {
  test('give four events whose quantities equal the wire and whose amounts equal a sum by hand', async () => {
    start();
    await withCustomer('acme', { feature: 'chat' }, fourCalls);
    expectFourEvents();
    for (const event of events)
      expect(event).toMatchObject({ customer: 'acme', context: { feature: 'chat' }, status: 'ok' });
  });

  test('carry the cost on the one span they have, before exporters see it', async () => {
    start();
    await withCustomer('acme', { feature: 'chat' }, fourCalls);
    const spans = await fourSpans();
    for (const event of events) {
      const span = spans.find((each) => each.spanContext().spanId === event.spanId);
      expect(span?.spanContext().traceId).toBe(event.traceId);
      expect(span?.attributes).toMatchObject({
        'costspan.event.id': event.id,
        'costspan.customer': 'acme',
        'costspan.context.feature': 'chat',
        'costspan.cost.amount': event.cost.amount,
        'gen_ai.usage.cost.amount': Number(event.cost.amount),
        'gen_ai.usage.cost.currency': 'USD',
        'gen_ai.usage.cost.source': 'local',
        'gen_ai.usage.input_tokens': event.usage.inputTokens,
        'gen_ai.usage.output_tokens': event.usage.outputTokens,
      });
    }
  });

  test('give the same four events when every trace is sampled out', async () => {
    start({ sampler: new AlwaysOffSampler() });
    await fourCalls();
    expectFourEvents();
    expect(exporter.getFinishedSpans()).toHaveLength(0);
  });

  test('give the same four events under an inbound traceparent that was not sampled', async () => {
    start();
    const carrier = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' };
    const inbound: Context = propagation.extract(ROOT_CONTEXT, carrier);
    await context.with(inbound, fourCalls);
    expectFourEvents();
    expect(exporter.getFinishedSpans()).toHaveLength(0);
    for (const event of events) expect(event.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });
});

test('spans carry usage, customer, context and list cost with instrumentations alone', async () => {
  start({ metered: false });
  await withCustomer('acme', { feature: 'chat' }, fourCalls);
  const spans = await fourSpans();
  expect(spans.map((span) => span.attributes['costspan.cost.amount'])).toEqual([
    '0.005615',
    '0.005615',
    '0.007761',
    '0.007761',
  ]);
  for (const span of spans)
    expect(span.attributes).toMatchObject({
      'costspan.customer': 'acme',
      'costspan.context.feature': 'chat',
    });
  expect(events).toHaveLength(0);
});

test('200 interleaved calls for 20 customers on one client are all billed to the right one', async () => {
  start();
  server.answer(async (request, response) => {
    await new Promise((resolve) => {
      setTimeout(resolve, Math.random() * 20);
    });
    return json({ ...chatCompletion, id: String(request.json().user) })(request, response);
  });
  await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      withCustomer(`customer_${index % 20}`, { call: index }, async () => {
        await Promise.resolve();
        await openai.chat.completions.create({
          model: 'gpt-4o',
          messages,
          user: `customer_${index % 20}/${index}`,
        });
      }),
    ),
  );
  expect(events).toHaveLength(200);
  const misattributed = events.filter(
    ({ customer, context, responseId }) => `${customer}/${Number(context.call)}` !== responseId,
  );
  expect(misattributed).toEqual([]);
});
