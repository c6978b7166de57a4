import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Budget } from '../../src/budgets/budget.ts';
import { KnownBudgets } from '../../src/budgets/known-budgets.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-budgets-'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const perCustomer = new Budget({
  id: 'per-customer',
  each: ['customer'],
  limit: '1',
  plans: { pro: '50' },
  period: 'month',
});

function open(given: readonly Budget[] | string = [perCustomer]): {
  known: KnownBudgets;
  ledger: SqliteLedger;
  limits: (customer: string) => string[];
} {
  const ledger = new SqliteLedger({ path: ':memory:' });
  const known = new KnownBudgets(given, ledger.budgets);
  onTestFinished(async () => {
    known.stop();
    await ledger.shutdown();
  });
  const limits = (customer: string): string[] =>
    known.book.of(customer).map((budget) => {
      const { id, limit } = known.book.limitedFor(budget, customer);
      return `${id} ${limit}`;
    });
  return { known, ledger, limits };
}

/** As long as a running process takes to follow. */
const wait = (): void => void vi.advanceTimersByTime(2_000);

describe('a running process follows', () => {
  test('the records of customers: their plan, their own limit, their own budgets', async () => {
    const { ledger, limits } = open();
    expect(limits('acme')).toEqual(['per-customer 1']);
    await ledger.customers.put({ key: 'acme', plan: 'pro' });
    wait();
    expect(limits('acme')).toEqual(['per-customer 50']);
    await ledger.customers.put({
      key: 'acme',
      plan: 'pro',
      budgets: [
        { id: 'per-customer', limit: '70' },
        { id: 'chat', limit: '5', period: 'day', match: { feature: 'chat' } },
      ],
    });
    wait();
    expect(limits('acme')).toEqual(['per-customer 70', 'chat 5']);
    expect(limits('globex')).toEqual(['per-customer 1']);
    await ledger.customers.remove('acme');
    wait();
    expect(limits('acme')).toEqual(['per-customer 1']);
  });

  test('a budget of a record that cannot be used changes nothing, and the others count', async () => {
    const { ledger, limits } = open();
    await ledger.customers.put({
      key: 'acme',
      budgets: [{ limit: 'much' }, { id: 'own', limit: '5', period: 'day' }],
    });
    wait();
    expect(limits('acme')).toEqual(['per-customer 1', 'own 5']);
  });

  test('the budgets of the ledger, of which one in code wins', () => {
    const { ledger, limits } = open();
    void ledger.budgets.definitions.put('per-customer', '{"limit":"9","period":"day"}');
    void ledger.budgets.definitions.put('all', '{"id":"all","limit":"9","period":"day"}');
    wait();
    expect(limits('acme')).toEqual(['per-customer 1', 'all 9']);
    void ledger.budgets.definitions.remove('all');
    wait();
    expect(limits('acme')).toEqual(['per-customer 1']);
  });

  test('a file, and keeps what it said where it can no longer be read', () => {
    const path = join(folder, 'costspan.budgets.yaml');
    let time = 1_000;
    const write = (text: string): void => {
      writeFileSync(path, text);
      utimesSync(path, time, (time += 1));
    };
    write('budgets:\n  - { id: all, limit: "5", period: month, time_zone: Europe/Berlin }\n');
    const { limits } = open(path);
    expect(limits('acme')).toEqual(['all 5']);
    write('budgets:\n  - { id: all, limit: "7", period: month }\n');
    wait();
    expect(limits('acme')).toEqual(['all 7']);
    write('budgets: many\n');
    wait();
    expect(limits('acme')).toEqual(['all 7']);
  });
});

describe('a ledger that answers later', () => {
  /** A store whose definitions come when the test says so. */
  function slow(): { known: KnownBudgets; answer: (value: unknown) => Promise<void> } {
    const ledger = new SqliteLedger({ path: ':memory:' });
    let answer: (value: unknown) => void = () => undefined;
    const list = (): Promise<never> =>
      new Promise<never>((resolve, reject) => {
        answer = (value) => (value instanceof Error ? reject(value) : resolve(value as never));
      });
    const store = new Proxy(ledger.budgets, {
      get(target, name) {
        if (name === 'definitions') return { list };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const known = new KnownBudgets([], store);
    onTestFinished(async () => {
      known.stop();
      await ledger.shutdown();
    });
    return {
      known,
      answer: async (value) => {
        answer(value);
        await new Promise((resolve) => void setImmediate(resolve));
      },
    };
  }
  const all = [{ id: 'all', definition: '{"id":"all","limit":"9","period":"day"}' }];

  test('is waited for, and then its budgets count', async () => {
    const { known, answer } = slow();
    const { ready } = known;
    expect(known.book.of('acme')).toEqual([]);
    await answer(all);
    await ready;
    expect(known.book.of('acme').map(({ id }) => id)).toEqual(['all']);
    // It was read: the next calls wait for nothing.
    expect(known.ready).toBeUndefined();
  });

  test('and fails leaves what is known, and keeps nobody waiting', async () => {
    const { known, answer } = slow();
    const { ready } = known;
    await answer(new Error('connection refused'));
    await expect(ready).resolves.toBeUndefined();
    expect(known.book.of('acme')).toEqual([]);
    wait();
    await answer(all);
    expect(known.book.of('acme').map(({ id }) => id)).toEqual(['all']);
  });
});

test('a file that is no longer there leaves its budgets in force', () => {
  const path = join(folder, 'costspan.budgets.yaml');
  writeFileSync(path, 'budgets:\n  - { id: all, limit: "5", period: month }\n');
  const known = new KnownBudgets(path, undefined);
  onTestFinished(() => known.stop());
  rmSync(path);
  wait();
  expect(known.book.of('acme').map(({ id }) => id)).toEqual(['all']);
});

test('a file with a mistake is refused at the start', () => {
  const path = join(folder, 'costspan.budgets.yaml');
  writeFileSync(path, 'budgets:\n  - { id: all, limt: "5", period: month }\n');
  expect(() => open(path)).toThrow(/unknown option 'limt'. Did you mean 'limit'/);
});

test('of a thousand budgets for a thousand customers only those of the call are looked at', () => {
  const budgets = Array.from(
    { length: 1_000 },
    (_, index) =>
      new Budget({ id: `b-${index}`, match: { customer: `customer-${index}` }, limit: '1', period: 'day' }),
  );
  const { known } = open(budgets);
  const call = { id: 'c', startTime: new Date(), context: {}, provider: 'openai', operation: 'chat' };
  expect(known.book.candidates({ ...call, customer: 'customer-7' })).toEqual([budgets[7]]);
  expect(known.book.candidates(call)).toEqual([]);
});
