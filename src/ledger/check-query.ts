import { ConfigError, describe } from '../base/errors.ts';
import { parseDecimal } from '../base/decimal.ts';
import { date, flag, type Kind, kind, type KindsOf, mapOf, oneOf, optionsOf, text } from '../base/options.ts';
import { didYouMean } from '../base/spelling.ts';
import { isTimeZone } from '../base/time-zone.ts';
import { isTime } from './time-buckets.ts';
import { type CostQuery, type Dimension, DIMENSIONS, type EventFilter, type EventQuery } from './ledger.ts';

const amount: Kind<string | number> = kind("an amount like '0.5'", (value) => {
  return (typeof value === 'string' || typeof value === 'number') && parseDecimal(`${value}`) !== undefined;
});
const customer: Kind<string | null> = kind(
  "a customer's key or null",
  (value) => value === null || (typeof value === 'string' && value !== ''),
);
const entry: Kind<string | number | boolean> = kind('a text, a number or a flag', (value) =>
  ['string', 'number', 'boolean'].includes(typeof value),
);
const value: Kind<string | null | readonly (string | null)[]> = kind(
  'a text, null, or a list of these',
  (given) => [given].flat().every((each) => each === null || typeof each === 'string'),
);
const limit: Kind<number> = kind(
  'a whole number of at least 0',
  (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0,
);

const FILTER: KindsOf<EventFilter> = {
  start: date,
  end: date,
  id: text,
  responseId: text,
  traceId: text,
  adjusts: text,
  customer,
  provider: text,
  model: text,
  operation: text,
  service: text,
  status: oneOf('ok', 'error', 'aborted', 'partial'),
  costStatus: oneOf('priced', 'free', 'unpriced'),
  unattributed: flag,
  unpriced: flag,
  context: mapOf(entry),
  is: mapOf(value),
  minCost: amount,
  maxCost: amount,
};

const EVENTS: KindsOf<EventQuery> = { ...FILTER, order: oneOf('asc', 'desc'), limit, cursor: text };

const QUERY: KindsOf<CostQuery> = {
  ...EVENTS,
  groupBy: kind(`a list of dimensions like ['customer']`, Array.isArray),
  timeZone: kind("a time zone like 'Europe/Berlin'", isTimeZone),
};

/** @throws {ConfigError} for a filter nobody reads, or a value of a wrong kind. */
export function checkEventQuery(query: EventQuery): EventQuery {
  return checkFilter('ledger.events', optionsOf('ledger.events', query, EVENTS));
}

/** @throws {ConfigError} for a filter or dimension nobody knows, or a value of a wrong kind. */
export function checkCostQuery(query: CostQuery): CostQuery {
  const checked = checkFilter('ledger.query', optionsOf('ledger.query', query, QUERY));
  for (const dimension of checked.groupBy ?? []) checkDimension(dimension);
  return checked;
}

function checkDimension(dimension: Dimension): void {
  if ((DIMENSIONS as readonly unknown[]).includes(dimension)) return;
  if (typeof dimension === 'string' && /^context\../.test(dimension)) return;
  throw new ConfigError(
    `There is no dimension ${describe(dimension)}.${didYouMean(dimension, DIMENSIONS)} Dimensions: ${DIMENSIONS.join(', ')}, and context.<name>.`,
  );
}

function checkFilter<T extends EventFilter>(where: string, query: T): T {
  const { start, end, is = {} } = query;
  for (const dimension of Object.keys(is) as Dimension[]) {
    checkDimension(dimension);
    if (isTime(dimension))
      throw new ConfigError(`${where}: 'is.${dimension}' is a time: give 'start' and 'end' instead.`);
  }
  if (start === undefined || end === undefined || start <= end) return query;
  throw new ConfigError(
    `${where}: 'start' (${start.toISOString()}) is after 'end' (${end.toISOString()}). Swap them.`,
  );
}
