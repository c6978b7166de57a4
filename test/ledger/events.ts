import { randomUUID } from 'node:crypto';
import { type CostEvent, type CostEventFields, createCostEvent } from '../../src/metering/cost-event.ts';

/** A priced call of 1,000 input and 100 output tokens for $0.0035; give what matters to the test. */
export function costEvent(fields: Partial<CostEventFields> = {}): CostEvent {
  return createCostEvent({
    id: randomUUID(),
    kind: 'usage',
    timestamp: new Date('2026-11-20T10:00:00.000Z'),
    durationMs: 800,
    customer: 'acme',
    attributionSource: 'scope',
    context: {},
    provider: 'openai',
    operation: 'chat',
    requestModel: 'gpt-4o',
    responseModel: 'gpt-4o-2024-08-06',
    responseId: 'chatcmpl-1',
    stream: false,
    status: 'ok',
    retries: 0,
    usage: { inputTokens: 1000, outputTokens: 100, totalTokens: 1100 },
    usageRaw: { prompt_tokens: 1000, completion_tokens: 100 },
    usageSource: 'provider',
    cost: {
      status: 'priced',
      currency: 'USD',
      amount: '0.0035',
      source: 'local',
      lineItems: [
        { meter: 'input', quantity: '1000', unitPrice: '2.5', per: '1000000', amount: '0.0025' },
        { meter: 'output', quantity: '100', unitPrice: '10', per: '1000000', amount: '0.001' },
      ],
      price: { list: 'test@1', id: 'openai/gpt-4o' },
    },
    service: 'support-api',
    ...fields,
  });
}

/** A call nobody was named for. */
export function unattributedEvent(): CostEvent {
  const { attributionSource: _, ...fields } = costEvent({ customer: null });
  return createCostEvent(fields);
}

/** A cost in the given amount, or unpriced. */
export function cost(amount: string | undefined, currency = 'USD'): CostEventFields['cost'] {
  return amount === undefined
    ? { status: 'unpriced', lineItems: [], reason: 'unknown model' }
    : { status: 'priced', currency, amount, source: 'local', lineItems: [] };
}

/** Everything an async iterable yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
