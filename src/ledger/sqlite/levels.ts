import { DIMENSION_COLUMNS } from '../event-row.ts';
import type { CostQuery } from '../ledger.ts';
import { isTime } from '../time-buckets.ts';

/**
 * How much is summed in one row of `roll_up`, as its column `days` says: every combination that events have, or only what
 * most questions ask for. A question is answered from the coarsest that knows what it asks: with thousands of customers
 * that is a thousand times fewer rows.
 */
export const LEVEL = {
  hour: 0,
  day: 1,
  /** Without customers. */
  hourOfAll: 2,
  dayOfAll: 3,
  /** Customers, without what they called. */
  dayOfCustomer: 4,
} as const;

export type Level = (typeof LEVEL)[keyof typeof LEVEL];

/** Stands for any way in which a customer was named. */
const NAMED = '*';
/** No event is without a provider. */
const NO_PROVIDER = '';

type Values = readonly (string | null)[];

/** The dimensions without the customer; whether somebody was named at all stays. In the order of `DIMENSION_COLUMNS`. */
export function withoutCustomer(dimensions: Values): Values {
  const isNamed = CUSTOMER.some((name) => dimensions[DIMENSION_COLUMNS.indexOf(name)] !== null);
  return dimensions.map((value, index) => {
    const name = DIMENSION_COLUMNS[index];
    if (name === 'customer') return null;
    return name === 'attribution_source' ? (isNamed ? NAMED : null) : value;
  });
}

/** The customer, and what every row of a report is made of. */
export function ofCustomer(dimensions: Values): Values {
  return dimensions.map((value, index) => {
    const name = DIMENSION_COLUMNS[index] ?? '';
    if (name === 'provider' || name === 'operation') return NO_PROVIDER;
    return KEPT.has(name) ? value : null;
  });
}

const CUSTOMER = ['customer', 'attribution_source'] as const;
const KEPT: ReadonlySet<string> = new Set([
  ...CUSTOMER,
  'kind',
  'status',
  'usage_source',
  'cost_status',
  'currency',
]);

/** Which rows of the table `dimension` a level is made of, in SQL; undefined for those of events. */
export function conditionOf(level: Level): string | undefined {
  if (level === LEVEL.dayOfCustomer) return `provider = '${NO_PROVIDER}'`;
  if (level === LEVEL.hour || level === LEVEL.day) return undefined;
  return `customer IS NULL AND coalesce(attribution_source, '${NAMED}') = '${NAMED}'`;
}

/** The coarsest levels that know what a query asks for. */
export function levelsFor(query: CostQuery): { readonly days: Level; readonly hours: Level } {
  const names = namesIn(query);
  if (!CUSTOMER.some((name) => names.has(name))) return { days: LEVEL.dayOfAll, hours: LEVEL.hourOfAll };
  const isAboutCustomers = [...names].every((name) => KEPT.has(name));
  return { days: isAboutCustomers ? LEVEL.dayOfCustomer : LEVEL.day, hours: LEVEL.hour };
}

/** The dimensions that a query groups or filters by. */
function namesIn({ groupBy = [], is = {}, context = {}, ...filter }: CostQuery): ReadonlySet<string> {
  const filters = [
    filter.customer === undefined ? [] : ['customer'],
    filter.provider === undefined ? [] : ['provider'],
    filter.model === undefined ? [] : ['model'],
    filter.operation === undefined ? [] : ['operation'],
    filter.service === undefined ? [] : ['service'],
    filter.status === undefined ? [] : ['status'],
    filter.costStatus === undefined ? [] : ['cost_status'],
  ].flat();
  return new Set([
    ...groupBy.filter((name) => !isTime(name)),
    ...Object.keys(is),
    ...Object.keys(context).map((name) => `context.${name}`),
    ...filters,
  ]);
}
