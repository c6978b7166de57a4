import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Budget, type BudgetOptions } from '../../src/budgets/budget.ts';
import { BudgetExceededError } from '../../src/budgets/budget-exceeded-error.ts';
import type { Bounds } from '../../src/budgets/bounds.ts';
import { BudgetBook, type CustomerRules } from '../../src/budgets/budget-book.ts';
import { BudgetKeeper } from '../../src/budgets/budget-keeper.ts';
import type { BudgetNotice } from '../../src/budgets/notice.ts';
import { MemoryBudgetStore } from '../../src/budgets/memory-budget-store.ts';
import type { Verdict } from '../../src/budgets/refusal.ts';
import type { BudgetedCall } from '../../src/budgets/budgeted-call.ts';
import type { BudgetStore } from '../../src/ledger/budget-store.ts';

const START = new Date('2026-11-30T10:00:00Z');

/** A keeper with a clock of its own, and calls that cost what the test says. */
class Desk {
  now = START;
  readonly store: BudgetStore;
  readonly keeper: BudgetKeeper;
  readonly told: BudgetNotice[] = [];
  budgets: readonly Budget[];
  customers: ReadonlyMap<string, CustomerRules> = new Map();
  #calls = 0;

  constructor(budgets: readonly BudgetOptions[], store: BudgetStore = new MemoryBudgetStore()) {
    this.budgets = budgets.map((each) => new Budget(each));
    this.store = store;
    this.keeper = new BudgetKeeper({
      book: () => new BudgetBook(this.budgets, this.customers),
      store,
      now: () => this.now,
      tell: (notice) => this.told.push(notice),
      holdMs: 60_000,
      atOnce: true,
    });
  }

  call(fields: Partial<BudgetedCall> = {}): BudgetedCall {
    return {
      id: `call-${++this.#calls}`,
      startTime: this.now,
      customer: 'acme',
      context: {},
      provider: 'openai',
      operation: 'chat',
      model: 'gpt-4o',
      ...fields,
    };
  }

  admit(call: BudgetedCall, most?: string): Verdict | undefined {
    const cost = most === undefined ? {} : { most, likely: most };
    const bounds: Bounds = { cost, tokens: { most: '1000', likely: '500' } };
    return this.keeper.admit(call, () => bounds) as Verdict | undefined;
  }

  settle(call: BudgetedCall, amount: string, tokens = '0'): void {
    this.keeper.settle(call, `event-of-${call.id}`, { cost: { amount, currency: 'USD' }, tokens });
  }

  /** One call, admitted and settled. */
  spend(amount: string, fields: Partial<BudgetedCall> = {}): Verdict | undefined {
    const call = this.call(fields);
    const verdict = this.admit(call, amount);
    if (verdict === undefined) this.settle(call, amount);
    return verdict;
  }
}

const refusalOf = (verdict: Verdict | undefined): BudgetExceededError => {
  if (verdict === undefined || !('error' in verdict)) throw new Error('expected a refusal');
  return verdict.error;
};

const blocking: BudgetOptions = {
  id: 'per-customer',
  each: ['customer'],
  limit: '1.00',
  period: 'month',
  action: 'block',
  mode: 'strict',
};

describe('a budget that holds', () => {
  test('admits calls up to its limit, and refuses the one beyond it', () => {
    const desk = new Desk([blocking]);
    // 0.40 + 0.60 = 1.00, the limit itself.
    expect(desk.spend('0.40')).toBeUndefined();
    expect(desk.spend('0.60')).toBeUndefined();
    expect(refusalOf(desk.spend('0.000000000000001'))).toMatchObject({
      budgetId: 'per-customer',
      scope: { customer: 'acme' },
      limit: '1.00',
      spent: '1',
      held: '0',
      status: 402,
      retryable: false,
      resetsAt: new Date('2026-12-01T00:00:00Z'),
    });
  });

  test('sets aside what calls under way may need', () => {
    const desk = new Desk([blocking]);
    const first = desk.call();
    expect(desk.admit(first, '0.70')).toBeUndefined();
    expect(refusalOf(desk.admit(desk.call(), '0.40'))).toMatchObject({
      spent: '0',
      held: '0.7',
      estimate: '0.40',
    });
    // It needed less: 0.10 + 0.40 fits.
    desk.settle(first, '0.10');
    expect(desk.spend('0.40')).toBeUndefined();
  });

  test('always counts what was consumed, also beyond the limit', async () => {
    const desk = new Desk([blocking]);
    const call = desk.call();
    desk.admit(call, '0.50');
    desk.settle(call, '3.00');
    const [state] = await desk.keeper.status();
    expect(state).toMatchObject({ spent: '3', held: '0', remaining: '0', percent: 300 });
  });

  test('counts an event once, however often it is told', async () => {
    const desk = new Desk([blocking]);
    const call = desk.call();
    desk.settle(call, '0.25');
    desk.settle(call, '0.25');
    expect((await desk.keeper.status())[0]?.spent).toBe('0.25');
  });

  test('gives back what a call held that consumed nothing', () => {
    const desk = new Desk([blocking]);
    const call = desk.call();
    desk.admit(call, '1.00');
    desk.keeper.settle(call, 'event', undefined);
    expect(desk.spend('1.00')).toBeUndefined();
  });

  test('keeps the hold of a stream for as long as it runs, and forgets it when its process died', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const desk = new Desk([blocking]);
    const wait = (ms: number): void => {
      desk.now = new Date(desk.now.getTime() + ms);
    };
    desk.admit(desk.call(), '1.00');
    for (let seconds = 0; seconds < 300; seconds += 20) {
      wait(20_000);
      vi.advanceTimersByTime(20_000);
    }
    expect(refusalOf(desk.admit(desk.call(), '0.10')).held).toBe('1');
    // Its timers no longer fire: renewed for the last time at 300 s, for 60 s.
    wait(59_999);
    expect(refusalOf(desk.admit(desk.call(), '0.10')).held).toBe('1');
    wait(1);
    expect(desk.admit(desk.call(), '0.50')).toBeUndefined();
  });

  test('renews nothing once it is stopped, whatever is still under way', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const desk = new Desk([blocking]);
    desk.admit(desk.call(), '0.60');
    desk.keeper.stop();
    desk.admit(desk.call(), '0.40');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('releases what a call held whose budget is gone', () => {
    const desk = new Desk([blocking]);
    const call = desk.call();
    desk.admit(call, '1.00');
    const { budgets } = desk;
    desk.budgets = [];
    expect(desk.keeper.isHolding).toBe(true);
    desk.settle(call, '0.10');
    expect(desk.keeper.isHolding).toBe(false);
    desk.budgets = budgets;
    // The budget was gone when the call ended: it counts nothing of it, and holds nothing either.
    expect(desk.spend('1.00')).toBeUndefined();
  });

  test('renews nothing when no call is under way', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const desk = new Desk([blocking]);
    desk.spend('0.10');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(20_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is one for each customer, and holds nobody to another one’s', () => {
    const desk = new Desk([blocking]);
    desk.spend('1.00', { customer: 'acme' });
    expect(desk.spend('1.00', { customer: 'globex' })).toBeUndefined();
    expect(refusalOf(desk.spend('0.01', { customer: 'acme' })).scope).toEqual({ customer: 'acme' });
  });

  test('does not hold a call without a customer to anybody’s budget', () => {
    const desk = new Desk([blocking]);
    desk.spend('1.00');
    expect(desk.spend('5.00', { customer: null })).toBeUndefined();
  });

  test('starts anew with the next period by itself', () => {
    const desk = new Desk([blocking]);
    desk.spend('1.00');
    desk.now = new Date('2026-11-30T23:59:59.999Z');
    expect(refusalOf(desk.spend('0.50')).spent).toBe('1');
    desk.now = new Date('2026-12-01T00:00:00Z');
    expect(desk.spend('1.00')).toBeUndefined();
  });

  test('counts a call for the period in which it was made, whenever it ends', async () => {
    const desk = new Desk([blocking]);
    const call = desk.call();
    desk.admit(call, '0.50');
    desk.now = new Date('2026-12-01T00:00:01Z');
    desk.settle(call, '0.50');
    expect((await desk.keeper.status())[0]).toMatchObject({ spent: '0' });
  });

  test('whose limit was lowered below what is spent refuses every call', () => {
    const desk = new Desk([blocking]);
    desk.spend('0.80');
    desk.budgets = [new Budget({ ...blocking, limit: '0.50' })];
    expect(refusalOf(desk.spend('0.01'))).toMatchObject({ limit: '0.50', spent: '0.8' });
  });

  test('of 0 admits nothing', () => {
    expect(refusalOf(new Desk([{ ...blocking, limit: 0 }]).spend('0')).limit).toBe('0');
  });
});

describe('the limit of a customer', () => {
  const rules = (limits: Record<string, string>, plan?: string): CustomerRules => ({
    limits: new Map(Object.entries(limits)),
    budgets: [],
    ...(plan !== undefined && { plan }),
  });

  test('is that of its record, else of its plan, else the budget’s own', () => {
    const desk = new Desk([{ ...blocking, plans: { free: '0.10', pro: '5' } }]);
    desk.customers = new Map([
      ['named', rules({ 'per-customer': '0.30' }, 'free')],
      ['free', rules({}, 'free')],
      ['pro', rules({}, 'pro')],
      ['trial', rules({}, 'trial')],
    ]);
    const limitOf = (customer: string) => refusalOf(desk.spend('9', { customer })).limit;
    expect(['named', 'free', 'pro', 'trial', 'acme'].map(limitOf)).toEqual([
      '0.30',
      '0.10',
      '5',
      '1.00',
      '1.00',
    ]);
  });

  test('may be of a budget that it alone has', async () => {
    const desk = new Desk([]);
    const own = new Budget({ ...blocking, id: 'own', each: [], match: { customer: 'acme' }, limit: '0.20' });
    desk.customers = new Map([['acme', { limits: new Map(), budgets: [own] }]]);
    expect(desk.spend('0.20')).toBeUndefined();
    expect(refusalOf(desk.spend('0.01')).budgetId).toBe('own');
    expect(desk.spend('9', { customer: 'globex' })).toBeUndefined();
    expect(await desk.keeper.status({ customer: 'acme' })).toMatchObject([{ id: 'own', spent: '0.2' }]);
    expect(await desk.keeper.status({ customer: 'globex' })).toEqual([]);
  });
});

describe('where spending leads', () => {
  test('is the average of the period so far, carried on', async () => {
    const desk = new Desk([{ ...blocking, id: 'daily', each: [], period: 'day', limit: '10' }]);
    // 2 dollars in the 10 hours since midnight: 0.2 an hour, so the 8 that are left last 40 hours: not today.
    desk.spend('2');
    expect((await desk.keeper.status())[0]).toMatchObject({ perHour: '0.2' });
    expect((await desk.keeper.status())[0]).not.toHaveProperty('reachesLimitAt');
    // 8 in 10 hours: 0.8 an hour, and 2 are left for 2 hours and a half.
    desk.spend('6');
    expect((await desk.keeper.status())[0]).toMatchObject({
      perHour: '0.8',
      reachesLimitAt: new Date('2026-11-30T12:30:00Z'),
    });
    desk.spend('2');
    expect((await desk.keeper.status())[0]).not.toHaveProperty('reachesLimitAt');
  });

  test('is not told of a budget that has no beginning, nor where nothing was spent', async () => {
    const desk = new Desk([
      { ...blocking, id: 'all', each: [], period: 'total' },
      { ...blocking, id: 'day', each: [], period: 'day', match: { feature: 'none' } },
    ]);
    desk.spend('0.5');
    for (const state of await desk.keeper.status()) expect(state).not.toHaveProperty('perHour');
  });
});

describe('several budgets', () => {
  const team: BudgetOptions = {
    ...blocking,
    id: 'team',
    each: [],
    match: { feature: 'chat' },
    limit: '0.50',
  };

  test('must all admit a call, and hold it in all or in none', async () => {
    const desk = new Desk([blocking, team]);
    expect(refusalOf(desk.spend('0.60', { context: { feature: 'chat' } })).budgetId).toBe('team');
    expect((await desk.keeper.status({ id: 'per-customer' }))[0]?.held ?? '0').toBe('0');
    expect(desk.spend('0.60', { context: { feature: 'search' } })).toBeUndefined();
  });
});

describe('a strict budget', () => {
  test('refuses a call without an upper bound, and says what to do', () => {
    const desk = new Desk([blocking]);
    const bounds: Bounds = { cost: { likely: '0.01' }, tokens: {} };
    const verdict = desk.keeper.admit(desk.call(), () => bounds) as Verdict;
    expect(refusalOf(verdict).message).toMatch(/no upper bound: set a limit on its output/);
  });
});

describe('a budget that learns', () => {
  const learning: BudgetOptions = { ...blocking, mode: 'hold', limit: '10' };

  test('holds the provable most until it knows better, then what 99 of 100 calls needed and a quarter more', async () => {
    const desk = new Desk([learning]);
    const held = async (): Promise<string | undefined> => (await desk.keeper.status())[0]?.held;
    for (let made = 0; made < 20; made++) {
      const call = desk.call();
      desk.admit(call, '0.40');
      if (made === 19) expect(await held()).toBe('0.4');
      desk.settle(call, '0.02');
    }
    desk.admit(desk.call(), '0.40');
    // 0.02 × 1.25 = 0.025
    expect(await held()).toBe('0.025');
  });

  test('gives a first call what is left, where the most it may need is more', () => {
    const desk = new Desk([{ ...learning, limit: '0.30' }]);
    expect(desk.admit(desk.call(), '0.40')).toBeUndefined();
    expect(refusalOf(desk.admit(desk.call(), '0.40')).held).toBe('0.3');
  });
});

describe('a budget that only checks', () => {
  test('refuses once the limit is reached, and never waits', () => {
    const desk = new Desk([{ ...blocking, mode: 'check' }]);
    expect(desk.spend('0.99')).toBeUndefined();
    expect(desk.spend('5.00')).toBeUndefined();
    expect(refusalOf(desk.spend('0.01')).spent).toBe('5.99');
  });
});

describe('a budget of tokens or calls', () => {
  test('counts tokens', () => {
    const desk = new Desk([{ ...blocking, measure: 'tokens', limit: 1500 }]);
    const first = desk.call();
    expect(desk.admit(first)).toBeUndefined();
    desk.settle(first, '0.01', '700');
    // 700 + at most 1,000 > 1,500
    expect(refusalOf(desk.admit(desk.call()))).toMatchObject({
      measure: 'tokens',
      spent: '700',
      estimate: '1000',
    });
  });

  test('counts calls', () => {
    const desk = new Desk([{ ...blocking, measure: 'calls', limit: 2 }]);
    expect([desk.spend('9'), desk.spend('9')]).toEqual([undefined, undefined]);
    expect(refusalOf(desk.spend('0')).spent).toBe('2');
  });
});

describe('thresholds', () => {
  test('are told once per scope and period, in order', () => {
    const desk = new Desk([{ ...blocking, action: 'alert', mode: 'observe' }]);
    desk.spend('0.50');
    desk.spend('0.10');
    desk.spend('0.45');
    desk.spend('2.00');
    expect(desk.told.map(({ threshold }) => threshold)).toEqual([50, 80, 100]);
    expect(desk.told[0]?.state).toMatchObject({
      id: 'per-customer',
      scope: { customer: 'acme' },
      spent: '0.5',
    });
  });

  test('are exact: the last amount below one does not pass it', () => {
    const desk = new Desk([{ ...blocking, action: 'alert', mode: 'observe', thresholds: [50] }]);
    desk.spend('0.499999999999999999');
    expect(desk.told).toEqual([]);
    desk.spend('0.000000000000000001');
    expect(desk.told).toHaveLength(1);
  });
});

describe('a request that is too large by itself', () => {
  test('is refused, whatever is left', () => {
    const desk = new Desk([{ ...blocking, limit: '100', maxCost: '0.50' }]);
    expect(desk.spend('0.50')).toBeUndefined();
    expect(refusalOf(desk.spend('0.51')).message).toMatch(
      /one request may cost 0.50 USD, this one up to 0.51/,
    );
  });
});

describe('a call whose price nobody knows', () => {
  test.each([
    ['allow', false],
    ['block', true],
  ] as const)('with unpriced: %s is refused: %j', (unpriced, refused) => {
    const desk = new Desk([{ ...blocking, unpriced }]);
    expect(desk.admit(desk.call()) !== undefined).toBe(refused);
  });
});

describe('instead of refusing', () => {
  test('a cheaper model may be named', () => {
    const desk = new Desk([{ ...blocking, onExceeded: () => ({ model: 'gpt-4o-mini' }) }]);
    desk.spend('1.00');
    expect(desk.admit(desk.call(), '0.10')).toEqual({ model: 'gpt-4o-mini' });
  });

  test('a hook that throws refuses the call', () => {
    const desk = new Desk([
      {
        ...blocking,
        onExceeded: () => {
          throw new Error('hook');
        },
      },
    ]);
    desk.spend('1.00');
    expect(refusalOf(desk.admit(desk.call(), '0.10')).budgetId).toBe('per-customer');
  });
});

describe('when the counters cannot be read', () => {
  const broken = (): BudgetStore =>
    new Proxy(new MemoryBudgetStore(), {
      get: (store, name) =>
        name === 'hold' || name === 'settle'
          ? () => {
              throw new Error('gone');
            }
          : Reflect.get(store, name),
    });

  test.each([
    ['allow', false],
    ['block', true],
  ] as const)('onStoreError: %s refuses: %j, and it is counted', (onStoreError, refused) => {
    const desk = new Desk([{ ...blocking, onStoreError }], broken());
    expect(desk.spend('0.01') !== undefined).toBe(refused);
    expect(desk.keeper.state.failures).toBeGreaterThan(0);
  });
});

describe('a store that goes away and comes back', () => {
  test('gets every settlement in the end, and says once that it was away', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const store = new MemoryBudgetStore();
    const settle = vi.spyOn(store, 'settle').mockImplementation(() => {
      throw new Error('gone');
    });
    const desk = new Desk([blocking], store);
    desk.spend('0.25');
    desk.spend('0.25');
    expect(desk.keeper.state).toMatchObject({ status: 'failing', pending: 2, lost: 0 });
    settle.mockRestore();
    vi.advanceTimersByTime(60_000);
    expect(desk.keeper.state).toMatchObject({ status: 'ok', pending: 0 });
    expect((await desk.keeper.status())[0]).toMatchObject({ spent: '0.5', held: '0' });
  });

  test('counts the others where one settlement can never be taken', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const store = new MemoryBudgetStore();
    const { settle } = MemoryBudgetStore.prototype;
    vi.spyOn(store, 'settle').mockImplementation((request) => {
      if (request.eventId === 'event-of-call-1') throw new Error('no such column');
      return settle.call(store, request);
    });
    const desk = new Desk([{ ...blocking, mode: 'observe', action: 'alert' }], store);
    for (const amount of ['0.10', '0.20', '0.30']) desk.spend(amount);
    vi.advanceTimersByTime(60_000);
    expect(desk.keeper.state.pending).toBe(1);
    expect((await desk.keeper.status())[0]?.spent).toBe('0.5');
  });

  test('with check, decides by onStoreError while it is away, and by its figures when it is back', () => {
    const store = new MemoryBudgetStore();
    const read = vi.spyOn(store, 'read').mockImplementation(() => {
      throw new Error('gone');
    });
    const desk = new Desk([{ ...blocking, mode: 'check', onStoreError: 'block' }], store);
    expect(refusalOf(desk.spend('0.10')).reason).toMatch(/cannot be read/);
    read.mockRestore();
    desk.now = new Date(START.getTime() + 1_000);
    expect(desk.spend('0.10')).toBeUndefined();
  });
});

test('a call returns before it is counted, and the next one is held to what was counted', async () => {
  const store = new MemoryBudgetStore();
  const keeper = new BudgetKeeper({
    book: () => new BudgetBook([new Budget(blocking)]),
    store,
    now: () => START,
  });
  const desk = new Desk([blocking], store);
  keeper.settle(desk.call(), 'event', { cost: { amount: '0.95', currency: 'USD' }, tokens: '1' });
  expect(store.counters('per-customer', 0)).toEqual([]);
  const bounds: Bounds = { cost: { most: '0.10' }, tokens: {} };
  const verdict = keeper.admit(desk.call(), () => bounds) as Verdict;
  expect(refusalOf(verdict)).toMatchObject({ spent: '0.95', estimate: '0.10' });
  await keeper.flush();
  keeper.stop();
});

test('a refusal can be answered to an HTTP client', async () => {
  const desk = new Desk([blocking]);
  desk.spend('1.00');
  const response = refusalOf(desk.spend('0.10')).toHttpResponse();
  expect(response.status).toBe(402);
  expect(response.headers.get('retry-after')).toBe('Tue, 01 Dec 2026 00:00:00 GMT');
  expect(await response.json()).toMatchObject({
    error: { type: 'budget_exceeded', budget_id: 'per-customer', limit: '1.00', spent: '1', currency: 'USD' },
  });
});

describe('the odd cases', () => {
  test('two processes disagree on the clock: each call counts in the period of its own start', async () => {
    const store = new MemoryBudgetStore();
    const onTime = new Desk([blocking], store);
    const fast = new Desk([blocking], store);
    fast.now = new Date('2026-12-01T00:00:01Z');
    onTime.now = new Date('2026-11-30T23:59:59Z');
    expect(fast.spend('1.00', { id: 'fast-1' })).toBeUndefined();
    // December is used up, November is not.
    expect(onTime.spend('0.60', { id: 'slow-1' })).toBeUndefined();
    expect(refusalOf(fast.spend('0.10', { id: 'fast-2' }))).toMatchObject({ spent: '1' });
    expect((await onTime.keeper.status())[0]).toMatchObject({ spent: '0.6' });
  });

  test('a hold expires by the clock of whoever looks, and what the call needed is counted all the same', async () => {
    const store = new MemoryBudgetStore();
    const onTime = new Desk([blocking], store);
    const fast = new Desk([blocking], store);
    const call = onTime.call({ id: 'slow-1' });
    onTime.admit(call, '0.80');
    fast.now = new Date(START.getTime() + 60_000);
    expect(fast.spend('0.50', { id: 'fast-1' })).toBeUndefined();
    onTime.settle(call, '0.80');
    expect((await onTime.keeper.status())[0]).toMatchObject({ spent: '1.3', held: '0' });
  });

  test('the day changes during a call: it is held and counted in the day of its start', async () => {
    const desk = new Desk([{ ...blocking, period: 'day' }]);
    desk.now = new Date('2026-11-30T23:59:59Z');
    const call = desk.call();
    desk.admit(call, '0.90');
    desk.now = new Date('2026-12-01T00:00:01Z');
    // The new day is untouched by the call under way.
    expect(desk.spend('0.70')).toBeUndefined();
    desk.settle(call, '0.90');
    expect((await desk.keeper.status())[0]).toMatchObject({ spent: '0.7', held: '0' });
    desk.now = new Date('2026-11-30T23:59:59Z');
    expect((await desk.keeper.status())[0]).toMatchObject({ spent: '0.9' });
  });

  test('a cost in another currency is neither held nor counted', async () => {
    const desk = new Desk([{ ...blocking, currency: 'EUR' }]);
    const call = desk.call();
    const bounds: Bounds = { cost: { most: '5', currency: 'USD' }, tokens: {} };
    expect(desk.keeper.admit(call, () => bounds)).toBeUndefined();
    desk.settle(call, '5.00');
    expect(await desk.keeper.status()).toEqual([]);
  });

  test('a cost in another currency counts as an unknown price: unpriced decides', () => {
    const desk = new Desk([{ ...blocking, currency: 'EUR', unpriced: 'block' }]);
    const bounds: Bounds = { cost: { most: '5', currency: 'USD' }, tokens: {} };
    expect(refusalOf(desk.keeper.admit(desk.call(), () => bounds) as Verdict).reason).toMatch(/nobody knows/);
  });

  test('an estimate is impossible: hold takes what is likely, strict refuses', async () => {
    const bounds: Bounds = { cost: { likely: '0.30', unbounded: 'it has a picture' }, tokens: {} };
    const holding = new Desk([{ ...blocking, mode: 'hold' }]);
    const call = holding.call();
    expect(holding.keeper.admit(call, () => bounds)).toBeUndefined();
    expect(await holding.keeper.status({ customer: 'acme' })).toMatchObject([{ held: '0.3' }]);
    const strict = new Desk([blocking]);
    expect(refusalOf(strict.keeper.admit(strict.call(), () => bounds) as Verdict).reason).toMatch(
      /no upper bound: it has a picture/,
    );
  });

  test('a price that is unknown at first is not counted, and a limit that is reached refuses it all the same', () => {
    const desk = new Desk([{ ...blocking, mode: 'hold' }]);
    expect(desk.admit(desk.call())).toBeUndefined();
    desk.spend('1.00');
    expect(refusalOf(desk.admit(desk.call())).spent).toBe('1');
  });
});
