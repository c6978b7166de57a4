import type { EventFilter } from '../ledger/ledger.ts';

/** What a plain filter is called in a query string. */
export const FILTER_NAMES: Readonly<
  Record<string, Exclude<keyof EventFilter, 'start' | 'end' | 'context' | 'is'>>
> = {
  id: 'id',
  response_id: 'responseId',
  trace_id: 'traceId',
  adjusts: 'adjusts',
  customer: 'customer',
  provider: 'provider',
  model: 'model',
  operation: 'operation',
  service: 'service',
  status: 'status',
  cost_status: 'costStatus',
  min_cost: 'minCost',
  max_cost: 'maxCost',
  unattributed: 'unattributed',
  unpriced: 'unpriced',
};

/** A filter as the query string that asks for it: the way from a number to the events behind it. */
export function linkOf(filter: EventFilter): string {
  const params = new URLSearchParams();
  if (filter.start !== undefined) params.set('start', filter.start.toISOString());
  if (filter.end !== undefined) params.set('end', filter.end.toISOString());
  for (const [name, field] of Object.entries(FILTER_NAMES)) {
    const value = filter[field];
    if (value !== undefined && value !== null) params.set(name, String(value));
  }
  if (filter.customer === null) params.append('without', 'customer');
  for (const [name, value] of Object.entries(filter.context ?? {}))
    params.set(`context.${name}`, String(value));
  for (const [name, value] of Object.entries(filter.is ?? {})) {
    for (const each of [value].flat())
      if (each === null) params.append('without', name);
      else params.append(`is.${name}`, each);
  }
  return params.toString();
}
