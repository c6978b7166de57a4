import { sumDecimals } from '../../../src/base/decimal.ts';
import type { CostEvent } from '../../../src/metering/cost-event.ts';
import { NOW, seededEvents } from './seed.ts';

/** What was seeded. */
export const EVENTS: readonly CostEvent[] = seededEvents();

export const NOVEMBER: readonly CostEvent[] = EVENTS.filter(
  ({ timestamp }) => timestamp >= new Date('2026-11-01T00:00:00Z'),
);
export const OCTOBER: readonly CostEvent[] = between('2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z');
/** October until the moment in the month that it is now in November. */
export const SAME_DAYS: readonly CostEvent[] = between(
  '2026-10-01T00:00:00Z',
  NOW.toISOString().replace('-11-', '-10-'),
);

export const isUnattributed = ({ customer, attributionSource }: CostEvent): boolean =>
  customer === null && attributionSource === undefined;
export const isUnpriced = ({ cost }: CostEvent): boolean => cost.status === 'unpriced';
export const isEstimated = ({ usageSource }: CostEvent): boolean => usageSource === 'estimated';

export const featureOf = ({ context }: CostEvent): string | null =>
  typeof context.feature === 'string' ? context.feature : null;

/** The exact sum of what they cost, added up here and not by the ledger. */
export function costOf(events: readonly CostEvent[]): string {
  return sumDecimals(events.flatMap(({ cost }) => cost.amount ?? []));
}

export function callsOf(events: readonly CostEvent[]): string {
  return String(events.length);
}

/** The exact cost per value, the largest first; those of which nothing is priced are left out. */
export function costBy(
  events: readonly CostEvent[],
  valueOf: (event: CostEvent) => string | null | undefined,
): Map<string | null, string> {
  const groups = Map.groupBy(events, (event) => valueOf(event) ?? null);
  return new Map([...groups].map(([value, members]) => [value, costOf(members)]));
}

function between(start: string, end: string): CostEvent[] {
  return EVENTS.filter(({ timestamp }) => timestamp >= new Date(start) && timestamp < new Date(end));
}
