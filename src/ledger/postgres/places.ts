import type { EventQuery } from '../ledger.ts';
import { joinedDays, type Span, summedPart } from '../plan.ts';
import { DAY } from '../time-buckets.ts';
import type { Queries } from './database.ts';
import { addDimensionFilter, Conditions, type Keys } from './where.ts';

/** Where the events of a query can be: under these customer keys, or in these spans of whole days. */
export interface Places {
  readonly keys?: readonly string[];
  readonly days?: readonly Span[];
}

/** A filter that more sums pass is not rare: its events are soon found in the order of their time. */
const MAX_SLICES = 200;
const MAX_KEYS = 16;
/** Customers with more calls are not looked through for a filter that is not about them. */
const MAX_COUNT = 10_000;

/** Asks the sums, which are few, where the events are, which are many; what they do not know stays out of it. */
export async function placesOf(query: Queries, asked: EventQuery, keys: Keys): Promise<Places> {
  if ([asked.id, asked.responseId, asked.traceId, asked.adjusts].some((given) => given !== undefined))
    return {};
  const [setting] = await query(`SELECT value FROM setting WHERE name = 'roll_up_context'`);
  const conditions = new Conditions();
  addDimensionFilter(summedPart(asked, (setting?.value ?? []) as readonly string[]), conditions, keys);
  const named: Places = keys === undefined ? {} : { keys };
  if (conditions.toString() === '') return named;
  const slices = await query(
    `SELECT slice, customer FROM slice ${conditions.toString()} LIMIT ${MAX_SLICES + 1}`,
    conditions.values,
  );
  if (slices.length === 0) return { days: [] };
  if (slices.length > MAX_SLICES) return named;
  const customers = [...new Set(slices.map(({ customer }) => customer))];
  const keyed = customers.filter(isText);
  if (keys !== undefined) return { keys: keyed };
  const isNarrow = keyed.length === customers.length && keyed.length <= MAX_KEYS;
  if (isNarrow && (await countOf(query, keyed)) <= MAX_COUNT) return { keys: keyed };
  const numbers = slices.map(({ slice }) => slice);
  return { days: await daysOf(query, asked, numbers) };
}

async function countOf(query: Queries, keys: readonly string[]): Promise<number> {
  const [row] = await query(
    'SELECT sum(events) AS count FROM roll_up JOIN slice USING (slice) WHERE days AND customer = ANY($1::text[])',
    [keys],
  );
  return Number(row?.count ?? 0);
}

async function daysOf(
  query: Queries,
  { start, end }: EventQuery,
  slices: readonly unknown[],
): Promise<readonly Span[]> {
  const conditions = new Conditions();
  conditions.add(`days AND slice = ANY(${conditions.value(slices)}::bigint[])`);
  if (start !== undefined) conditions.add(`start > ${conditions.value(new Date(start.getTime() - DAY))}`);
  if (end !== undefined) conditions.add(`start < ${conditions.value(end)}`);
  const days = await query(
    `SELECT DISTINCT extract(epoch FROM start) * 1000 AS day FROM roll_up ${conditions.toString()} ORDER BY day`,
    conditions.values,
  );
  return joinedDays(days.map(({ day }) => Number(day)));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
