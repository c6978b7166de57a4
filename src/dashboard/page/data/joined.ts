import {
  compare,
  divide,
  exact,
  formatDecimal,
  roundDecimal,
  subtract,
  sumDecimals,
} from '../../../base/decimal.ts';
import type { Amount, Caching, CachingJson, Events, Found, MarginJson, Margins } from '../../api.ts';

/** The events of a part stand behind those before it. */
export function joinEvents(first: Events, next: Events): Events {
  return { ...next, events: [...first.events, ...next.events] };
}

export function joinFound(first: Found, next: Found): Found {
  const amounts = merged(
    [...first.amounts, ...next.amounts],
    ({ currency }) => currency,
    (a, b) => ({ ...a, amount: sumDecimals([a.amount, b.amount]) }),
  );
  return {
    ...first,
    calls: first.calls + next.calls,
    unpriced: first.unpriced + next.unpriced,
    amounts: amounts.sort((a, b) => (a.currency < b.currency ? -1 : 1)),
    rest: next.rest,
  };
}

export function joinCaching(first: Caching, next: Caching): Caching {
  const keyOf = ({ provider, model, currency }: CachingJson): string =>
    JSON.stringify([provider, model, currency]);
  return { ...first, rest: next.rest, rows: merged([...first.rows, ...next.rows], keyOf, addCaching) };
}

function addCaching(a: CachingJson, b: CachingJson): CachingJson {
  return {
    ...a,
    tokens_read: a.tokens_read + b.tokens_read,
    tokens_written: a.tokens_written + b.tokens_written,
    saved_by_reading: sumDecimals([a.saved_by_reading, b.saved_by_reading]),
    paid_for_writing: sumDecimals([a.paid_for_writing, b.paid_for_writing]),
    saved: sumDecimals([a.saved, b.saved]),
    unknown: a.unknown + b.unknown,
  };
}

export function joinMargins(first: Margins, next: Margins): Margins {
  const keyOf = ({ customer, unattributed, currency }: MarginJson): string =>
    JSON.stringify([customer, unattributed, currency]);
  const rows = merged([...first.rows, ...next.rows], keyOf, addMargin);
  const byMargin = (a: MarginJson, b: MarginJson): number => compare(exact(a.margin), exact(b.margin));
  return { ...first, rest: next.rest, rows: rows.sort(byMargin) };
}

function addMargin(a: MarginJson, b: MarginJson): MarginJson {
  const [cost, charge] = [sumDecimals([a.cost, b.cost]), sumDecimals([a.charge, b.charge])];
  const margin = formatDecimal(subtract(exact(charge), exact(cost)));
  return {
    ...a,
    calls: a.calls + b.calls,
    cost,
    charge,
    margin,
    rate: rateOf(margin, charge),
    uncharged: a.uncharged + b.uncharged,
    unpriced: a.unpriced + b.unpriced,
  };
}

function rateOf(margin: Amount, charge: Amount): Amount | null {
  const rate = divide(exact(margin), exact(charge));
  return rate === undefined ? null : roundDecimal(formatDecimal(rate), 3);
}

/** Rows of one key added up, in the order in which the keys first came. */
function merged<Row>(rows: readonly Row[], keyOf: (row: Row) => string, add: (a: Row, b: Row) => Row): Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const before = byKey.get(keyOf(row));
    byKey.set(keyOf(row), before === undefined ? row : add(before, row));
  }
  return [...byKey.values()];
}
