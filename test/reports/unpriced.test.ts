import { expect, test } from 'vitest';
import type { EventFilter } from '../../src/ledger/ledger.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { unpricedGroups } from '../../src/reports/unpriced.ts';
import { repricePlan } from '../../src/reports/reprice-plan.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { defaultPriceList } from '../../src/pricing/shipped/default-price-list.ts';
import { costEvent } from '../cli/events.ts';

const unpriced = (number: number, model: string | undefined, reason: string) =>
  costEvent(number, {
    ...(model === undefined ? {} : { requestModel: model, responseModel: model }),
    usage: { inputTokens: 1000 },
    cost: { status: 'unpriced', lineItems: [], reason },
  });

/** A ledger that only finds what it is asked for, and notes what that was. */
function ledgerOf(events: readonly CostEvent[]) {
  const asked: EventFilter[] = [];
  return {
    asked,
    async *events(filter: EventFilter = {}) {
      asked.push(filter);
      yield* events.filter((event) => filter.unpriced !== true || event.cost.status === 'unpriced');
    },
  };
}

test('groups what has no price by provider, model and reason, the most frequent first', async () => {
  const ledger = new SqliteLedger({ path: ':memory:' });
  const late = unpriced(6, 'c', 'no price');
  ledger.write([
    unpriced(1, 'a', 'no price'),
    unpriced(2, 'b', 'no price'),
    unpriced(3, 'b', 'no price'),
    unpriced(4, 'b', 'another reason'),
    costEvent(5),
    late,
    costEvent(7, { kind: 'adjustment', adjusts: late.id }),
    { ...unpriced(8, 'd', 'no price'), customer: 'globex' },
  ]);
  expect(await unpricedGroups(ledger, { customer: 'acme' })).toEqual([
    { provider: 'openai', model: 'b', reason: 'no price', events: 2 },
    { provider: 'openai', model: 'a', reason: 'no price', events: 1 },
    { provider: 'openai', model: 'b', reason: 'another reason', events: 1 },
  ]);
  await ledger.shutdown();
});

test('only asks the ledger for what is unpriced unless everything is priced again', async () => {
  const ledger = ledgerOf([unpriced(1, 'gpt-4o', 'no price'), costEvent(2)]);
  const plan = await repricePlan(ledger, {}, { prices: [defaultPriceList] });
  // 1000 × $2.50/M
  expect(plan).toMatchObject([{ after: { amount: '0.0025' }, difference: '0.0025' }]);
  await repricePlan(ledger, {}, { prices: [defaultPriceList], all: true });
  expect(ledger.asked).toEqual([{ unpriced: true }, {}]);
});
