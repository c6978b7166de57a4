import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { createCostEvent } from '../../../src/metering/cost-event.ts';
import { costEvent, priced, unattributedEvent } from '../events.ts';

export const IDS = {
  acme: '019aa1c2-0000-7000-8000-000000000001',
  unpriced: '019aa1c2-0000-7000-8000-000000000004',
};

/**
 * A ledger with known sums: acme 0.005615 + 0.1 (estimated), globex 0.2 and one unpriced call that was priced later,
 * nobody 0.0001, and one call of globex's that is still unpriced. 0.005615 + 0.1 + 0.2 + 0.0001 + 0.03 = 0.335715.
 */
export async function fillLedger(path: string): Promise<void> {
  const ledger = new SqliteLedger({ path });
  ledger.write([
    costEvent(1, {
      context: { feature: 'chat' },
      cost: {
        status: 'priced',
        currency: 'USD',
        amount: '0.005615',
        source: 'local',
        // 86 × 2.5 ÷ 1M + 1920 × 1.25 ÷ 1M + 300 × 10 ÷ 1M = 0.000215 + 0.0024 + 0.003
        lineItems: [
          { meter: 'input', quantity: '86', unitPrice: '2.5', per: '1000000', amount: '0.000215' },
          { meter: 'cache_read', quantity: '1920', unitPrice: '1.25', per: '1000000', amount: '0.0024' },
          { meter: 'output', quantity: '300', unitPrice: '10', per: '1000000', amount: '0.003' },
        ],
        price: { list: 'test@1', id: 'openai/gpt-4o' },
      },
    }),
    costEvent(2, { cost: priced('0.1'), usageSource: 'estimated', status: 'aborted' }),
    costEvent(3, {
      customer: 'globex',
      cost: priced('0.2'),
      provider: 'anthropic',
      responseModel: 'claude-sonnet-5',
    }),
    costEvent(4, { customer: 'globex', cost: UNPRICED, responseModel: 'new-model' }),
    createCostEvent({
      ...costEvent(5, { customer: 'globex', cost: priced('0.03'), responseModel: 'new-model' }),
      kind: 'adjustment',
      adjusts: IDS.unpriced,
      timestamp: costEvent(4).timestamp,
    }),
    unattributedEvent(6, { cost: priced('0.0001') }),
    costEvent(7, { customer: 'globex', cost: UNPRICED, responseModel: 'newer-model' }),
  ]);
  await ledger.flush();
  await ledger.budgets.definitions.put(
    'per-customer',
    JSON.stringify({ id: 'per-customer', each: ['customer'], limit: '0.5', period: 'total' }),
  );
  const counter = 'per-customer|customer=acme';
  const key = { budgetId: 'per-customer', counter, bucket: 0, from: 0, to: 1 };
  await ledger.budgets.settle({
    callId: 'a',
    eventId: IDS.acme,
    now: new Date(),
    entries: [{ ...key, amount: '0.105615', limit: '0.5', thresholds: [], scope: '{"customer":"acme"}' }],
  });
  await ledger.shutdown();
}

const UNPRICED = { status: 'unpriced', lineItems: [], reason: 'unknown model' } as const;
