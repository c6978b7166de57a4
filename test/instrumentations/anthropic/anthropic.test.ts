import Anthropic from '@anthropic-ai/sdk';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import type { CostEvent } from '../../../src/metering/cost-event.ts';
import { meterCall } from '../../../src/metering/meter.ts';
import { defaultPriceList } from '../../../src/pricing/shipped/default-price-list.ts';
import { AnthropicInstrumentation } from '../../../src/instrumentations/anthropic/instrumentation.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { json, ProviderServer, sse, sseEvent } from '../../support/provider-server.ts';
import { message, messageEvents } from '../../support/wire.ts';

const exporter = new InMemorySpanExporter();
const instrumentation = new AnthropicInstrumentation();
instrumentation.manuallyInstrument(Anthropic);
const sdk = new NodeSDK({
  // The SDK holds spans back until it has detected the resource of the process.
  autoDetectResources: false,
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
  instrumentations: [instrumentation],
});
const messages = [{ role: 'user' as const, content: 'Hello' }];
const ask = { model: 'claude-sonnet-4-6', max_tokens: 100, messages };

let server: ProviderServer;
let heard: HeardCalls;
let client: Anthropic;

beforeAll(async () => {
  sdk.start();
  server = await ProviderServer.start();
  client = new Anthropic({ apiKey: 'sk-ant-test', baseURL: server.url, maxRetries: 0 });
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

test('keeps 500 interleaved streams apart: ids, tokens, customer and span', async () => {
  const streams = 500;
  server.answer(async (request, response) => {
    // The request says which stream it is; every stream has ids and tokens of its own.
    const number = Number(request.json().max_tokens);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_${number}` });
    for (const event of eventsOf(number)) {
      response.write(sseEvent(event));
      await new Promise((resolve) => {
        setTimeout(resolve, (number * 7) % 13);
      });
    }
    response.end();
  });
  await Promise.all(
    Array.from({ length: streams }, (_, index) =>
      withCustomer(`customer_${index + 1}`, { number: index + 1 }, async () => {
        const params = { ...ask, max_tokens: index + 1 };
        if (index % 2 === 0) return client.messages.stream(params).finalMessage();
        const seen: string[] = [];
        for await (const event of await client.messages.create({ ...params, stream: true }))
          seen.push(event.type);
        return seen;
      }),
    ),
  );
  await heard.count(streams);
  for (const call of heard.calls) {
    const number = Number(call.requestId?.slice('req_'.length));
    expect(call).toMatchObject({
      status: 'ok',
      usageSource: 'provider',
      attribution: { customer: `customer_${number}`, context: { number } },
      reading: { responseId: `msg_${number}` },
      usage: { inputTokens: 1000 + number, outputTokens: 2 * number },
    });
  }
  const customers = new Map(
    exporter
      .getFinishedSpans()
      .map((span) => [span.spanContext().spanId, span.attributes['costspan.customer']]),
  );
  expect(customers.size).toBe(streams);
  for (const call of heard.calls) expect(customers.get(call.spanId ?? '')).toBe(call.attribution.customer);
});

function eventsOf(number: number): readonly object[] {
  const usage = { input_tokens: 1000 + number, output_tokens: 1 };
  return [
    {
      type: 'message_start',
      message: { ...message, id: `msg_${number}`, content: [], stop_reason: null, usage },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: `I am ${number}` } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 * number } },
    { type: 'message_stop' },
  ];
}

describe('costs, from the wire to the last digit', () => {
  const [start, ...rest] = messageEvents;
  const costOf = async (usage: object, params: object = {}): Promise<CostEvent['cost']> => {
    server.answer(json({ ...message, model: ask.model, ...params, usage }));
    await client.messages.create({ ...ask, ...params });
    return meterCall(await heard.only(), { prices: [defaultPriceList] }).cost;
  };
  const amounts = (cost: CostEvent['cost']): readonly string[] =>
    cost.lineItems.map(({ meter, amount, model }) => [meter, amount, ...(model ? [model] : [])].join(' '));

  test('a plain message', async () => {
    // 12 × $3 + 500 × $3.75 + 200 × $6 + 5 000 × $0.30 + 210 × $15, per million = $0.007761
    const cost = await costOf(message.usage);
    expect(cost).toMatchObject({ status: 'priced', currency: 'USD', amount: '0.007761', source: 'local' });
    expect(amounts(cost).toSorted()).toEqual([
      'cache_read 0.0015',
      'cache_write_1h 0.0012',
      'cache_write_5m 0.001875',
      'input 0.000036',
      'output 0.00315',
    ]);
  });

  test('a compaction is billed beside the headline', async () => {
    const iterations = [
      { type: 'compaction', input_tokens: 99_195, output_tokens: 81 },
      { type: 'message', input_tokens: 162, output_tokens: 11 },
    ];
    const cost = await costOf({ input_tokens: 162, output_tokens: 11, iterations });
    // 162 × $3 + 11 × $15 + 99 195 × $3 + 81 × $15, per million = $0.299451
    expect(cost.amount).toBe('0.299451');
    expect(amounts(cost)).toEqual(['input 0.000486', 'output 0.000165', 'input 0.297585', 'output 0.001215']);
  });

  test("an advisor's work is billed at its own model's price", async () => {
    const iterations = [
      { type: 'message', input_tokens: 412, output_tokens: 264 },
      { type: 'advisor_message', model: 'claude-opus-4-8', input_tokens: 2518, output_tokens: 22 },
    ];
    const cost = await costOf({ input_tokens: 412, output_tokens: 264, iterations });
    // 412 × $3 + 264 × $15 (Sonnet) + 2 518 × $5 + 22 × $25 (Opus), per million = $0.018336
    expect(cost.amount).toBe('0.018336');
    expect(amounts(cost).slice(2)).toEqual([
      'input 0.01259 claude-opus-4-8',
      'output 0.00055 claude-opus-4-8',
    ]);
  });

  test('an attempt before the fallback that answered is billed, too', async () => {
    const iterations = [
      { type: 'message', model: 'claude-opus-4-8', input_tokens: 408, output_tokens: 0 },
      { type: 'fallback_message', model: 'claude-sonnet-4-6', input_tokens: 412, output_tokens: 264 },
    ];
    // 412 × $3 + 264 × $15 (Sonnet, the headline) + 408 × $5 (Opus), per million = $0.007236
    expect((await costOf({ input_tokens: 412, output_tokens: 264, iterations })).amount).toBe('0.007236');
  });

  test('a cache write the split does not explain is billed as 5 minutes, and says so', async () => {
    const cost = await costOf({
      input_tokens: 100,
      output_tokens: 10,
      cache_creation_input_tokens: 10_345,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 345 },
    });
    // 100 × $3 + 10 000 × $3.75 + 345 × $6 + 10 × $15, per million = $0.04002
    expect(cost).toMatchObject({
      amount: '0.04002',
      notes: ['cache_write split does not add up: 10000 tokens priced as 5m'],
    });
  });

  test('what a web search reads is in the last delta of the stream', async () => {
    const begun = { input_tokens: 40, output_tokens: 1, service_tier: 'standard' };
    const ended = {
      input_tokens: 11_540,
      cache_read_input_tokens: 2000,
      cache_creation_input_tokens: null,
      output_tokens: 200,
      server_tool_use: { web_search_requests: 3, web_fetch_requests: 2 },
    };
    const events = [
      { ...start, message: { ...message, model: ask.model, content: [], usage: begun } },
      ...rest.map((event) => ('usage' in event ? { ...event, usage: ended } : event)),
    ];
    server.answer(sse(events, { done: false }));
    await client.messages.stream(ask).finalMessage();
    const event = meterCall(await heard.only(), { prices: [defaultPriceList] });
    // 11 540 × $3 + 2 000 × $0.30 + 200 × $15, per million + 3 searches × $10 / 1 000 = $0.06822; fetches are free.
    expect(event).toMatchObject({ serviceTier: 'standard', cost: { amount: '0.06822' } });
    expect(event.usageRaw).toEqual({ ...begun, ...ended, cache_creation_input_tokens: undefined });
  });

  test('fast mode and data residency multiply the price', async () => {
    const usage = { input_tokens: 1000, output_tokens: 100, speed: 'fast', inference_geo: 'us' };
    // (1 000 × $5 + 100 × $25) / 1 000 000 × 6 × 1.1 = $0.0495
    expect((await costOf(usage, { model: 'claude-opus-4-6' })).amount).toBe('0.0495');
  });

  test("what the end customer's own organization pays is free to us, and the event says why", async () => {
    const cost = await costOf(message.usage, { billing_policy: { bill_to: 'user_profile' } });
    expect(cost).toMatchObject({
      status: 'free',
      amount: '0',
      reason: "billed to the customer's own organization",
    });
    expect(heard.calls[0]?.usage.outputTokens).toBe(210);
  });

  test('priority tier is a commitment: unpriced, never the standard rate', async () => {
    const cost = await costOf({ ...message.usage, service_tier: 'priority' });
    expect(cost.status).toBe('unpriced');
    expect(cost.amount).toBeUndefined();
  });
});
