/**
 * What budgets add to a call: `node bench/budgets.ts`.
 *
 * Set-ups take turns within one run, and what counts is the ratio to the one without a budget: absolute times say more
 * about the machine than about the code. The provider answers at once, so the call itself costs nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BudgetBook } from '../src/budgets/budget-book.ts';
import { BudgetKeeper } from '../src/budgets/budget-keeper.ts';
import { Budget, type BudgetOptions, CostSpanProcessor, meterFetch, withCustomer } from '../src/index.ts';
import type { BudgetStore } from '../src/ledger/budget-store.ts';
import { PostgresLedger } from '../src/ledger/postgres/postgres-ledger.ts';
import { SqliteLedger } from '../src/ledger/sqlite/sqlite-ledger.ts';
import { PostgresServer } from '../test/suites/postgres/server.ts';

// Each processor has something to do at the end of the process.
process.setMaxListeners(50);

const ROUNDS = 30;
const CALLS = 100;
const folder = mkdtempSync(join(tmpdir(), 'costspan-bench-'));

const usage = { prompt_tokens: 1_000, completion_tokens: 250, total_tokens: 1_250 };
const reply = JSON.stringify({ id: 'chatcmpl-1', model: 'gpt-4o', choices: [], usage });
const provider = meterFetch(() =>
  Promise.resolve(new Response(reply, { headers: { 'content-type': 'application/json' } })),
);
const body = JSON.stringify({
  model: 'gpt-4o',
  max_tokens: 250,
  messages: [{ role: 'user', content: 'Hi' }],
});

async function ask(): Promise<void> {
  const response = await provider('https://api.openai.com/v1/chat/completions', { method: 'POST', body });
  await response.json();
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function show(what: string, ...figures: readonly string[]): void {
  console.log(`${what.padEnd(46)} ${figures.map((figure) => figure.padStart(16)).join('')}`);
}

const inMicroseconds = (ms: number): string => `${(ms * 1_000).toFixed(0)} µs`;

const perCustomer = (mode: BudgetOptions['mode'], limit = '1000000'): Budget => {
  const action = mode === 'observe' ? 'alert' : 'block';
  return new Budget({
    id: `b-${mode}`,
    each: ['customer'],
    limit,
    period: 'month',
    action,
    ...(mode && { mode }),
  });
};

/** A whole call, in each set-up by turns; `select` says whose call it is. */
async function wholeCalls(): Promise<void> {
  const names = ['no budget', 'observe', 'check', 'hold', 'strict'] as const;
  let turn = '';
  const setUps = names.map((name) => ({
    name,
    times: [] as number[],
    processor: new CostSpanProcessor({
      sinks: [new SqliteLedger({ path: join(folder, `${name}.db`) })],
      budgets: name === 'no budget' ? [] : [perCustomer(name)],
      select: () => turn === name,
    }),
  }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, times } of setUps) {
      turn = name;
      for (let made = 0; made < CALLS; made++) {
        const start = performance.now();
        await withCustomer(`customer-${made % 10}`, ask);
        if (round > 2) times.push(performance.now() - start);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
  const base = quantile(setUps[0]?.times ?? [], 0.5);
  show('a whole call, SQLite', 'median', 'ratio', 'p99');
  for (const { name, times, processor } of setUps) {
    const median = quantile(times, 0.5);
    show(
      `  ${name}`,
      inMicroseconds(median),
      (median / base).toFixed(2),
      inMicroseconds(quantile(times, 0.99)),
    );
    await processor.shutdown();
  }
}

interface Kept {
  readonly keeper: BudgetKeeper;
  readonly admitted: number[];
  readonly settled: number[];
  readonly customers: number;
}

function kept(store: BudgetStore, budgets: readonly Budget[], customers: number): Kept {
  const book = new BudgetBook(budgets);
  return { keeper: new BudgetKeeper({ book: () => book, store }), admitted: [], settled: [], customers };
}

let made = 0;
/** One call at a keeper: how long it waits to be admitted, and how long counting takes afterwards. */
async function holdAndSettle({ keeper, admitted, settled, customers }: Kept): Promise<void> {
  const id = `call-${made++}`;
  const call = {
    id,
    startTime: new Date(),
    customer: `customer-${(made * 7_919) % customers}`,
    context: {},
    provider: 'openai',
    operation: 'chat',
    model: 'gpt-4o',
  };
  const start = performance.now();
  const verdict = await keeper.admit(call, () => ({ cost: { most: '0.01' }, tokens: {} }));
  if (verdict !== undefined) throw new Error('refused');
  const between = performance.now();
  keeper.settle(call, id, { cost: { amount: '0.005', currency: 'USD' }, tokens: '1' });
  await keeper.flush();
  admitted.push(between - start);
  settled.push(performance.now() - between);
}

async function byTurns(title: string, setUps: Readonly<Record<string, Kept>>, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++)
    for (const each of Object.values(setUps)) await holdAndSettle(each);
  show(title, 'admit p50', 'p99', 'count p50', 'p99');
  for (const [name, { keeper, admitted, settled }] of Object.entries(setUps)) {
    show(
      `  ${name}`,
      ...[admitted, settled].flatMap((values) =>
        [0.5, 0.99].map((share) => inMicroseconds(quantile(values.slice(50), share))),
      ),
    );
    keeper.stop();
  }
}

const many = Array.from(
  { length: 1_000 },
  (_, index) =>
    new Budget({
      id: `own-${index}`,
      match: { customer: `other-${index}` },
      limit: '1000000',
      period: 'month',
      action: 'block',
    }),
);

/** Customers who have spent something this month, so that their counters are there. */
async function filled(store: BudgetStore, customers: number): Promise<BudgetStore> {
  const { keeper } = kept(store, [perCustomer('hold')], customers);
  const fields = { startTime: new Date(), context: {}, provider: 'openai', operation: 'chat' };
  for (let index = 0; index < customers; index++) {
    const id = `first-${index}`;
    keeper.settle({ ...fields, id, customer: `customer-${index}` }, id, {
      cost: { amount: '0.01', currency: 'USD' },
      tokens: '1',
    });
    if (index % 5_000 === 4_999) await keeper.flush();
  }
  await keeper.flush();
  return store;
}

async function growth(): Promise<void> {
  const open = (name: string) => new SqliteLedger({ path: join(folder, `${name}.db`), durability: 'batch' });
  const ledgers = [open('few'), open('budgets'), open('customers')] as const;
  const [few, budgets, customers] = ledgers;
  const hold = perCustomer('hold');
  await byTurns(
    'hold, SQLite',
    {
      '1 budget, 100 customers': kept(await filled(few.budgets, 100), [hold], 100),
      '1,001 budgets, 100 customers': kept(await filled(budgets.budgets, 100), [...many, hold], 100),
      '1 budget, 100,000 customers': kept(await filled(customers.budgets, 100_000), [hold], 100_000),
    },
    5_000,
  );
  for (const ledger of ledgers) await ledger.shutdown();
}

async function onPostgres(): Promise<void> {
  const server = await PostgresServer.create();
  const open = (schema: string) => new PostgresLedger({ connectionString: server.url, schema, spool: false });
  const ledgers = [open('few'), open('many')] as const;
  const hold = perCustomer('hold');
  await byTurns(
    'hold, PostgreSQL on this machine',
    {
      '1 budget, 100 customers': kept(await filled(ledgers[0].budgets, 100), [hold], 100),
      '1,001 budgets, 20,000 customers': kept(
        await filled(ledgers[1].budgets, 20_000),
        [...many, hold],
        20_000,
      ),
    },
    1_000,
  );
  for (const ledger of ledgers) await ledger.shutdown();
  server.destroy();
}

try {
  await wholeCalls();
  await growth();
  await onPostgres();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
