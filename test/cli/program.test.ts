import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { sumDecimals } from '../../src/base/decimal.ts';
import { costEvent, priced, unattributedEvent } from './events.ts';
import { run } from './run.ts';

const directory = mkdtempSync(join(tmpdir(), 'costspan-cli-'));
const db = join(directory, 'costs.db');

const events: readonly CostEvent[] = [
  costEvent(1, { context: { feature: 'chat' } }),
  costEvent(2, { customer: 'globex', cost: priced('0.1') }),
  costEvent(3, { customer: 'globex', cost: priced('0.2'), timestamp: new Date('2026-12-01T00:00:00Z') }),
  costEvent(4, { customer: null, cost: priced('0.00000000125') }),
  unattributedEvent(5, { cost: priced('0.0001') }),
  costEvent(6, {
    responseModel: 'brand-new',
    cost: { status: 'unpriced', lineItems: [], reason: 'no price for brand-new' },
  }),
];

beforeAll(async () => {
  const ledger = new SqliteLedger({ path: db });
  ledger.write(events);
  await ledger.shutdown();
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('costspan report', () => {
  test('totals equal the exact sum of the events', async () => {
    const { code, out } = await run('report', '--db', db, '--json');
    expect(code).toBe(0);
    const report = JSON.parse(out) as { rows: { amount: string }[]; totals: { amount: string }[] };
    // 0.005615 + 0.1 + 0.2 + 0.00000000125 + 0.0001 = 0.30571500125, which floats miss
    expect(report.totals).toMatchObject([{ amount: '0.30571500125', events: 6, unpriced: 1 }]);
    expect(sumDecimals(report.rows.map(({ amount }) => amount))).toBe('0.30571500125');
    expect(sumDecimals(events.map(({ cost }) => cost.amount ?? '0'))).toBe('0.30571500125');
  });

  test('gives the unattributed a line of their own, apart from what is billed to nobody on purpose', async () => {
    const { out } = await run('report', '--db', db, '--format', 'csv');
    const lines = out.split('\r\n').map((line) => line.split(',').slice(0, 4));
    expect(lines).toEqual([
      ['customer', 'events', 'currency', 'amount'],
      ['globex', '2', 'USD', '0.3'],
      ['acme', '2', 'USD', '0.005615'],
      ['', '1', 'USD', '0.00000000125'],
      ['', '1', 'USD', '0.0001'],
      [''],
    ]);
  });

  test('groups by several dimensions, context included', async () => {
    const { out } = await run('report', '--db', db, '--by', 'customer,context.feature', '--json');
    expect(JSON.parse(out)).toMatchObject({
      by: ['customer', 'context.feature'],
      rows: expect.arrayContaining([
        expect.objectContaining({ customer: 'acme', 'context.feature': 'chat', amount: '0.005615' }),
        expect.objectContaining({ customer: 'acme', 'context.feature': null, amount: null, unpriced: 1 }),
      ]) as unknown,
    });
  });

  test('takes a month without the first instant of the next', async () => {
    const november = await run('report', '--db', db, '--month', '2026-11', '--json');
    expect(JSON.parse(november.out)).toMatchObject({ totals: [{ events: 5 }] });
    const december = await run('report', '--db', db, '--since', '2026-12-01', '--json');
    expect(JSON.parse(december.out)).toMatchObject({ totals: [{ events: 1, amount: '0.2' }] });
  });

  test('finds the database in COSTSPAN_DB', async () => {
    vi.stubEnv('COSTSPAN_DB', db);
    try {
      expect((await run('report')).out).toContain('globex');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('prints a table that ends with what the figures leave out', async () => {
    const { out } = await run('report', '--db', db);
    expect(out).toMatch(/^\(unattributed\) .*0\.00010000000 /m);
    expect(out).toContain('unattributed: 1 call, USD 0.0001 (0.0 %). See: costspan events --unattributed');
    expect(out).toContain('unpriced: 1 call, not in the cost. See: costspan events --unpriced');
  });
});

describe('costspan events', () => {
  test('prints the JSON form of each event, one per line, oldest first', async () => {
    const { out } = await run('events', '--db', db, '--json');
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      events
        .toSorted((a, b) => a.timestamp.getTime() - b.timestamp.getTime())
        .map((event) => JSON.parse(JSON.stringify(event)) as unknown),
    );
  });

  test.each([
    [['--unattributed'], [5]],
    [['--unpriced'], [6]],
    [
      ['--customer', 'globex'],
      [2, 3],
    ],
    [['--customer', 'globex', '--month', '2026-11'], [2]],
    [['--limit', '1'], [1]],
    [['--id', costEvent(4).id], [4]],
  ])('%j finds events %j', async (options, numbers) => {
    const { out } = await run('events', '--db', db, '--json', ...options);
    const ids = out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(numbers.map((number) => costEvent(number).id));
  });

  test('prints a line for people', async () => {
    const { out } = await run('events', '--db', db, '--limit', '1');
    expect(out).toBe(
      '2026-11-20T10:00:01.000Z  acme  openai gpt-4o-2024-08-06  chat  2006 in (1920 cached) 300 out  USD 0.005615  019aa1c2-0000-7000-8000-000000000001\n',
    );
  });
});

describe('a wrong command line', () => {
  test.each([
    [['report', '--by', 'custmer'], "Did you mean 'customer'?"],
    [['report', '--by', 'tenant'], "Did you mean 'customer'?"],
    [['report', '--bye', 'customer'], '(Did you mean --by?)'],
    [['reprot'], '(Did you mean report?)'],
    [['report', '--format', 'xml'], 'Allowed choices are table, json, csv'],
    [['report', '--month', '2026-13'], 'Expected a month like 2026-11'],
    [['report', '--month', '2026-11', '--since', '7d'], "cannot be used with option '--since <time>'"],
    [['report', '--json', '--format', 'csv'], "cannot be used with option '--format <format>'"],
    [['events', '--limit', '0'], 'Expected a whole number above 0'],
  ])('%j is refused with the way out', async (args, hint) => {
    const { code, out, err } = await run(...args);
    expect(code).not.toBe(0);
    expect(out).toBe('');
    expect(err).toContain(hint);
  });

  test('is no error when it asks for help', async () => {
    const { code, out } = await run('help', 'report');
    expect(code).toBe(0);
    expect(out).toContain('--by <dimensions>');
    expect(out).toContain('COSTSPAN_DB');
  });
});

describe('a database that is not a ledger', () => {
  test('that is missing is refused and not created', async () => {
    const missing = join(directory, 'missing.db');
    const { code, out, err } = await run('report', '--db', missing);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain(missing);
    expect(existsSync(missing)).toBe(false);
  });

  test('that is something else is refused and left as it is', async () => {
    const notes = join(directory, 'notes.txt');
    writeFileSync(notes, 'no database at all');
    const { code, err } = await run('events', '--db', notes);
    expect(code).toBe(1);
    expect(err).toContain(notes);
    expect(readFileSync(notes, 'utf8')).toBe('no database at all');
  });
});

test('the help of every command ends with examples', async () => {
  const { out } = await run('--help');
  const commands = [...out.slice(out.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)/gm)].map(
    ([, name = '']) => name,
  );
  expect(commands.length).toBeGreaterThan(15);
  for (const command of commands.filter((name) => name !== 'help')) {
    const { out: help } = await run(command, '--help');
    expect([command, help]).toEqual([command, expect.stringContaining(`Examples:\n  `)]);
    expect(help).toContain(command === 'completion' ? 'costspan completion' : `\n  costspan ${command}`);
  }
});
