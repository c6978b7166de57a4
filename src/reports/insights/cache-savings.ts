import {
  add,
  type Decimal,
  divide,
  type Exact,
  exact,
  formatDecimal,
  multiply,
  subtract,
  ZERO,
} from '../../base/decimal.ts';
import { costOfFacts } from '../../calls/cost-of-call.ts';
import type { CostLedger, EventFilter } from '../../ledger/ledger.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import type { LineItem, PriceList } from '../../pricing/price.ts';
import { defaultPriceList } from '../../pricing/shipped/default-price-list.ts';

export interface CacheOptions extends EventFilter {
  /** Asked for the price of uncached input where an event has none. Default: the list that comes with the package. */
  readonly prices?: readonly PriceList[];
}

/** What caching saved with one model, at list prices. */
export interface CacheSavings {
  readonly provider: string;
  readonly model: string;
  readonly currency: string;
  /** Tokens read from a cache, and written to one. */
  readonly read: number;
  readonly written: number;
  /** Less than the uncached price, for what was read. */
  readonly savedByReading: Decimal;
  /** More than the uncached price, for what was written. */
  readonly paidForWriting: Decimal;
  /** savedByReading − paidForWriting; negative where the cache cost more than it saved. */
  readonly saved: Decimal;
  /** Calls with cached tokens whose uncached price is not known: they are not in the figures. */
  readonly unknown: number;
}

/** What prompt caching saved, per model: each cached token beside what it would have cost uncached, exactly. */
export async function cacheSavings(
  ledger: Pick<CostLedger, 'events'>,
  options: CacheOptions = {},
): Promise<readonly CacheSavings[]> {
  const { prices = [defaultPriceList], ...filter } = options;
  const groups = new Map<string, Tally>();
  for await (const event of ledger.events(filter)) {
    const items = event.cost.lineItems.filter(({ meter }) => meter.startsWith('cache_'));
    if (items.length === 0 || event.kind !== 'usage') continue;
    const model = event.responseModel ?? event.requestModel ?? '';
    const currency = event.cost.currency ?? 'USD';
    const key = JSON.stringify([event.provider, model, currency]);
    const tally = groups.get(key) ?? {
      provider: event.provider,
      model,
      currency,
      read: 0,
      written: 0,
      saved: ZERO,
      paid: ZERO,
      unknown: 0,
    };
    groups.set(key, tally);
    addEvent(tally, event, items, prices);
  }
  return [...groups.values()].map(({ saved, paid, ...tally }) => ({
    ...tally,
    savedByReading: formatDecimal(saved),
    paidForWriting: formatDecimal(paid),
    saved: formatDecimal(subtract(saved, paid)),
  }));
}

interface Tally {
  readonly provider: string;
  readonly model: string;
  readonly currency: string;
  read: number;
  written: number;
  saved: Exact;
  paid: Exact;
  unknown: number;
}

function addEvent(
  tally: Tally,
  event: CostEvent,
  items: readonly LineItem[],
  prices: readonly PriceList[],
): void {
  const uncached = inputItemOf(event, prices);
  if (uncached === undefined) {
    tally.unknown += 1;
    return;
  }
  for (const item of items) {
    const full = amountAt(item.quantity, uncached);
    const difference = subtract(full, exact(item.amount));
    if (item.meter.startsWith('cache_read')) {
      tally.read += Number(item.quantity);
      tally.saved = add(tally.saved, difference);
    } else {
      tally.written += Number(item.quantity);
      tally.paid = subtract(tally.paid, difference);
    }
  }
}

/** The event's own price of uncached input; else that of the same call with nothing cached. */
function inputItemOf(event: CostEvent, prices: readonly PriceList[]): LineItem | undefined {
  const own = event.cost.lineItems.find(({ meter }) => meter === 'input');
  if (own !== undefined) return own;
  const { inputTokens = 0 } = event.usage;
  const uncached = costOfFacts({ ...event, usage: { inputTokens, outputTokens: 0 } }, prices);
  return uncached.lineItems.find(({ meter }) => meter === 'input');
}

function amountAt(quantity: Decimal, { unitPrice, per, multipliers = [] }: LineItem): Exact {
  const price = multipliers.reduce(
    (product, { factor }) => multiply(product, exact(factor)),
    exact(unitPrice),
  );
  return divide(multiply(exact(quantity), price), exact(per)) ?? ZERO;
}
