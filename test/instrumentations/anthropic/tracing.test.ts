import Anthropic from '@anthropic-ai/sdk';
import { context, propagation, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  AlwaysOffSampler,
  TracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { CostSpanProcessor } from '../../../src/otel/cost-span-processor.ts';
import type { CostEvent } from '../../../src/metering/cost-event.ts';
import type { PriceList } from '../../../src/pricing/price.ts';
import { AnthropicInstrumentation } from '../../../src/instrumentations/anthropic/instrumentation.ts';
import type { SettledCall } from '../../../src/calls/call.ts';
import { collectGarbage } from '../../support/garbage.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { json, ProviderServer, sse } from '../../support/provider-server.ts';
import { message, messageEvents } from '../../support/wire.ts';

const exporter = new InMemorySpanExporter();
const anthropic = new AnthropicInstrumentation();
anthropic.manuallyInstrument(Anthropic);
const sdk = new NodeSDK({
  // The SDK holds spans back until it has detected the resource of the process.
  autoDetectResources: false,
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
  instrumentations: [anthropic, new UndiciInstrumentation(), new HttpInstrumentation()],
});
const ask = {
  model: 'claude-sonnet-4-6',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'Hello' }],
};

let server: ProviderServer;
let heard: HeardCalls;
let client: Anthropic;

beforeAll(async () => {
  sdk.start();
  server = await ProviderServer.start();
  client = newClient();
});
afterAll(async () => {
  await server.stop();
  await sdk.shutdown();
});
beforeEach(() => {
  heard = new HeardCalls();
  exporter.reset();
});
afterEach(() => {
  heard[Symbol.dispose]();
  vi.unstubAllEnvs();
});

function newClient(options: ConstructorParameters<typeof Anthropic>[0] = {}): Anthropic {
  return new Anthropic({ apiKey: 'sk-ant-test', baseURL: server.url, maxRetries: 0, ...options });
}

/** The GenAI spans of the trace; those of the HTTP client are not among them. */
function genAISpans(): ReadableSpan[] {
  return exporter.getFinishedSpans().filter((span) => 'gen_ai.operation.name' in span.attributes);
}

/** The one GenAI span, which must be the one the event names. */
function spanOf(call: SettledCall): ReadableSpan {
  const spans = genAISpans();
  expect(spans.map((span) => span.spanContext().spanId)).toEqual([call.spanId]);
  return spans[0]!;
}

async function readUntil(type: string, from = client): Promise<void> {
  server.answer(sse(messageEvents, { done: false }));
  const stream = await withCustomer('acme', () => from.messages.create({ ...ask, stream: true }));
  for await (const event of stream) if (event.type === type) break;
}

describe('with the native tracing of SDK ≥ 0.134', () => {
  test('enriches the one native span of a call, plain and streamed', async () => {
    server.answer(json(message));
    await withCustomer('acme', { feature: 'chat' }, () => client.messages.create(ask));
    const call = await heard.only();
    expect(spanOf(call)).toMatchObject({
      name: 'anthropic.messages.create',
      instrumentationScope: { name: 'com.anthropic.sdk.typescript' },
      attributes: {
        'costspan.event.id': call.id,
        'costspan.customer': 'acme',
        'costspan.context.feature': 'chat',
        'gen_ai.usage.input_tokens': 5712,
        'gen_ai.usage.output_tokens': 210,
        // 12 × $3 + 500 × $3.75 + 200 × $6 + 5 000 × $0.30 + 210 × $15, per million: the list price, as nobody meters.
        'costspan.cost.amount': '0.007761',
      },
    });
  });

  test('writes the final figures on a span that ends with an early break', async () => {
    await readUntil('message_delta');
    const call = await heard.only();
    expect(call).toMatchObject({ status: 'ok', usageSource: 'provider' });
    expect(spanOf(call).attributes).toMatchObject({
      'costspan.event.id': call.id,
      'costspan.customer': 'acme',
      'costspan.usage.source': 'provider',
      'gen_ai.usage.output_tokens': 210,
      'costspan.cost.amount': '0.007761',
    });
  });

  test('writes the estimate on the span when the figures never came', async () => {
    await readUntil('content_block_delta');
    const call = await heard.only();
    expect(call).toMatchObject({ status: 'aborted', usage: { inputTokens: 5712, outputTokens: 3 } });
    expect(spanOf(call).attributes).toMatchObject({
      'costspan.customer': 'acme',
      'costspan.usage.source': 'estimated',
      'gen_ai.usage.input_tokens': 5712,
      'gen_ai.usage.output_tokens': 3,
      // 3 instead of 210 tokens out: 0.007761 − 207 × $15 / 1 000 000.
      'costspan.cost.amount': '0.004656',
    });
  });

  test("writes the event's cost on a span that ends first, also at the user's own prices", async () => {
    const events: CostEvent[] = [];
    const flat: PriceList = {
      name: 'flat@1',
      price: () => ({ status: 'priced', currency: 'USD', amount: '0.5', source: 'local', lineItems: [] }),
    };
    const processor = new CostSpanProcessor({
      prices: [flat],
      sinks: [{ write: (written) => void events.push(...written) }],
    });
    await readUntil('content_block_delta');
    await processor.forceFlush();
    expect(events.map(({ cost, status }) => [status, cost.amount])).toEqual([['aborted', '0.5']]);
    expect(spanOf(await heard.only()).attributes).toMatchObject({ 'costspan.cost.amount': '0.5' });
    await processor.shutdown();
  });

  test('records the call when its span is sampled out', async () => {
    const tracerProvider = new TracerProvider({ sampler: new AlwaysOffSampler() });
    await readUntil('message_stop', newClient({ openTelemetry: { tracerProvider } }));
    expect(await heard.only()).toMatchObject({
      status: 'ok',
      usage: { inputTokens: 5712, outputTokens: 210 },
    });
    expect(genAISpans()).toEqual([]);
  });

  test('ends the span of a stream that was dropped unread', async () => {
    server.answer(sse(messageEvents, { done: false }));
    await (async () => void (await client.messages.create({ ...ask, stream: true })))();
    await collectGarbage(() => heard.calls.length > 0);
    expect(await heard.only()).toMatchObject({ status: 'aborted', usageSource: 'estimated' });
    expect(spanOf(heard.calls[0]!).ended).toBe(true);
  });

  test('ends the span of a call that nobody awaited', async () => {
    server.answer(json(message));
    void client.messages.create(ask);
    await collectGarbage(() => heard.calls.length > 0);
    expect(await heard.only()).toMatchObject({ status: 'ok', usage: { outputTokens: 210 } });
    expect(spanOf(heard.calls[0]!).attributes).toMatchObject({ 'costspan.cost.amount': '0.007761' });
  });
});

describe('without native tracing', () => {
  test.each([
    ['switched off by option', () => newClient({ openTelemetry: false })],
    [
      'switched off by environment',
      () => {
        vi.stubEnv('ANTHROPIC_OPEN_TELEMETRY', 'false');
        return newClient();
      },
    ],
  ])('starts the one span itself: %s', async (_how, create) => {
    const plain = create();
    server.answer(json(message));
    await trace.getTracer('app').startActiveSpan('handler', async (parent) => {
      await plain.messages.create(ask);
      parent.end();
    });
    const span = spanOf(await heard.only());
    expect(span).toMatchObject({
      name: 'chat claude-sonnet-4-6',
      instrumentationScope: { name: 'costspan/anthropic' },
      attributes: { 'gen_ai.provider.name': 'anthropic', 'costspan.cost.amount': '0.007761' },
    });
    const parent = exporter.getFinishedSpans().find((each) => each.name === 'handler');
    expect(span.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId);
  });

  test('ends its span when the application leaves the stream', async () => {
    await readUntil('content_block_delta', newClient({ openTelemetry: false }));
    expect(spanOf(await heard.only()).attributes).toMatchObject({ 'gen_ai.usage.output_tokens': 3 });
  });
});

test('sends no entry of ours in any request, with native tracing and HTTP instrumentation on', async () => {
  server.answer((request, response) => {
    const isStream = request.body.includes('"stream":true');
    const reply = { ...message, data: [], input_tokens: 3 };
    return (isStream ? sse(messageEvents, { done: false }) : json(reply))(request, response);
  });
  const baggage = propagation.createBaggage({
    'costspan.customer': { value: 'acme' },
    'costspan.context.feature': { value: 'chat' },
    tenant: { value: 't1' },
  });
  await context.with(propagation.setBaggage(context.active(), baggage), async () => {
    await client.messages.create(ask);
    await client.messages.stream(ask).finalMessage();
    await client.beta.messages.create(ask);
    await client.messages.countTokens({ model: ask.model, messages: ask.messages });
    await client.messages.batches.create({ requests: [{ custom_id: 'a', params: ask }] });
    await client.messages.batches.list();
    await client.models.list();
    // The application's own view is untouched.
    expect(propagation.getActiveBaggage()?.getEntry('costspan.customer')?.value).toBe('acme');
  });
  expect(server.requests).toHaveLength(7);
  for (const { headers } of server.requests) {
    expect(JSON.stringify(headers)).not.toContain('costspan');
    expect(headers.baggage).toContain('tenant=t1');
    expect(headers.traceparent).toBeTruthy();
  }
  await heard.count(3);
  for (const call of heard.calls) {
    expect(call.attribution).toMatchObject({ customer: 'acme', source: 'baggage' });
  }
});
