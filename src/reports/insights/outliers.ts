import { compare, type Decimal, type Exact, exact, multiply } from '../../base/decimal.ts';
import type { CostLedger, EventFilter } from '../../ledger/ledger.ts';
import type { CostEvent } from '../../metering/cost-event.ts';

export interface OutlierOptions extends EventFilter {
  /** How many times the median a call must cost. Default: 10. */
  readonly factor?: number;
  /** Models with fewer priced calls have no outliers. Default: 20. */
  readonly leastCalls?: number;
  /** How many, the dearest first. Default: 20. */
  readonly top?: number;
}

export interface Outliers {
  /** The rule, in a sentence. */
  readonly rule: string;
  readonly outliers: readonly Outlier[];
}

export interface Outlier {
  readonly event: CostEvent;
  /** Of its model's priced calls in the period: what one of them cost, to within one percent. */
  readonly median: Decimal;
}

/**
 * Calls that cost many times what a call to the same model usually does.
 *
 * The median is taken from a histogram whose steps are one percent wide, so that memory stays flat over any number of
 * events; the events are read twice. It is exact where the calls around it cost the same.
 */
export async function outliers(
  ledger: Pick<CostLedger, 'events'>,
  options: OutlierOptions = {},
): Promise<Outliers> {
  const { factor = 10, leastCalls = 20, top = 20, ...filter } = options;
  const histograms = new Map<string, Histogram>();
  for await (const event of ledger.events(filter)) {
    const { amount } = event.cost;
    if (amount === undefined || !(Number(amount) > 0) || event.kind !== 'usage') continue;
    const key = keyOf(event);
    const histogram = histograms.get(key) ?? new Histogram();
    histograms.set(key, histogram);
    histogram.add(amount);
  }
  const medians = new Map(
    [...histograms].flatMap(([key, histogram]) =>
      histogram.count < leastCalls ? [] : [[key, histogram.median()] as const],
    ),
  );
  const found: Found[] = [];
  for await (const event of medians.size === 0 ? [] : ledger.events(filter)) {
    const median = medians.get(keyOf(event));
    const { amount } = event.cost;
    if (median === undefined || amount === undefined || event.kind !== 'usage') continue;
    const cost = exact(amount);
    if (compare(cost, multiply(exact(median), exact(String(factor)))) <= 0) continue;
    found.push({ cost, outlier: { event, median } });
    if (found.length > 10 * top) keepDearest(found, top);
  }
  keepDearest(found, top);
  return {
    rule: `A call is an outlier when it cost more than ${factor} times the median of the priced calls to its model in the period, where there were at least ${leastCalls}.`,
    outliers: found.map(({ outlier }) => outlier),
  };
}

interface Found {
  readonly cost: Exact;
  readonly outlier: Outlier;
}

function keepDearest(found: Found[], top: number): void {
  found.sort((a, b) => compare(b.cost, a.cost) || (a.outlier.event.id < b.outlier.event.id ? -1 : 1));
  found.length = Math.min(found.length, top);
}

function keyOf({ provider, responseModel, requestModel, cost }: CostEvent): string {
  return JSON.stringify([provider, responseModel ?? requestModel, cost.currency]);
}

/** Counts by size, in steps of one percent; of each step the least amount is known. */
class Histogram {
  count = 0;
  readonly #steps = new Map<number, { count: number; least: Decimal }>();

  add(amount: Decimal): void {
    const step = Math.floor(Math.log(Number(amount)) / STEP);
    const found = this.#steps.get(step);
    this.count += 1;
    if (found === undefined) this.#steps.set(step, { count: 1, least: amount });
    else {
      found.count += 1;
      if (compare(exact(amount), exact(found.least)) < 0) found.least = amount;
    }
  }

  median(): Decimal {
    let seen = 0;
    for (const [, { count, least }] of [...this.#steps].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen * 2 >= this.count) return least;
    }
    return '0';
  }
}

const STEP = Math.log(1.01);
