import type { CostLedger, EventFilter } from '../ledger/ledger.ts';
import { known } from '../base/read.ts';

/** Calls without a price that lack it for one reason. */
export interface UnpricedGroup {
  readonly provider: string;
  /** The model that answered, else the one asked for; absent when the call names none. */
  readonly model?: string;
  readonly reason: string;
  readonly events: number;
}

/** What has no price yet, and why; the most frequent first. What was priced later by an adjustment is not among it. */
export async function unpricedGroups(
  ledger: Pick<CostLedger, 'query'>,
  filter: EventFilter = {},
): Promise<readonly UnpricedGroup[]> {
  const groupBy = ['provider', 'model', 'cost_reason'] as const;
  const rows = await ledger.query({ ...filter, unpriced: true, groupBy });
  return rows
    .map(({ group, events }) => ({
      provider: group.provider ?? '',
      reason: group.cost_reason ?? 'unknown',
      events,
      ...known({ model: group.model ?? undefined }),
    }))
    .toSorted((a, b) => b.events - a.events);
}
