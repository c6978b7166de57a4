import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { createDelivery } from '../../src/delivery/delivery.ts';
import { HttpSink, type HttpSinkOptions } from '../../src/sinks/http.ts';
import { costEvent } from '../ledger/events.ts';
import { Receiver } from './receiver.ts';

// The bodies that cost services in use today expect; docs/delivery.md shows the same mappings.

let receiver: Receiver;

beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(() => receiver.stop());

const event = costEvent({ id: '019aa1c2-0000-7000-8000-000000000001', context: { feature: 'chat' } });

async function send(
  options: Omit<HttpSinkOptions, 'url'>,
  events: readonly CostEvent[] = [event],
): Promise<unknown[]> {
  const delivery = createDelivery([new HttpSink({ url: receiver.url, ...options })]);
  for (const each of events) delivery.accept(each);
  await delivery.forceFlush();
  await delivery.shutdown();
  return receiver.requests.map(({ body }) => JSON.parse(body) as unknown);
}

test('usage records of up to ten, answered with a count of those that failed', async () => {
  const usageRecords: Omit<HttpSinkOptions, 'url'> = {
    batchSize: 10,
    map: (each) => ({
      usage: each.usageRaw,
      model_id: each.responseModel ?? each.requestModel,
      response_id: each.responseId ?? each.id,
      timestamp: each.timestamp.toISOString(),
      provider: each.provider,
      client_customer_key: each.customer,
      context: each.context,
    }),
    envelope: (items) => ({ usage_records: items }),
    refusal: (answer) => ((JSON.parse(answer) as { failed?: number }).failed ? answer : undefined),
  };
  receiver.answer = () => ({ status: 200, body: '{"status":"success","processed":1,"failed":null}' });
  expect(await send(usageRecords)).toEqual([
    {
      usage_records: [
        {
          usage: { prompt_tokens: 1000, completion_tokens: 100 },
          model_id: 'gpt-4o-2024-08-06',
          response_id: 'chatcmpl-1',
          timestamp: '2026-11-20T10:00:00.000Z',
          provider: 'openai',
          client_customer_key: 'acme',
          context: { feature: 'chat' },
        },
      ],
    },
  ]);
});

test('tracked services, one bad record found among the good', async () => {
  const tracked: Omit<HttpSinkOptions, 'url'> = {
    batchSize: 1000,
    map: (each) => ({
      service_key: `${each.provider}::${each.responseModel ?? each.requestModel}`,
      response_id: each.id,
      timestamp: String(Math.floor(each.timestamp.getTime() / 1000)),
      payload: each.usageRaw,
      customer_key: each.customer ?? undefined,
      context: each.context,
    }),
    envelope: (items) => ({ tracked: items }),
    refusal: (answer) => (answer.includes('"status":"error"') ? answer : undefined),
  };
  receiver.answer = ({ body }) => ({
    status: 200,
    body: JSON.stringify({ results: [{ status: body.includes('"bad"') ? 'error' : 'queued' }] }),
  });
  const delivery = createDelivery([new HttpSink({ url: receiver.url, ...tracked })]);
  for (const id of ['a', 'bad', 'c']) delivery.accept(costEvent({ id }));
  await delivery.forceFlush();
  expect(delivery.health()).toMatchObject([{ sent: 2, dead: 1, pending: 0 }]);
  expect(JSON.parse(receiver.requests[0]?.body ?? '')).toMatchObject({
    // 2026-11-20T10:00:00Z in seconds
    tracked: [
      { service_key: 'openai::gpt-4o-2024-08-06', response_id: 'a', timestamp: '1795168800' },
      {},
      {},
    ],
  });
  await delivery.shutdown();
});

test('one event per request, as a bare object', async () => {
  const single: Omit<HttpSinkOptions, 'url'> = {
    batchSize: 1,
    map: (each) => ({
      customer_id: each.customer,
      provider: each.provider,
      model: each.responseModel ?? each.requestModel,
      input_tokens: each.usage.inputTokens,
      output_tokens: each.usage.outputTokens,
      timestamp: each.timestamp.toISOString(),
      metadata: { response_id: each.responseId, ...each.context },
    }),
    envelope: ([item]) => item,
  };
  expect(await send(single, [event, costEvent({ customer: 'globex' })])).toMatchObject([
    {
      customer_id: 'acme',
      model: 'gpt-4o-2024-08-06',
      input_tokens: 1000,
      output_tokens: 100,
      metadata: { response_id: 'chatcmpl-1', feature: 'chat' },
    },
    { customer_id: 'globex' },
  ]);
});
