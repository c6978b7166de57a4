import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CostEvent, CostSpanProcessor, recordUsage, userPrices, withCustomer } from '../../src/index.ts';

const prices = userPrices({
  services: [
    { service: 'speech_to_text', prices: { minutes: '0.006', requests: { price: '1', per: '1000' } } },
  ],
});
const events: CostEvent[] = [];
let processor: CostSpanProcessor;

beforeEach(() => {
  events.length = 0;
  processor = new CostSpanProcessor({
    sinks: [{ write: (batch) => void events.push(...batch) }],
    prices,
    delivery: 'sync',
  });
});
afterEach(() => processor.shutdown());

test('records what no SDK patch sees as one priced event, billed to whoever the code runs for', () => {
  const [id] = withCustomer('acme', { feature: 'calls' }, () =>
    recordUsage({
      service: 'speech_to_text',
      quantities: { minutes: 3.5, requests: 1 },
      context: { room: 7 },
    }),
  );
  expect(events).toHaveLength(1);
  // 3.5 × $0.006 + 1 × $1/1 000 = 0.021 + 0.001
  expect(events[0]).toMatchObject({
    id,
    customer: 'acme',
    context: { feature: 'calls', room: 7 },
    provider: 'speech_to_text',
    operation: 'service',
    usageRaw: { minutes: 3.5, requests: 1 },
    cost: { status: 'priced', amount: '0.022' },
  });
});

test('takes a list, a customer, a time and an id of the caller’s, and records an id once', () => {
  const at = new Date('2026-11-01T00:00:00Z');
  const usage = {
    service: 'speech_to_text',
    quantities: { minutes: '0.1' },
    customer: 'globex',
    at,
    id: 'call-1',
  };
  expect(recordUsage([usage, usage, { ...usage, id: 'call-2', customer: null }])).toEqual([
    'call-1',
    'call-1',
    'call-2',
  ]);
  expect(events.map((event) => [event.id, event.customer, event.cost.amount])).toEqual([
    ['call-1', 'globex', '0.0006'],
    ['call-2', null, '0.0006'],
  ]);
  expect(events[0]?.timestamp).toEqual(at);
});

test('leaves a service or a quantity without a price unpriced', () => {
  recordUsage({ service: 'unheard_of', quantities: { minutes: 1 } });
  recordUsage({ service: 'speech_to_text', quantities: { hours: 1 } });
  expect(events.map((event) => event.cost.status)).toEqual(['unpriced', 'unpriced']);
});

test('refuses what cannot be recorded, and then records none of the list', () => {
  const good = { service: 'speech_to_text', quantities: { minutes: 1 } };
  const wrong = { ...good, quantity: 1 } as typeof good;
  expect(() => recordUsage([good, wrong])).toThrow("unknown option 'quantity'. Did you mean 'quantities'?");
  expect(() => recordUsage({ ...good, quantities: { minutes: -1 } })).toThrow(
    "quantity 'minutes' must be a number ≥ 0",
  );
  expect(() => recordUsage({ ...good, quantities: { minutes: Number.NaN } })).toThrow('must be a number ≥ 0');
  expect(() => recordUsage({ ...good, service: '' })).toThrow('service must be a name');
  expect(() => recordUsage({ ...good, at: new Date('never') })).toThrow('at must be a valid Date');
  expect(events).toHaveLength(0);
});
