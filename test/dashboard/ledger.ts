import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { createCostEvent, type CostEvent } from '../../src/metering/cost-event.ts';
import { cost, costEvent, unattributedEvent } from '../ledger/events.ts';

/** Noon of November 20, in UTC. */
export const NOW = new Date('2026-11-20T12:00:00.000Z');

const at = (time: string): Date => new Date(`2026-${time}Z`);

/** Two months of few calls, of every kind that a screen tells apart. */
export const EVENTS: readonly CostEvent[] = [
  // The same days of the month before: 1.5.
  costEvent({ timestamp: at('10-03T10:00'), cost: cost('1') }),
  costEvent({ timestamp: at('10-20T11:59'), customer: 'globex', cost: cost('0.5') }),
  // The rest of it.
  costEvent({ timestamp: at('10-20T12:00'), cost: cost('4') }),
  // This month.
  costEvent({
    timestamp: at('11-01T00:00'),
    context: { feature: 'chat' },
    cost: cost('1.000000000000000000001'),
  }),
  costEvent({
    timestamp: at('11-02T23:30'),
    context: { feature: 'search', team: 'red' },
    requestModel: 'gpt-4o-mini',
    responseModel: 'gpt-4o-mini-2024-07-18',
    cost: cost('0.25'),
  }),
  costEvent({
    timestamp: at('11-19T08:00'),
    customer: 'globex',
    usageSource: 'estimated',
    cost: cost('0.125'),
  }),
  costEvent({
    timestamp: at('11-19T09:00'),
    customer: 'globex',
    status: 'error',
    errorType: 'timeout',
    cost: cost('0'),
  }),
  costEvent({ timestamp: at('11-19T10:00'), customer: '=cmd', cost: cost(undefined) }),
  costEvent({ timestamp: at('11-20T11:00'), customer: null, cost: cost('0.0625') }),
  createCostEvent({ ...unattributedEvent(), timestamp: at('11-20T11:30'), cost: cost('2') }),
  // Another currency has sums of its own.
  costEvent({ timestamp: at('11-20T11:45'), cost: cost('7', 'EUR') }),
];

/** A ledger with them; without a path in memory. */
export async function filledLedger(
  events: readonly CostEvent[] = EVENTS,
  path = ':memory:',
): Promise<SqliteLedger> {
  const ledger = new SqliteLedger({ path });
  ledger.write(events);
  await ledger.flush();
  return ledger;
}
