import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sumDecimals } from '../../src/base/decimal.ts';
import { Budget } from '../../src/budgets/budget.ts';
import type {
  BudgetAnswer,
  Budgets,
  Customers,
  CustomerAnswer,
  DeliveryAnswer,
  EventAnswer,
  Events,
  Meta,
  ModelAnswer,
  ReportAnswer,
  Spend,
  Summary,
  Sums,
} from '../../src/dashboard/api.ts';
import { createDashboard, type Dashboard } from '../../src/dashboard/dashboard.ts';
import type { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { readCell } from '../../src/base/spreadsheet-cell.ts';
import { cost, costEvent } from '../ledger/events.ts';
import { EVENTS, filledLedger, NOW } from './ledger.ts';

let ledger: SqliteLedger;
let dashboard: Dashboard;

beforeEach(async () => {
  ledger = await filledLedger();
  dashboard = createDashboard({ ledger, now: () => NOW });
});
afterEach(() => ledger.shutdown());

function ask(path: string): Promise<Response> {
  return dashboard(new Request(`http://localhost/api/${path}`));
}

async function answer<T>(path: string): Promise<T> {
  const response = await ask(path);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as T;
}

/** What an answer says a number is the sum of. */
async function behind({ filter }: { readonly filter: string }): Promise<Events['events']> {
  return (await answer<Events>(`events?limit=1000&${filter}`)).events;
}

async function expectSame(sums: Sums): Promise<void> {
  const events = await behind(sums);
  expect(sums.calls).toBe(events.filter(({ kind }) => kind === 'usage').length);
  expect(sums.amount ?? '0').toBe(
    sumDecimals(
      events.flatMap(({ cost: { amount, currency } }) => (currency === sums.currency ? [amount ?? '0'] : [])),
    ),
  );
}

async function table(path: string): Promise<Record<string, string>[]> {
  const response = await ask(path);
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('content-disposition')).toMatch(
    /^attachment; filename="costspan-[a-z]+\.csv"$/,
  );
  return parse(await response.text(), { columns: true, skip_empty_lines: true });
}

describe('summary', () => {
  test('puts the month to now beside the same days of the month before', async () => {
    const { currencies, ...times } = await answer<Summary>('summary');
    expect(times).toEqual({
      time_zone: 'UTC',
      period: { start: '2026-11-01T00:00:00.000Z', end: '2026-11-20T12:00:00.000Z' },
      before: { start: '2026-10-01T00:00:00.000Z', end: '2026-10-20T12:00:00.000Z' },
      last_month: { start: '2026-10-01T00:00:00.000Z', end: '2026-11-01T00:00:00.000Z' },
    });
    const [usd, eur] = currencies;
    // 1.000000000000000000001 + 0.25 + 0.125 + 0.0625 + 2
    expect(usd?.total).toMatchObject({ calls: 7, currency: 'USD', amount: '3.437500000000000000001' });
    expect(usd?.before).toMatchObject({ calls: 2, amount: '1.5' });
    expect(usd?.last_month).toMatchObject({ calls: 3, amount: '5.5' });
    // 3.4375 ÷ 1.5 − 1
    expect(usd?.change).toBe('1.292');
    expect(eur).toMatchObject({
      currency: 'EUR',
      total: { calls: 1, amount: '7' },
      before: { calls: 0 },
      change: null,
    });
    for (const each of currencies)
      for (const sums of [each.total, each.before, each.last_month]) await expectSame(sums);
  });

  test('says what is unattributed, unpriced and estimated, with the calls behind each', async () => {
    const [usd] = (await answer<Summary>('summary')).currencies;
    expect(usd?.unattributed).toMatchObject({
      calls: 1,
      share_of_calls: '0.143',
      amount: '2',
      share: '0.582',
    });
    expect(usd?.unpriced).toMatchObject({ calls: 1, amount: null, share: null });
    expect(usd?.estimated).toMatchObject({ calls: 1, amount: '0.125', share: '0.036' });
    expect(usd?.errors).toMatchObject({ calls: 1, amount: '0' });
    for (const part of [usd?.unattributed, usd?.unpriced, usd?.estimated, usd?.errors])
      expect(await behind(part!)).toHaveLength(1);
    const [nobody] = await behind(usd!.unattributed);
    expect([nobody?.customer, nobody?.attribution_source]).toEqual([null, undefined]);
  });

  test('forecasts the month, and no other period', async () => {
    const [usd] = (await answer<Summary>('summary')).currencies;
    expect(usd?.forecast).toMatchObject({
      spent: usd?.total.amount,
      period: { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' },
    });
    const week = await answer<Summary>('summary?start=2026-11-13&end=2026-11-20');
    expect(week.before).toEqual({ start: '2026-11-06T00:00:00.000Z', end: '2026-11-13T00:00:00.000Z' });
    expect(week.currencies[0]).toMatchObject({ forecast: null, total: { calls: 3, amount: '0.125' } });
  });

  test('begins the month where the clocks are', async () => {
    const summary = await answer<Summary>('summary?tz=Europe/Berlin&month=2026-11');
    expect(summary.period).toEqual({ start: '2026-10-31T23:00:00.000Z', end: '2026-11-30T23:00:00.000Z' });
  });

  test('is empty, and no error, for a ledger without a call', async () => {
    const empty = await filledLedger([]);
    dashboard = createDashboard({ ledger: empty, now: () => NOW });
    expect((await answer<Summary>('summary')).currencies).toEqual([]);
    expect(await answer<Spend>('spend')).toMatchObject({ series: [], totals: [] });
    expect(await answer<Meta>('meta')).toMatchObject({ is_empty: true, first_event: null, last_event: null });
    expect(await answer<Events>('events')).toMatchObject({ events: [], next_cursor: null });
    expect((await answer<ReportAnswer>('report')).rows).toEqual([]);
    expect((await answer<Customers>('customers')).rows).toEqual([]);
    await empty.shutdown();
  });
});

describe('spend', () => {
  test.each(['customer', 'model', 'context.feature', 'status'])(
    'by %s adds up, bucket by bucket',
    async (by) => {
      const found = await answer<Spend>(`spend?by=${by}&top=1`);
      expect(found.buckets).toHaveLength(20);
      for (const total of found.totals) {
        const series = found.series.filter(({ currency }) => currency === total.currency);
        expect(sumDecimals(series.map(({ amount }) => amount ?? '0'))).toBe(total.amount);
        for (const [index] of found.buckets.entries()) {
          expect(sumDecimals(series.map(({ amounts }) => amounts[index] ?? '0'))).toBe(
            total.amounts[index] ?? '0',
          );
          expect(series.reduce((sum, each) => sum + (each.calls_per_bucket[index] ?? 0), 0)).toBe(
            total.calls_per_bucket[index],
          );
        }
        await expectSame(total);
      }
      for (const series of found.series) if (!series.is_rest) await expectSame(series);
    },
  );

  test('shows the largest, what nobody was named for, and the rest', async () => {
    const { series } = await answer<Spend>('spend?by=customer&top=1');
    expect(
      series
        .filter(({ currency }) => currency === 'USD')
        .map(({ value, unattributed, is_rest, groups, amount }) => [
          value,
          unattributed,
          is_rest,
          groups,
          amount,
        ]),
    ).toEqual([
      ['acme', false, false, 1, '1.250000000000000000001'],
      [null, false, false, 1, '0.0625'],
      [null, true, false, 1, '2'],
      // globex and =cmd
      [null, false, true, 2, '0.125'],
    ]);
  });

  test('an hour in which nothing could be priced is unknown, and one without calls is 0', async () => {
    const { series } = await answer<Spend>(
      'spend?customer==cmd&unit=hour&start=2026-11-19T09:00Z&end=2026-11-19T12:00Z',
    );
    expect(series[0]).toMatchObject({ amount: null, amounts: ['0', null, '0'], calls_per_bucket: [0, 1, 0] });
  });

  test('weeks, and days of a zone, are those of the ledger', async () => {
    const weeks = await answer<Spend>('spend?unit=week&by=model');
    expect(weeks.buckets.map(({ label }) => label)).toEqual(['2026-W44', '2026-W45', '2026-W46', '2026-W47']);
    const days = await answer<Spend>(
      'spend?tz=Europe/Berlin&unit=day&customer=acme&start=2026-11-02&end=2026-11-04',
    );
    // 23:30 in London is 00:30 of the next day in Berlin.
    expect(days.totals[0]?.amounts).toEqual(['0', '0.25']);
  });
});

describe('report', () => {
  test.each([
    'customer',
    'customer,model',
    'context.feature,day',
    'context.team',
    'week',
    'hour',
    'month,status',
    'error_type',
  ])('by %s: each row leads to its events', async (by) => {
    const { rows, count, totals } = await answer<ReportAnswer>(`report?by=${by}`);
    expect(rows).toHaveLength(count);
    for (const row of rows) await expectSame(row);
    for (const total of totals) await expectSame(total);
    const lines = await table(`report.csv?by=${by}`);
    expect(lines.map(({ amount }) => amount)).toEqual(rows.map(({ amount }) => amount ?? ''));
  });

  test('cuts its rows, and says how many there are', async () => {
    const { rows, count } = await answer<ReportAnswer>('report?by=customer&limit=2');
    expect([rows.length, count]).toEqual([2, 6]);
  });
});

describe('as CSV', () => {
  test('a cell that a spreadsheet would run is text, and reads back as it was', async () => {
    const lines = await table('customers.csv');
    const cells = lines.map(({ customer = '' }) => customer);
    expect(cells).toContain("'=cmd");
    expect(cells.map(readCell)).toContain('=cmd');
  });

  test('has every event, in the order asked for', async () => {
    const lines = await table('events.csv?order=asc');
    expect(lines.map(({ id }) => id)).toEqual(EVENTS.map(({ id }) => id));
    expect(lines.map(({ amount }) => amount)).toEqual(EVENTS.map((event) => event.cost.amount ?? ''));
    expect(readCell(lines[7]?.customer ?? '')).toBe('=cmd');
    expect(lines[9]).toMatchObject({ customer: '', unattributed: 'true' });
  });

  test.each(['spend', 'margin', 'cache', 'budgets', 'delivery'])(
    '%s is a table with a header',
    async (name) => {
      const text = await (await ask(`${name}.csv`)).text();
      expect(text).toMatch(/^[a-z_,]+\r\n/);
    },
  );

  test('what is no table says so', async () => {
    const response = await ask('summary.csv');
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: { code: 'NOT_FOUND', message: 'api/summary is no table: it has no CSV.' } },
    ]);
  });
});

describe('customers', () => {
  test('the registered and the seen, with their spend', async () => {
    await ledger.customers.put({ key: 'acme', name: 'Acme Ltd', plan: 'pro' });
    await ledger.customers.put({ key: 'initech', name: 'Initech' });
    const { rows } = await answer<Customers>('customers');
    expect(rows.map(({ customer, name, registered, calls }) => [customer, name, registered, calls])).toEqual([
      ['acme', 'Acme Ltd', true, 1],
      ['acme', 'Acme Ltd', true, 2],
      ['globex', null, false, 2],
      ['=cmd', null, false, 1],
      ['initech', 'Initech', true, 0],
    ]);
    for (const row of rows) await expectSame(row);
    expect((await answer<Customers>('customers?search=tech')).rows).toMatchObject([{ customer: 'initech' }]);
  });

  test('one customer: models, features, operations, days', async () => {
    const found = await answer<CustomerAnswer>('customer?customer=acme');
    expect(found.totals).toMatchObject([
      { currency: 'USD', calls: 2, amount: '1.250000000000000000001' },
      { currency: 'EUR', calls: 1, amount: '7' },
    ]);
    for (const groups of [found.models, found.features, found.operations]) {
      expect(groups.length).toBeGreaterThan(0);
      for (const group of groups) await expectSame(group);
    }
    expect(found.features.map(({ value }) => value)).toEqual(['chat', 'search', null]);
  });

  test('charge and margin beside cost', async () => {
    ledger.write([
      costEvent({
        timestamp: NOW,
        customer: 'hooli',
        cost: cost('1'),
        charge: { status: 'charged', currency: 'USD', amount: '1.5', lineItems: [], rateCard: 'pro' },
      }),
    ]);
    const { rows } = await answer<{ rows: object[] }>('margin?customer=hooli&end=2026-11-21');
    // 1.5 − 1, and 0.5 ÷ 1.5
    expect(rows).toMatchObject([
      {
        customer: 'hooli',
        cost: '1',
        charge: '1.5',
        margin: '0.5',
        rate: '0.333',
        filter: expect.stringContaining('customer=hooli'),
      },
    ]);
  });
});

describe('a model', () => {
  test('its price in force with where it was read, and what it cost whom', async () => {
    const found = await answer<ModelAnswer>('model?provider=openai&model=gpt-4o-2024-08-06');
    expect(found.price).toMatchObject({ currency: 'USD', list: expect.stringContaining('genai-prices') });
    expect(found.price?.rates).toContainEqual(
      expect.objectContaining({ meter: 'input', price: '2.5', per: '1000000' }),
    );
    expect(found.price?.sources[0]).toMatchObject({
      source: expect.stringContaining('http'),
      as_of: expect.any(String),
    });
    expect(found.customers.length).toBeGreaterThan(3);
    for (const group of found.customers) await expectSame(group);
    for (const sums of found.totals) await expectSame(sums);
  });

  test('one that no list knows has no price', async () => {
    expect(await answer<ModelAnswer>('model?provider=openay&model=mine')).toMatchObject({
      price: null,
      used: null,
      totals: [],
    });
  });
});

describe('budgets', () => {
  const limit = new Budget({
    id: 'per-customer',
    each: ['customer'],
    limit: '2',
    period: 'month',
    thresholds: [80],
  });

  test('how far they are used, and how that came about', async () => {
    await ledger.budgets.settle({
      callId: 'call',
      eventId: 'event',
      now: NOW,
      entries: [
        {
          budgetId: 'per-customer',
          counter: 'per-customer|customer=acme',
          bucket: Date.UTC(2026, 10, 1),
          from: Date.UTC(2026, 10, 1),
          to: Date.UTC(2026, 11, 1),
          amount: '1.25',
          limit: '2',
          thresholds: [80],
          scope: '{"customer":"acme"}',
        },
      ],
    });
    dashboard = createDashboard({ ledger, now: () => NOW, budgets: [limit] });
    const { rows } = await answer<Budgets>('budgets');
    expect(rows).toMatchObject([
      {
        id: 'per-customer',
        scope: { customer: 'acme' },
        measure: 'cost',
        currency: 'USD',
        spent: '1.25',
        remaining: '0.75',
        percent: 62.5,
        resets_at: '2026-12-01T00:00:00.000Z',
      },
    ]);
    const { burn_down: burnDown } = await answer<BudgetAnswer>(`budget?${rows[0]?.query}`);
    expect(burnDown).toHaveLength(20);
    expect(burnDown?.[0]).toMatchObject({ label: '2026-11-01', spent: '1.000000000000000000001' });
    // 1.000000000000000000001 + 0.25; the calls in EUR are another currency.
    expect(burnDown?.at(-1)).toMatchObject({
      spent: '1.250000000000000000001',
      left: '0.749999999999999999999',
    });
    expect((await answer<CustomerAnswer>('customer?customer=acme')).budgets).toHaveLength(1);
    expect((await answer<CustomerAnswer>('customer?customer=globex')).budgets).toEqual([]);
    expect((await table('budgets.csv'))[0]).toMatchObject({ id: 'per-customer', spent: '1.25' });
  });

  /** The dashboard with this budget, of which the scope has spent 1. */
  async function spent(
    budget: Budget,
    scope: Readonly<Record<string, string>>,
    end?: number,
  ): Promise<BudgetAnswer> {
    await ledger.budgets.settle({
      callId: `call of ${budget.id}`,
      eventId: `event of ${budget.id}`,
      now: NOW,
      entries: [
        {
          budgetId: budget.id,
          counter: [budget.id, ...Object.entries(scope).map(([key, value]) => `${key}=${value}`)].join('|'),
          bucket: end === undefined ? 0 : Date.UTC(2026, 10, 1),
          from: end === undefined ? 0 : Date.UTC(2026, 10, 1),
          to: end ?? Number.MAX_SAFE_INTEGER,
          amount: '1',
          limit: budget.limit,
          thresholds: [],
          scope: JSON.stringify(scope),
        },
      ],
    });
    dashboard = createDashboard({ ledger, now: () => NOW, budgets: [budget] });
    const { rows } = await answer<Budgets>('budgets');
    const row = rows.find(({ id }) => id === budget.id);
    return answer<BudgetAnswer>(`budget?${row?.query}`);
  }
  const december = Date.UTC(2026, 11, 1);

  test('of calls and of tokens burn down in calls and tokens, which have no currency', async () => {
    const calls = await spent(
      new Budget({ id: 'calls', limit: '100', measure: 'calls', period: 'month' }),
      {},
      december,
    );
    const tokens = await spent(
      new Budget({ id: 'tokens', limit: '99999', measure: 'tokens', period: 'month' }),
      {},
      december,
    );
    expect([calls.currency, tokens.currency]).toEqual([null, null]);
    // Eight calls of November until noon of the 20th, of 1,100 tokens each.
    expect(calls.burn_down?.at(-1)).toMatchObject({ spent: '8', left: '92' });
    expect(tokens.burn_down?.at(-1)).toMatchObject({ spent: '8800' });
  });

  test('of what was charged, or without an end, have no burn-down from costs', async () => {
    const charge = await spent(
      new Budget({ id: 'charge', limit: '5', measure: 'charge', period: 'month' }),
      {},
      december,
    );
    expect([charge.currency, charge.burn_down]).toEqual(['USD', null]);
    const total = await spent(new Budget({ id: 'total', limit: '5', period: 'total' }), {});
    expect([total.period_name, total.resets_at, total.burn_down]).toEqual(['total', null, null]);
  });

  test('of one model counts the calls that asked for it', async () => {
    const budget = new Budget({
      id: 'mini',
      match: { model: 'gpt-4o-mini' },
      each: ['customer'],
      limit: '5',
      period: 'month',
    });
    const { burn_down: burnDown, filter } = await spent(
      budget,
      { model: 'gpt-4o-mini', customer: 'acme' },
      december,
    );
    expect(burnDown?.at(-1)?.spent).toBe('0.25');
    expect(new URLSearchParams(filter).toString()).toContain('gpt-4o-mini');
  });

  test('of the ledger are shown, and one in code goes before one of the same id', async () => {
    void ledger.budgets.definitions.put('kept', '{"id":"kept","limit":"9","period":{"rolling":"7d"}}');
    const { rows } = await answer<Budgets>('budgets');
    expect(rows).toMatchObject([{ id: 'kept', limit: '9', period_name: '7d' }]);
    dashboard = createDashboard({
      ledger,
      now: () => NOW,
      budgets: [new Budget({ id: 'kept', limit: '3', period: 'month' })],
    });
    expect((await answer<Budgets>('budgets')).rows).toMatchObject([
      { id: 'kept', limit: '3', period_name: 'month' },
    ]);
  });

  test('one that is not there is not found', async () => {
    expect((await ask('budget?id=none')).status).toBe(404);
  });
});

describe('events', () => {
  test('come in pages that neither repeat nor miss one', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await answer<Events>(`events?limit=4${cursor}`);
      seen.push(...page.events.map(({ id }) => id));
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(seen).toEqual(EVENTS.map(({ id }) => id).toReversed());
  });

  test('are found by what they say', async () => {
    const count = async (query: string): Promise<number> =>
      (await answer<Events>(`events?${query}`)).events.length;
    expect(await count('context.feature=chat')).toBe(1);
    expect(await count('context.team=*')).toBe(1);
    expect(await count('without=context.feature&start=2026-11-01')).toBe(6);
    expect(await count('is.customer=acme&is.customer=globex')).toBe(8);
    expect(await count('is.customer=acme&without=customer')).toBe(7);
    expect(await count('min_cost=4')).toBe(2);
    expect(await count('unattributed=false&without=customer')).toBe(1);
    expect(await count('status=error')).toBe(1);
    expect(await count('start=30d')).toBe(8);
  });

  test('one is explained: its lines, where the price was read, and what corrected it', async () => {
    const call = costEvent({
      timestamp: NOW,
      cost: { ...costEvent().cost, price: { list: 'genai-prices@0.1.8', id: 'openai/gpt-4o' } },
    });
    const correction = costEvent({
      kind: 'adjustment',
      adjusts: call.id,
      timestamp: NOW,
      usage: {},
      cost: cost('-0.001'),
    });
    ledger.write([call, correction]);
    const found = await answer<EventAnswer>(`event?id=${call.id}`);
    expect(found.event).toEqual(JSON.parse(JSON.stringify(call)));
    expect(found.explanation).toContain('1000 × 2.5 ÷ 1000000 = 0.0025');
    expect(found).toMatchObject({ adds_up: true, amount: '0.0025', suppressed: [] });
    expect(found.sources[0]).toMatchObject({ source: expect.stringContaining('http') });
    expect(found.adjustments).toMatchObject([
      { event: { id: correction.id }, explanation: expect.stringContaining('-0.001') },
    ]);
    expect((await ask('event?id=unknown')).status).toBe(404);
  });
});

test('delivery: the ledger itself, and the sinks of the process', async () => {
  dashboard = createDashboard({
    ledger,
    health: () => ({
      sinks: [{ name: 'http', status: 'failing', sent: 1, pending: 2, failed: 3, dead: 4, dropped: 0 }],
    }),
  });
  expect(await answer<DeliveryAnswer>('delivery')).toMatchObject({
    ledger: { name: 'sqlite', status: 'ok' },
    sinks: [{ name: 'http', status: 'failing', pending: 2, last_error: null }],
  });
});

test('says what can be grouped by, context entries included', async () => {
  expect(await answer<Meta>('meta')).toMatchObject({
    ledger: 'sqlite',
    is_empty: false,
    first_event: '2026-10-03T10:00:00.000Z',
    last_event: '2026-11-20T11:45:00.000Z',
    dimensions: expect.arrayContaining(['customer', 'model', 'day', 'context.feature', 'context.team']),
  });
});

test('sees what is written while it looks', async () => {
  const before = await answer<Summary>('summary');
  ledger.write([costEvent({ timestamp: new Date('2026-11-20T11:59:00Z'), cost: cost('10') })]);
  const after = await answer<Summary>('summary');
  expect(before.currencies[0]?.total.amount).toBe('3.437500000000000000001');
  expect(after.currencies[0]?.total.amount).toBe('13.437500000000000000001');
  expect((await answer<Events>('events?limit=1')).events[0]?.cost.amount).toBe('10');
});

describe('refuses, and says what was expected', () => {
  test.each([
    ['summary?custmer=a', "Did you mean 'customer'?"],
    ['summary?customer=', "'customer' is empty"],
    ['summary?customer=a&customer=b', "'customer' is given twice"],
    ['summary?status=fine', "expected 'status' to be 'ok', 'error', 'aborted', 'partial'"],
    ['summary?unpriced=yes', "expected 'unpriced' to be true or false, got 'yes'"],
    ['summary?start=yesterday', 'Expected a time like 2026-11-20'],
    ['summary?month=2026-13', 'Expected a month like 2026-11'],
    ['summary?month=2026-11&start=2026-11-01', "give 'month', or 'start' and 'end', not both"],
    ['summary?start=2026-11-10&end=2026-11-09', "'start' (2026-11-10T00:00:00.000Z) is after 'end'"],
    ['summary?tz=Berlin', "expected 'timeZone' to be a time zone like 'Europe/Berlin', got 'Berlin'"],
    ['spend?by=modle', "Did you mean 'model'?"],
    ['spend?by=day', "Give it as 'unit' instead"],
    ['spend?unit=fortnight', "expected 'unit' to be one of hour, day, week, month"],
    ['spend?unit=hour&start=2020-01-01', "Choose a larger 'unit'"],
    ['spend?top=0', "expected 'top' to be a whole number from 1 to 50, got '0'"],
    ['report?by=model,model', "'by' names a dimension twice"],
    ['report?limit=all', "expected 'limit' to be a whole number"],
    ['events?order=up', "expected 'order' to be asc or desc, got 'up'"],
    ['events?cursor=x', "expected 'cursor' to be the id of an event in this ledger"],
    ['events.csv?cursor=x', "expected 'cursor' to be the id of an event in this ledger"],
    ['events?min_cost=cheap', "expected 'minCost' to be an amount"],
    ['events?is.modle=x', "Did you mean 'model'?"],
    ['customer', "'customer' is missing. Example: customer=acme_corp."],
    ['model?model=gpt-4o', "'provider' is missing"],
    ['event', "'id' is missing"],
  ])('%s', async (path, message) => {
    const response = await ask(path);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect([response.status, error.code]).toEqual([400, 'INVALID_CONFIG']);
    expect(error.message).toContain(message);
  });

  test('an address it does not have, with the nearest', async () => {
    const response = await ask('sumary');
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: { code: 'NOT_FOUND', message: "There is nothing at api/sumary. Did you mean 'summary'?" } },
    ]);
    for (const path of ['constructor', '__proto__', 'toString']) expect((await ask(path)).status).toBe(404);
  });
});
