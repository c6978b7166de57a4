import { spawn } from 'node:child_process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { compare, exact, formatDecimal, subtract, sum } from '../../src/base/decimal.ts';
import { Budget, type BudgetOptions } from '../../src/budgets/budget.ts';
import { BudgetBook } from '../../src/budgets/budget-book.ts';
import { BudgetKeeper } from '../../src/budgets/budget-keeper.ts';
import type { BudgetStore } from '../../src/ledger/budget-store.ts';
import type { Spent, SpenderOptions } from '../fixtures/budgets/spender.ts';

const FIXTURES = new URL('../fixtures/budgets/', import.meta.url).pathname;
const PROCESSES = 4;
const LANES = 50;

// gpt-4o: $10 per million output tokens. Chat: $0.004 on average, $0.02 at most; agents: $0.02 and $0.50.
const CHAT = { worst: 2_000, mean: 400, spread: 0.8 };
const AGENT = { worst: 50_000, mean: 2_000, spread: 1.2 };

/** A ledger that several processes open by its address. */
export interface Shared {
  readonly address: string;
  open(): { readonly store: BudgetStore; close(): Promise<void> };
}

/** What budgets promise while many processes use them at once, and when one of them is killed. */
export function testBudgetsUnderLoad(name: string, create: () => Promise<Shared>): void {
  const children = new Set<ReturnType<typeof spawn>>();
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });

  function run(script: string, ...args: string[]) {
    const child = spawn(process.execPath, [`${FIXTURES}${script}`, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    return { child, out: () => out, ended };
  }

  async function spend(shared: Shared, options: Omit<SpenderOptions, 'seed'>): Promise<readonly Spent[]> {
    const spenders = Array.from({ length: PROCESSES }, (_, seed) =>
      run('spender.ts', shared.address, JSON.stringify({ ...options, seed: 17 + seed })),
    );
    expect(await Promise.all(spenders.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    return spenders.map(({ out }) => JSON.parse(out()) as Spent);
  }

  const budget = (limit: string, mode: 'hold' | 'strict'): BudgetOptions => ({
    id: 'shared',
    limit,
    period: 'total',
    action: 'block',
    mode,
    onStoreError: 'block',
  });

  describe(`a budget in ${name}, spent by ${PROCESSES} processes with ${LANES} calls each at a time`, () => {
    test.each([
      ['hold', 'chat', '1', CHAT],
      ['hold', 'agents', '12', AGENT],
      ['strict', 'agents', '2', AGENT],
    ] as const)(
      '%s, %s: counts every call, is used up, and is passed by no more than it says',
      async (mode, _kind, limit, calls) => {
        const shared = await create();
        const spent = await spend(shared, { budget: budget(limit, mode), lanes: LANES, ...calls });
        const { store, close } = shared.open();
        const [state] = await store.read(
          [{ budgetId: 'shared', counter: 'shared', bucket: 0, from: 0, to: Number.MAX_SAFE_INTEGER }],
          new Date(),
        );
        await close();
        // What the processes spent is what the counter says, to the last digit.
        expect(state).toMatchObject({
          spent: formatDecimal(sum(spent.map(({ amount }) => exact(amount)))),
          held: '0',
        });
        const over = subtract(exact(state?.spent ?? '0'), exact(limit));
        // At the moment the limit was reached, at most 4 × 50 calls were under way: the sum of the 200 largest excesses.
        const bound = spent.flatMap(({ beyond }) => beyond).reduce((total, each) => total + each, 0);
        if (mode === 'strict') expect(compare(over, exact('0'))).toBeLessThanOrEqual(0);
        else {
          expect(Number(formatDecimal(over))).toBeLessThanOrEqual(bound + 1e-9);
          expect(Number(state?.spent)).toBeGreaterThanOrEqual(0.95 * Number(limit));
        }
        expect(spent.every(({ refused }) => refused > 0)).toBe(true);
      },
      240_000,
    );
  });

  test(`kill -9 with a hold open: the budget in ${name} recovers by itself`, async () => {
    const shared = await create();
    const { store, close } = shared.open();
    const holder = run('holder.ts', shared.address, '0.80', '1', '1500');
    await vi.waitUntil(() => holder.out().includes('held'), { timeout: 30_000 });
    const held = new Budget({ id: 'held', limit: '1', period: 'total', action: 'block', mode: 'strict' });
    const keeper = new BudgetKeeper({ book: () => book, store });
    const book = new BudgetBook([held]);
    let calls = 0;
    const admits = async (): Promise<boolean> => {
      const call = { startTime: new Date(), context: {}, provider: 'openai', operation: 'chat', model: 'm' };
      const id = `${calls++}`;
      const bounds = { cost: { most: '0.50' }, tokens: {} };
      const verdict = await keeper.admit({ ...call, id }, () => bounds);
      if (verdict === undefined) keeper.settle({ ...call, id }, id, undefined);
      return verdict === undefined;
    };
    // Twice as long as a hold lasts by itself: its process keeps it.
    const until = Date.now() + 3_000;
    while (Date.now() < until) {
      expect(await admits()).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    holder.child.kill('SIGKILL');
    await vi.waitUntil(admits, { timeout: 30_000, interval: 100 });
    await keeper.flush();
    keeper.stop();
    await close();
  }, 90_000);
}
