import type { PeriodJson } from '../../api.ts';

/** The filter of a sum, for one bucket of its time alone. */
export function bucketFilter(filter: string, { start, end }: PeriodJson): string {
  const query = new URLSearchParams(filter);
  query.delete('month');
  if (start !== null) query.set('start', start);
  if (end !== null) query.set('end', end);
  return query.toString();
}
