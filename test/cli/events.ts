import { type CostEvent, type CostEventFields, createCostEvent } from '../../src/metering/cost-event.ts';

/** An event with only what matters to a test spelled out; the number makes its id and its time. */
export function costEvent(number: number, fields: Partial<CostEventFields> = {}): CostEvent {
  return createCostEvent({
    id: `019aa1c2-0000-7000-8000-${String(number).padStart(12, '0')}`,
    kind: 'usage',
    timestamp: new Date(Date.parse('2026-11-20T10:00:00Z') + number * 1000),
    customer: 'acme',
    attributionSource: 'scope',
    context: {},
    provider: 'openai',
    operation: 'chat',
    requestModel: 'gpt-4o',
    responseModel: 'gpt-4o-2024-08-06',
    stream: false,
    status: 'ok',
    retries: 0,
    usage: { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300 },
    usageSource: 'provider',
    cost: priced('0.005615'),
    ...fields,
  });
}

/** An event nobody was named for. */
export function unattributedEvent(number: number, fields: Partial<CostEventFields> = {}): CostEvent {
  const { attributionSource: _, ...rest } = costEvent(number, { ...fields, customer: null });
  return createCostEvent(rest);
}

export function priced(amount: string): CostEvent['cost'] {
  return { status: 'priced', currency: 'USD', amount, source: 'local', lineItems: [] };
}
