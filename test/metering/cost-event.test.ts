import { expect, test } from 'vitest';
import { costEventFromJson, createCostEvent, type CostEventFields } from '../../src/metering/cost-event.ts';

const fields: CostEventFields = {
  id: '019aa1c2-0000-7000-8000-000000000001',
  kind: 'usage',
  timestamp: new Date('2026-11-20T10:00:00.123Z'),
  durationMs: 812,
  timeToFirstTokenMs: 240,
  customer: 'acme_corp',
  attributionSource: 'scope',
  context: { feature: 'chat', seats: 3, since: '2026-01-01' },
  provider: 'openai',
  operation: 'chat',
  requestModel: 'gpt-4o',
  responseModel: 'gpt-4o-2024-08-06',
  responseId: 'chatcmpl-123',
  stream: true,
  status: 'ok',
  finishReasons: ['stop'],
  retries: 0,
  usage: {
    inputTokens: 2006,
    cacheReadTokens: 1920,
    outputTokens: 300,
    iterations: [{ type: 'compaction', usage: { inputTokens: 5 } }],
  },
  usageRaw: { prompt_tokens: 2006 },
  usageSource: 'provider',
  cost: {
    status: 'priced',
    currency: 'USD',
    amount: '0.000215',
    source: 'local',
    lineItems: [{ meter: 'input', quantity: '86', unitPrice: '2.5', per: '1000000', amount: '0.000215' }],
    price: { list: 'genai-prices@0.1.8', id: 'openai/gpt-4o' },
    local: { status: 'unpriced', lineItems: [], reason: 'no list knows it' },
  },
};

test('shows snake_case keys, money as text and the schema version', () => {
  expect(JSON.parse(JSON.stringify(createCostEvent(fields)))).toEqual({
    id: '019aa1c2-0000-7000-8000-000000000001',
    schema_version: 1,
    kind: 'usage',
    timestamp: '2026-11-20T10:00:00.123Z',
    duration_ms: 812,
    time_to_first_token_ms: 240,
    customer: 'acme_corp',
    attribution_source: 'scope',
    context: { feature: 'chat', seats: 3, since: '2026-01-01' },
    provider: 'openai',
    operation: 'chat',
    request_model: 'gpt-4o',
    response_model: 'gpt-4o-2024-08-06',
    response_id: 'chatcmpl-123',
    stream: true,
    status: 'ok',
    error_type: null,
    finish_reasons: ['stop'],
    retries: 0,
    usage: {
      input_tokens: 2006,
      cache_read_tokens: 1920,
      output_tokens: 300,
      iterations: [{ type: 'compaction', usage: { input_tokens: 5 } }],
    },
    usage_raw: { prompt_tokens: 2006 },
    usage_source: 'provider',
    cost: {
      status: 'priced',
      currency: 'USD',
      amount: '0.000215',
      source: 'local',
      line_items: [{ meter: 'input', quantity: '86', unit_price: '2.5', per: '1000000', amount: '0.000215' }],
      price: { list: 'genai-prices@0.1.8', id: 'openai/gpt-4o', valid_from: null },
      local: { status: 'unpriced', line_items: [], price: null, reason: 'no list knows it' },
    },
  });
});

test('comes back from its JSON form as it was', () => {
  const event = createCostEvent(fields);
  const back = costEventFromJson(JSON.parse(JSON.stringify(event)) as Record<string, unknown>);
  expect({ ...back }).toEqual({ ...event });
  expect(JSON.stringify(back)).toBe(JSON.stringify(event));
});

test('cannot be changed, all the way down', () => {
  const event = createCostEvent(fields);
  const attempts: (() => unknown)[] = [
    () => Object.assign(event, { customer: 'evil' }),
    () => Object.assign(event.context, { feature: 'evil' }),
    () => Object.assign(event.usage, { inputTokens: 1 }),
    () => Object.assign(event.usage.iterations?.[0]?.usage ?? {}, { inputTokens: 1 }),
    () => Object.assign(event.usageRaw ?? {}, { prompt_tokens: 1 }),
    () => Object.assign(event.cost, { amount: '999' }),
    () => Object.assign(event.cost.lineItems[0] ?? {}, { amount: '999' }),
    () => Object.assign(event.cost.local ?? {}, { status: 'free' }),
    () => (event.finishReasons as string[]).push('evil'),
    () => event.timestamp.setTime(0),
    () => event.timestamp.setUTCFullYear(1999),
  ];
  for (const attempt of attempts) expect(attempt).toThrow(TypeError);
  expect(event.toJSON()).toEqual(createCostEvent(fields).toJSON());
});

test('leaves what it was made from as it was', () => {
  const usageRaw = { details: { cached: 1 } };
  const event = createCostEvent({ ...fields, usageRaw });
  usageRaw.details.cached = 2;
  expect(event.usageRaw).toEqual({ details: { cached: 1 } });
  expect(Object.isFrozen(usageRaw)).toBe(false);
});
