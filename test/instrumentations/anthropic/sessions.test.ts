import Anthropic from '@anthropic-ai/sdk';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { meterCall } from '../../../src/metering/meter.ts';
import { defaultPriceList } from '../../../src/pricing/shipped/default-price-list.ts';
import { AnthropicInstrumentation } from '../../../src/instrumentations/anthropic/instrumentation.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { json, ProviderServer, sse } from '../../support/provider-server.ts';

const anthropic = new AnthropicInstrumentation();
anthropic.manuallyInstrument(Anthropic);
const sdk = new NodeSDK({ instrumentations: [anthropic] });

let server: ProviderServer;
let heard: HeardCalls;
let client: Anthropic;
let id: string;
let sessions = 0;

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
  id = `sesn_${++sessions}`;
});
afterEach(() => heard[Symbol.dispose]());

/** After one turn: 100 + 20 read = 120 in, 30 out, 1.5 s, 2 cents. After two: 150 + 70 = 220 in, 45 out, 4 s, 5 cents. */
const turns = [
  {},
  usageOf({ input: 100, read: 20, output: 30, seconds: 1.5, cents: '2' }),
  usageOf({ input: 150, read: 70, output: 45, seconds: 4, cents: '5' }),
] as const;

function usageOf(so: {
  input: number;
  read: number;
  output: number;
  seconds: number;
  cents: string;
}): object {
  return {
    input_tokens: so.input,
    cache_read_input_tokens: so.read,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: so.output,
    active_seconds: so.seconds,
    list_cost: { amount: so.cents, currency: 'USD' },
  };
}

function session(turn: 0 | 1 | 2): object {
  return {
    id,
    type: 'session',
    status: 'idle',
    agent: { model: { id: 'claude-sonnet-4-6' } },
    usage: turns[turn],
  };
}

async function start(customer: string): Promise<void> {
  server.answer(json(session(0)));
  await withCustomer(customer, () =>
    client.beta.sessions.create({ agent: 'agent_1', environment_id: 'env_1' }),
  );
}

test('bills what each turn added, to whoever started the session, however often it is read', async () => {
  await start('acme');
  for (const turn of [1, 1, 2, 1, 2] as const) {
    server.answer(json(session(turn)));
    await withCustomer('the-poller', () => client.beta.sessions.retrieve(id));
  }
  await heard.count(2);
  const [first, second] = heard.calls.map((call) => meterCall(call, { prices: [defaultPriceList] }));
  expect(first).toMatchObject({
    customer: 'acme',
    operation: 'invoke_agent',
    responseId: id,
    responseModel: 'claude-sonnet-4-6',
    usage: { inputTokens: 120, cacheReadTokens: 20, outputTokens: 30, sessionSeconds: 1.5 },
    cost: { status: 'priced', source: 'provider', amount: '0.02', currency: 'USD' },
  });
  // 220 − 120 in, 70 − 20 of it read, 45 − 30 out, 4 − 1.5 s; 5 − 2 cents
  expect(second).toMatchObject({
    customer: 'acme',
    usage: { inputTokens: 100, cacheReadTokens: 50, outputTokens: 15, sessionSeconds: 2.5 },
    usageRaw: turns[2],
    cost: { source: 'provider', amount: '0.03' },
  });
});

test('reads the same totals from the stream of events, and bills them once', async () => {
  await start('acme');
  const events = [
    { id: 'e1', type: 'session.usage', usage: turns[1] },
    { id: 'e2', type: 'agent.message', content: [] },
    { id: 'e3', type: 'session.usage', usage: turns[2] },
  ];
  server.answer(sse(events, { done: false }));
  const seen: string[] = [];
  for await (const event of await client.beta.sessions.events.stream(id)) seen.push(event.type);
  expect(seen).toEqual(['session.usage', 'agent.message', 'session.usage']);
  server.answer(json(session(2)));
  await client.beta.sessions.retrieve(id);
  await client.beta.sessions.archive(id);
  await heard.count(2);
  expect(heard.calls.map(({ usage, attribution }) => [usage.outputTokens, attribution.customer])).toEqual([
    [30, 'acme'],
    [15, 'acme'],
  ]);
  expect(heard.calls[1]?.reading.responseModel).toBe('claude-sonnet-4-6');
});

test('bills a dream by its tokens as it goes on', async () => {
  const dream = (input: number, output: number): object => ({
    id: `drm_${id}`,
    type: 'dream',
    model: { id: 'claude-sonnet-4-6' },
    usage: {
      input_tokens: input,
      output_tokens: output,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    },
  });
  server.answer(json(dream(0, 0)));
  await withCustomer('acme', () => client.post('/v1/dreams', { body: {} }));
  server.answer(json(dream(1000, 100)));
  await client.get(`/v1/dreams/drm_${id}`);
  await client.get(`/v1/dreams/drm_${id}`);
  const event = meterCall(await heard.only(), { prices: [defaultPriceList] });
  // 1 000 × $3 + 100 × $15, per million = $0.0045
  expect(event).toMatchObject({ customer: 'acme', cost: { amount: '0.0045', source: 'local' } });
});
