import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type CostEvent,
  CostSpanProcessor,
  recordResponse,
  type RecordResponseOptions,
  withCustomer,
  withoutTracking,
} from '../../src/index.ts';
import { forgetWarnings } from '../../src/base/warn-once.ts';
import { chatChunksWithUsage, chatCompletion, message, response } from '../support/wire.ts';

const events: CostEvent[] = [];
let processor: CostSpanProcessor;

beforeEach(() => {
  events.length = 0;
  processor = new CostSpanProcessor({
    sinks: [{ write: (batch) => void events.push(...batch) }],
    delivery: 'sync',
    metrics: false,
  });
});
afterEach(() => processor.shutdown());

let replies = 0;
/** A reply with an id of its own, so that no test repeats another's. */
const chat = (): object => ({ ...chatCompletion, id: `chatcmpl-recorded-${replies++}` });

test('a reply that no patch saw is one priced event, billed to whoever the code runs for', () => {
  const id = withCustomer('acme', { feature: 'chat' }, () =>
    recordResponse(chat(), {
      provider: 'openai',
      url: 'https://api.openai.com/v1/chat/completions',
      headers: { 'x-request-id': 'req_1' },
      durationMs: 812,
    }),
  );
  // (2006 - 1920) × $2.50/M + 1920 × $1.25/M + 300 × $10/M = 0.000215 + 0.0024 + 0.003
  expect(events).toMatchObject([
    {
      id,
      customer: 'acme',
      context: { feature: 'chat' },
      provider: 'openai',
      operation: 'chat',
      responseModel: 'gpt-4o-2024-08-06',
      serverAddress: 'api.openai.com',
      requestId: 'req_1',
      durationMs: 812,
      stream: false,
      status: 'ok',
      usageSource: 'provider',
      cost: { status: 'priced', amount: '0.005615' },
    },
  ]);
});

test('a stream is the list of its events, and a customer may be named here', () => {
  const chunks = chatChunksWithUsage.map((chunk) => ({ ...chunk, id: 'chatcmpl-recorded-stream' }));
  recordResponse(chunks, { provider: 'openai', customer: 42, context: { job: 7 } });
  expect(events).toMatchObject([
    { customer: '42', context: { job: 7 }, stream: true, cost: { amount: '0.005615' } },
  ]);
});

test('the owner of the address names the provider', () => {
  recordResponse(message, { url: 'https://api.anthropic.com/v1/messages' });
  expect(events).toMatchObject([{ provider: 'anthropic', operation: 'chat', cost: { status: 'priced' } }]);
});

test('the same reply is recorded once, and an id of the caller’s counts', () => {
  const reply = chat();
  const first = recordResponse(reply, { provider: 'openai' });
  expect(recordResponse(reply, { provider: 'openai' })).toBe(first);
  expect(events).toHaveLength(1);
  expect(recordResponse(reply, { provider: 'openai', id: 'mine-1' })).toBe('mine-1');
  expect(events).toHaveLength(2);
});

test('work that goes on is billed to who started it, when its usage is recorded', () => {
  const started = { ...response, id: 'resp_recorded', status: 'in_progress', background: true, usage: null };
  expect(withCustomer('acme', () => recordResponse(started, { provider: 'openai' }))).toBeUndefined();
  expect(events).toEqual([]);
  const id = withCustomer('reader', () =>
    recordResponse({ ...response, id: 'resp_recorded' }, { provider: 'openai' }),
  );
  expect(events).toMatchObject([{ id, customer: 'acme', usage: { inputTokens: 1000, outputTokens: 50 } }]);
});

test('a reply that says what failed is free, one that says nothing is unpriced, an endpoint that is free no event', () => {
  recordResponse(
    { error: { type: 'invalid_request_error', message: 'no' } },
    { url: 'https://api.openai.com/v1/chat/completions' },
  );
  recordResponse({ object: 'chat.completion', model: 'gpt-4o' }, { provider: 'openai' });
  expect(events.map(({ cost }) => cost.status)).toEqual(['free', 'unpriced']);
  expect(recordResponse({}, { url: 'https://api.openai.com/v1/moderations' })).toBeUndefined();
  expect(events).toHaveLength(2);
});

test('records nothing inside withoutTracking', () => {
  withoutTracking(() => recordResponse(chat(), { provider: 'openai' }));
  expect(events).toEqual([]);
});

test('says so when nobody listens', async () => {
  await processor.shutdown();
  forgetWarnings();
  expect(() => recordResponse(chat(), { provider: 'openai' })).not.toThrow();
  expect(events).toEqual([]);
});

test.each<[string, unknown, string]>([
  ['neither provider nor address', {}, 'expected a provider or the url'],
  ['an unknown option', { provider: 'openai', customr: 'a' }, "Did you mean 'customer'?"],
  ['no options', undefined, 'expected an options object'],
  ['a customer that is none', { provider: 'openai', customer: '' }, 'customer must be a name or null'],
  ['a request that is none', { provider: 'openai', request: 'hello' }, "request must be the request's body"],
  ['a time that is none', { provider: 'openai', at: '2026-01-01' }, 'at must be a valid Date'],
])('refuses %s', (_, options, message_) => {
  expect(() => recordResponse({}, options as RecordResponseOptions)).toThrow(message_);
});
