import Anthropic from '@anthropic-ai/sdk';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { withCustomer, withoutTracking } from '../../../src/attribution/scope.ts';
import { CostSpanProcessor } from '../../../src/otel/cost-span-processor.ts';
import { meterCall } from '../../../src/metering/meter.ts';
import { defaultPriceList } from '../../../src/pricing/shipped/default-price-list.ts';
import { AnthropicInstrumentation } from '../../../src/instrumentations/anthropic/instrumentation.ts';
import { type CallListener, callHub } from '../../../src/calls/hub.ts';
import { join } from '../../../src/base/process.ts';
import { asGiven } from '../../../src/attribution/shown.ts';
import { derivedEventId } from '../../../src/calls/event-id.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { type Answer, json, ProviderServer } from '../../support/provider-server.ts';
import { message } from '../../support/wire.ts';

const anthropic = new AnthropicInstrumentation();
anthropic.manuallyInstrument(Anthropic);
const sdk = new NodeSDK({ instrumentations: [anthropic] });

let server: ProviderServer;
let heard: HeardCalls;
let client: Anthropic;
let batchId: string;
let batches = 0;

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
  batchId = `msgbatch_${++batches}`;
});
afterEach(() => heard[Symbol.dispose]());

const params = {
  model: 'claude-haiku-4-5',
  max_tokens: 64,
  messages: [{ role: 'user' as const, content: 'Hello' }],
};
const usage = { input_tokens: 1000, output_tokens: 200, service_tier: 'batch' };
const succeeded = (customId: string): object => ({
  custom_id: customId,
  result: { type: 'succeeded', message: { ...message, id: `msg_${customId}`, model: params.model, usage } },
});
const lines = [
  succeeded('a'),
  {
    custom_id: 'b',
    result: { type: 'errored', error: { type: 'error', error: { type: 'invalid_request_error' } } },
  },
  succeeded('c'),
  { custom_id: 'd', result: { type: 'expired' } },
];

/** The Batches API, whose one batch is done as soon as it was handed in. */
function batchApi(results: readonly object[] = lines): Answer {
  return (request, response) => {
    if (request.path.includes('/results')) {
      response.writeHead(200, { 'content-type': 'application/x-jsonl' });
      return void response.end(results.map((line) => `${JSON.stringify(line)}\n`).join(''));
    }
    const batch = {
      id: batchId,
      type: 'message_batch',
      processing_status: 'ended',
      created_at: '2026-08-19T14:44:51.493319+00:00',
      results_url: `${server.url}/v1/messages/batches/${batchId}/results`,
    };
    return json(batch)(request, response);
  };
}

async function handIn(
  requests = ['a', 'b', 'c', 'd'].map((id) => ({ custom_id: id, params })),
): Promise<void> {
  await client.messages.batches.create({ requests });
}

async function readResults(): Promise<string[]> {
  const ids: string[] = [];
  for await (const line of await client.messages.batches.results(batchId)) ids.push(line.custom_id);
  return ids;
}

test('bills each succeeded line once, at the batch rate, to whoever handed the batch in', async () => {
  server.answer(batchApi());
  await withCustomer('acme', { feature: 'digest' }, () => handIn());
  expect(await withCustomer('the-worker', readResults)).toEqual(['a', 'b', 'c', 'd']);
  expect(await readResults()).toEqual(['a', 'b', 'c', 'd']);
  await heard.count(4);
  const events = heard.calls.map((call) => meterCall(call, { prices: [defaultPriceList] }));
  for (const event of events) {
    expect(event).toMatchObject({
      customer: 'acme',
      context: { feature: 'digest' },
      batchId,
      provider: 'anthropic',
      operation: 'chat',
      requestModel: 'claude-haiku-4-5',
      timestamp: new Date('2026-08-19T14:44:51.493Z'),
    });
  }
  // (1 000 × $1 + 200 × $5) / 1 000 000 × 0.5 = $0.001; what failed or expired is free.
  expect(events.map(({ status, errorType, cost }) => [status, errorType, cost.status, cost.amount])).toEqual([
    ['ok', undefined, 'priced', '0.001'],
    ['error', 'invalid_request_error', 'free', '0'],
    ['ok', undefined, 'priced', '0.001'],
    ['error', 'expired', 'free', '0'],
  ]);
  expect(events.map((event) => event.responseId)).toEqual(['msg_a', undefined, 'msg_c', undefined]);
  expect(events[0]?.id).toBe(derivedEventId('anthropic-batch', batchId, 'a'));
});

test('bills the lines that came when the application stops in the middle, and none of them again', async () => {
  server.answer(batchApi());
  await withCustomer('acme', () => handIn());
  for await (const line of await client.messages.batches.results(batchId)) if (line.custom_id === 'a') break;
  // All four came in one piece.
  await heard.count(4);
  for await (const line of await client.messages.batches.results(batchId))
    expect(line).toHaveProperty('custom_id');
  await heard.count(4);
});

test('bills a batch that another program handed in to whoever fetches its results', async () => {
  server.answer(batchApi([succeeded('a')]));
  await withCustomer('worker', readResults);
  expect(await heard.only()).toMatchObject({
    attribution: { customer: 'worker' },
    startTime: new Date('2026-08-19T14:44:51.493Z'),
  });
});

test('asks the resolver whom each request of an unclaimed batch names', async () => {
  server.answer(batchApi([succeeded('a'), succeeded('c')]));
  const resolver: CallListener = {
    record: () => undefined,
    show: ({ attribution, hints }) =>
      asGiven(
        hints?.user === undefined
          ? attribution
          : { ...attribution, customer: hints.user, source: 'resolver' },
      ),
  };
  const leave = join(callHub().listeners, resolver);
  await handIn([
    { custom_id: 'a', params: { ...params, metadata: { user_id: 'alice' } } as typeof params },
    { custom_id: 'c', params: { ...params, metadata: { user_id: 'carol' } } as typeof params },
  ]);
  leave();
  await readResults();
  await heard.count(2);
  expect(heard.calls.map(({ attribution }) => [attribution.customer, attribution.source])).toEqual([
    ['alice', 'resolver'],
    ['carol', 'resolver'],
  ]);
});

test('asks it also where a default customer pays for what nobody claimed', async () => {
  server.answer(batchApi([succeeded('a'), succeeded('c')]));
  const processor = new CostSpanProcessor({
    defaultCustomer: 'house',
    resolveCustomer: ({ hints }) => hints?.user,
  });
  await handIn([
    { custom_id: 'a', params: { ...params, metadata: { user_id: 'alice' } } as typeof params },
    { custom_id: 'c', params },
  ]);
  await readResults();
  await processor.shutdown();
  await heard.count(2);
  expect(heard.calls.map(({ attribution }) => attribution.customer)).toEqual(['alice', 'house']);
});

test("keeps what the end customer's own organization pays free, per request", async () => {
  server.answer(batchApi([succeeded('a'), succeeded('c')]));
  const theirs = { ...params, billing_policy: { bill_to: 'user_profile' } };
  await handIn([
    { custom_id: 'a', params: theirs },
    { custom_id: 'c', params },
  ]);
  await readResults();
  await heard.count(2);
  const costs = heard.calls.map((call) => meterCall(call, { prices: [defaultPriceList] }).cost.status);
  expect(costs).toEqual(['free', 'priced']);
});

test('records nothing for a batch handed in without tracking', async () => {
  server.answer(batchApi());
  await withoutTracking(() => handIn());
  expect(await readResults()).toHaveLength(4);
  await heard.count(0);
});

test('leaves a line that cannot be parsed to the application', async () => {
  server.answer((request, response) => {
    if (!request.path.includes('/results')) return batchApi()(request, response);
    response.writeHead(200, { 'content-type': 'application/x-jsonl' });
    return void response.end(`${JSON.stringify(succeeded('a'))}\nnot json\n`);
  });
  await handIn();
  await expect(readResults()).rejects.toThrow(SyntaxError);
  await heard.only();
});
