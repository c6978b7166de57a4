import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Caching, Events, Found, Margins, Rest } from '../../src/dashboard/api.ts';
import { createDashboard } from '../../src/dashboard/dashboard.ts';
import { joinCaching, joinEvents, joinFound, joinMargins } from '../../src/dashboard/page/data/joined.ts';
import type { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { cost, costEvent } from '../ledger/events.ts';
import { filledLedger, NOW } from './ledger.ts';

const MINUTE = 60_000;
/** Two of every minute, at the same moment: 0.001, 0.002, … and every third without a price, and every seventh in euros. */
const EVENTS: readonly CostEvent[] = Array.from({ length: 400 }, (_, index) =>
  costEvent({
    timestamp: new Date(NOW.getTime() - (200 - Math.floor(index / 2)) * MINUTE),
    context: { run: index % 5 },
    traceId: String(index % 10).padStart(32, '0'),
    charge: { status: 'charged', currency: 'USD', amount: '0.5', lineItems: [], rateCard: 'gold' },
    usage: { inputTokens: 1_000, cacheReadTokens: 1_000, outputTokens: 0 },
    cost: {
      ...cost(
        index % 3 === 0 ? undefined : `0.${String(index).padStart(3, '0')}`,
        index % 7 === 0 ? 'EUR' : 'USD',
      ),
      lineItems: [
        { meter: 'input', quantity: '0', unitPrice: '2', per: '1000000', amount: '0' },
        { meter: 'cache_read', quantity: '1000', unitPrice: '1', per: '1000000', amount: '0.001' },
      ],
    },
  }),
);

let ledger: SqliteLedger;
/** Every look at the clock takes so long. */
let step: number;

beforeEach(async () => {
  step = 60;
  ledger = await filledLedger(EVENTS);
});
afterEach(() => ledger.shutdown());

async function ask<T>(path: string): Promise<T> {
  let looks = 0;
  const now = (): Date => new Date(NOW.getTime() + step * looks++);
  const response = await createDashboard({ ledger, now })(new Request(`http://localhost/api/${path}`));
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as T;
}

/** The answer in parts, joined as the page joins them, and how many there were. */
async function inParts<T extends { readonly rest: Rest }>(
  path: string,
  join: (first: T, next: T) => T,
): Promise<{ whole: T; parts: number }> {
  const [what = ''] = path.split('?');
  let whole = await ask<T>(`${path}&within=250`);
  let parts = 1;
  for (; whole.rest !== null; parts += 1) whole = join(whole, await ask<T>(`${what}?${whole.rest}`));
  return { whole, parts };
}

describe('in parts', () => {
  test.each(['desc', 'asc'])('a search finds what one answer finds, in its order: %s', async (order) => {
    const path = `events?order=${order}&limit=1000&trace_id=${'3'.padStart(32, '0')}`;
    const { whole, parts } = await inParts<Events>(path, joinEvents);
    expect(parts).toBeGreaterThan(2);
    expect(whole.events).toHaveLength(40);
    expect(whole.events).toEqual((await ask<Events>(path)).events);
  });

  test('a page is full after as many events as were asked for, and its cursor leads on', async () => {
    const seen: string[] = [];
    let cursor = '';
    let last: Events;
    do {
      const { whole } = await inParts<Events>(`events?limit=70&min_cost=0.1${cursor}`, joinEvents);
      last = whole;
      expect(last.events.length).toBeLessThanOrEqual(70);
      seen.push(...last.events.map(({ id }) => id));
      cursor = `&cursor=${last.next_cursor ?? ''}`;
    } while (last.next_cursor !== null);
    // 100 to 399, without every third: 200 events.
    expect(seen).toHaveLength(200);
    expect(seen).toEqual((await ask<Events>('events?limit=1000&min_cost=0.1')).events.map(({ id }) => id));
  });

  test.each([
    'min_cost=0.1',
    'context.run=2',
    'is.context.run=2',
    'max_cost=0.05',
    'unpriced=true&context.run=1',
  ])('the sum of %s is the sum of one answer', async (filter) => {
    const { whole, parts } = await inParts<Found>(`sum?${filter}`, joinFound);
    expect(parts).toBeGreaterThan(2);
    expect(whole.calls).toBeGreaterThan(0);
    const { period: _, ...once } = await ask<Found>(`sum?${filter}`);
    expect(whole).toMatchObject(once);
  });

  test('what the sums know is one part, however little time is given', async () => {
    expect(await ask<Found>('sum?customer=acme&within=1')).toMatchObject({ rest: null });
    expect((await ask<Events>('events?customer=acme&within=1')).events).toHaveLength(50);
  });

  test('charge, margin and what caching saved are added up from their parts', async () => {
    const margins = await inParts<Margins>('margin?month=2026-11', joinMargins);
    expect(margins.parts).toBeGreaterThan(2);
    expect(margins.whole.rows).toEqual((await ask<Margins>('margin?month=2026-11')).rows);
    const caching = await inParts<Caching>('cache?month=2026-11', joinCaching);
    expect(caching.parts).toBeGreaterThan(2);
    expect(new Set(caching.whole.rows)).toEqual(new Set((await ask<Caching>('cache?month=2026-11')).rows));
  });

  test('enough time is one answer', async () => {
    step = 0;
    expect(await ask<Found>('sum?min_cost=0.1&within=250')).toEqual(await ask<Found>('sum?min_cost=0.1'));
  });

  test.each(['0', '-1', 'soon', '60001'])('a time of %s is refused', async (within) => {
    const response = await createDashboard({ ledger })(
      new Request(`http://localhost/api/sum?min_cost=1&within=${within}`),
    );
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("'within'");
  });
});
