import { DIMENSIONS, type EventQuery } from '../../ledger/ledger.ts';
import { PACKAGE_VERSION } from '../../version.ts';
import type { Meta } from '../api.ts';
import type { Answer } from './answer.ts';
import type { ReadableLedger } from '../question.ts';

/** Late calls whose context entries are offered to group by. */
const LOOKED_AT = 300;

/** What this ledger is, and what it can be asked. */
export const meta: Answer = {
  async json({ ledger, timeZone, at, budgets, sinks }): Promise<Meta> {
    const late = await Array.fromAsync(ledger.events({ order: 'desc', limit: LOOKED_AT }));
    const names = new Set(late.flatMap(({ context }) => Object.keys(context ?? {})));
    return {
      version: PACKAGE_VERSION,
      ledger: ledger.name,
      now: at.toISOString(),
      time_zone: timeZone,
      is_empty: late.length === 0,
      first_event: late.length === 0 ? null : await timeOf(ledger, { order: 'asc' }),
      last_event: late[0]?.timestamp.toISOString() ?? null,
      dimensions: [...DIMENSIONS, ...[...names].sort().map((name) => `context.${name}`)],
      has: {
        customers: ledger.customers !== undefined,
        budgets: ledger.budgets !== undefined || budgets.length > 0,
        delivery: ledger.outboxAdmin !== undefined || sinks().length > 0,
      },
    };
  },
};

async function timeOf(ledger: ReadableLedger, query: EventQuery): Promise<string | null> {
  for await (const event of ledger.events({ ...query, limit: 1 })) return event.timestamp.toISOString();
  return null;
}
