import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DatabaseSync } from 'node:sqlite';
import { parse } from 'csv-parse/sync';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sumDecimals } from '../../src/base/decimal.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { costEvent, priced, unattributedEvent } from './events.ts';
import { run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'costspan-answers-'));
const db = join(folder, 'costs.db');
const LONG = 'a_customer_whose_name_goes_on_and_on_and_does_not_fit_into_any_terminal_at_all';

const events: readonly CostEvent[] = [
  costEvent(1, { context: { feature: 'chat', team: 'a' } }),
  costEvent(2, { customer: 'globex', cost: priced('0.1'), status: 'error', errorType: 'timeout' }),
  costEvent(3, { customer: 'globex', cost: priced('0.2'), operation: 'embeddings', service: 'search' }),
  unattributedEvent(4, { cost: priced('0.0001') }),
  costEvent(5, { customer: LONG, cost: priced('123456.000000000125') }),
  costEvent(6, { cost: { status: 'unpriced', lineItems: [], reason: 'no price' } }),
  // Midnight in Berlin, and an hour before it.
  costEvent(7, { timestamp: new Date('2026-11-30T23:00:00Z'), cost: priced('7') }),
  costEvent(8, { timestamp: new Date('2026-11-30T22:59:59.999Z'), cost: priced('8') }),
];

beforeAll(async () => {
  const ledger = new SqliteLedger({ path: db });
  ledger.write(events);
  await ledger.shutdown();
});
afterAll(() => rmSync(folder, { recursive: true }));

const ids = (out: string): number[] =>
  out
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number((JSON.parse(line) as { id: string }).id.slice(-12)));

describe('the filters that every command has', () => {
  test.each([
    [['--status', 'error'], [2]],
    [['--operation', 'embeddings'], [3]],
    [['--service', 'search'], [3]],
    [['--context', 'feature=chat'], [1]],
    [['--context', 'team=*', '--context', 'feature=chat'], [1]],
    [['--cost-status', 'unpriced'], [6]],
    [
      ['--min-cost', '0.1', '--max-cost', '0.2'],
      [2, 3],
    ],
    [['--month', '2026-12', '--tz', 'Europe/Berlin'], [7]],
    [
      ['--since', '2026-11-30', '--tz', 'Europe/Berlin'],
      [8, 7],
    ],
    [
      ['--last', '2'],
      [8, 7],
    ],
    [['--last', '1', '--customer', 'globex'], [3]],
  ])('events %j are %j', async (options, numbers) => {
    const { out, err } = await run('events', '--db', db, '--json', ...options);
    expect(err).toBe('');
    expect(ids(out)).toEqual(numbers);
  });

  test('report takes them, too', async () => {
    const { out } = await run(
      'report',
      '--db',
      db,
      '--json',
      '--customer',
      'globex',
      '--operation',
      'embeddings',
    );
    expect(JSON.parse(out)).toMatchObject({ totals: [{ events: 1, amount: '0.2' }] });
  });

  test.each([
    [['events', '--since', '2026-11-20', '--until', '2026-11-01'], 'The period ends before it begins'],
    [['report', '--since', '2026-11-20', '--until', '2026-11-20'], '--until is not included'],
    [['events', '--tz', 'Berlin'], "Did you mean 'Europe/Berlin'?"],
    [['events', '--context', 'chat'], 'Expected a context entry like feature=chat'],
    [['events', '--status', 'eror'], 'Allowed choices are ok, error, aborted, partial'],
    [['events', '--last', '5', '--limit', '5'], "cannot be used with option '--limit <count>'"],
    [
      ['report', 'trends'],
      'Allowed choices are spend, trend, peaks, week, cache, outliers, forecast, margin',
    ],
    [['report', 'trend', '--by', 'model'], 'leave out --by'],
    [['export', 'accounting', '--since', '7d'], 'give --month'],
    [['export', 'xml'], 'Allowed choices are accounting, focus, json, ndjson'],
    [['invoice'], "required option '--customer <customer>'"],
    [['reconcile', '--provider', 'openai'], 'an admin key in OPENAI_ADMIN_KEY'],
    [['outbox', 'requeue', 'unknown'], "'unknown': no dead letter, and nothing was changed"],
    [['customers', 'show', 'nobody'], "No customer 'nobody' is registered"],
  ])('%j is refused with the way out', async (args, hint) => {
    const { code, out, err } = await run(...args, '--db', db);
    expect(code).not.toBe(0);
    expect(out).toBe('');
    expect(err).toContain(hint);
  });
});

test.each([
  [['events', '--provider', 'opnai'], "No call has the provider 'opnai'. Did you mean 'openai'?"],
  [['events', '--model', 'gtp-4o'], "No call has the model 'gtp-4o'. Did you mean 'gpt-4o'?"],
  [['report', '--customer', 'globx'], "No call has the customer 'globx'. Did you mean 'globex'?"],
])('an empty answer to %j says what was mistyped', async (args, hint) => {
  const { code, err } = await run(...args, '--db', db);
  expect({ code, err }).toEqual({ code: 0, err: `${hint}\n` });
});

describe('tables', () => {
  test.each([80, 60])('fit a terminal of %i columns; the amounts are whole', async (width) => {
    vi.stubEnv('COLUMNS', String(width));
    try {
      const { out } = await run('report', '--db', db);
      for (const line of out.split('\n').filter((each) => !each.includes(':')))
        expect(stringWidth(line)).toBeLessThanOrEqual(width);
      expect(out).toContain('123456.000000000125');
      expect(out).toMatch(/a_custo.*…/);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test.each<[string, object[], string]>([
    [
      'trend',
      [
        // 7 + 8
        { span: '24h', amount: '15', before: '0', calls: 2 },
        // 0.005615 + 0.1 + 0.2 + 0.0001 + 123456.000000000125 before
        { span: '7d', amount: '15', before: '123456.305715000125', calls_before: 6 },
        { span: 'ytd', amount: '123471.305715000125', calls: 8, unpriced: 1 },
      ],
      '123456.305715000125',
    ],
    [
      'peaks',
      [
        { time: '2026-11-20T10:00Z', amount: '123456.305715000125', calls: 6 },
        { time: '2026-11-30T22:00Z', amount: '8', calls: 1 },
        { time: '2026-11-30T23:00Z', amount: '7', calls: 1 },
      ],
      '123456.305715000125',
    ],
    [
      'week',
      [
        { weekday: 'Monday', hour: '22:00', amount: '8' },
        { weekday: 'Monday', hour: '23:00', amount: '7' },
        { weekday: 'Friday', hour: '10:00', amount: '123456.305715000125' },
      ],
      'Friday',
    ],
    ['cache', [], ''],
    ['outliers', [], 'more than 10 times the median'],
    ['forecast', [{ currency: 'USD', spent: '0', days_of_history: 11 }], 'the average of its weekday'],
    [
      'margin',
      [
        { customer: LONG, charge: '0', margin: '-123456.000000000125' },
        // 0.005615 + 7 + 8
        { customer: 'acme', cost: '15.005615', unpriced: 1 },
        { customer: 'globex', cost: '0.3', uncharged: 2 },
        { customer: null, attribution: 'unattributed', cost: '0.0001' },
      ],
      'globex',
    ],
  ])('report %s says the same as table, CSV and JSON', async (question, expected, inTable) => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-12-01T00:00:00Z') });
    try {
      const answer = async (format: string): Promise<string> => {
        const { code, out, err } = await run('report', question, '--db', db, '--format', format);
        expect({ code, err }).toEqual({ code: 0, err: '' });
        return out;
      };
      const { rows } = JSON.parse(await answer('json')) as { rows: Record<string, unknown>[] };
      expect(rows).toMatchObject(expected);
      const records = parse(await answer('csv'), { columns: true }) as Record<string, string>[];
      const asText = rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            typeof value === 'number' ? `${value}` : (value ?? ''),
          ]),
        ),
      );
      expect(records).toEqual(asText);
      expect(await answer('table')).toContain(inTable);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('costspan export', () => {
  test('ndjson: every event as it is, and a manifest whose sum and hash are those of the file', async () => {
    const out = join(folder, 'events.ndjson.gz');
    const { code, out: printed } = await run(
      'export',
      'ndjson',
      '--db',
      db,
      '--month',
      '2026-11',
      '--out',
      out,
      '--gzip',
      '--json',
    );
    expect(code).toBe(0);
    const manifest = JSON.parse(printed) as { rows: number; sum: Record<string, string>; sha256: string };
    const lines = gunzipSync(readFileSync(out)).toString().trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id).toSorted()).toEqual(
      events.map(({ id }) => id).toSorted(),
    );
    // 0.005615 + 0.1 + 0.2 + 0.0001 + 123456.000000000125 + 7 + 8
    expect(manifest).toMatchObject({ rows: 8, sum: { USD: '123471.305715000125' }, unpriced: 1 });
    expect(manifest.sha256).toBe(createHash('sha256').update(readFileSync(out)).digest('hex'));
    expect(JSON.parse(readFileSync(`${out}.manifest.json`, 'utf8'))).toEqual(manifest);
    const again = await run(
      'export',
      'ndjson',
      '--db',
      db,
      '--month',
      '2026-11',
      '--out',
      out,
      '--gzip',
      '--json',
    );
    expect(again.out).toBe(printed);
  });

  test.each(['accounting', 'focus'])('%s: a real parser reads it and its costs add up', async (format) => {
    const out = join(folder, `${format}.csv`);
    const { out: printed } = await run(
      'export',
      format,
      '--db',
      db,
      '--month',
      '2026-11',
      '--out',
      out,
      '--json',
    );
    const column = format === 'focus' ? 'BilledCost' : 'Cost';
    const records = parse(readFileSync(out, 'utf8'), { columns: true }) as Record<string, string>[];
    const sum = sumDecimals(records.map((record) => record[column] || '0'));
    expect(sum).toBe('123471.305715000125');
    expect(JSON.parse(printed)).toMatchObject({ rows: records.length, sum: { USD: sum }, unpriced: 1 });
  });

  test.each(['accounting', 'focus'])('%s takes the filters, and the manifest says which', async (format) => {
    const out = join(folder, `${format}-globex.csv`);
    const { out: printed } = await run(
      'export',
      format,
      '--db',
      db,
      '--month',
      '2026-11',
      '--customer',
      'globex',
      '--out',
      out,
      '--json',
    );
    // 0.1 + 0.2
    expect(JSON.parse(printed)).toMatchObject({ filter: { customer: 'globex' }, sum: { USD: '0.3' } });
    expect(readFileSync(out, 'utf8')).not.toContain('acme');
  });

  test('json is one list, on stdout as in a file', async () => {
    const { out } = await run('export', 'json', '--db', db, '--month', '2026-11', '--customer', 'globex');
    expect((JSON.parse(out) as unknown[]).length).toBe(2);
    const none = await run('export', 'json', '--db', db, '--month', '2020-01');
    expect(JSON.parse(none.out)).toEqual([]);
  });

  test('a file that cannot be written leaves what was there, and nothing half done', async () => {
    const { code, err } = await run(
      'export',
      'ndjson',
      '--db',
      db,
      '--month',
      '2026-11',
      '--out',
      join(folder, 'absent', 'x.ndjson'),
    );
    expect(code).toBe(1);
    expect(err).toContain('was not written');
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk is told and leaves no half file', () => {
    const main = join(import.meta.dirname, '../../src/cli/main.ts');
    const script = `${process.execPath} ${main} export ndjson --db ${db} --month 2026-11 > /dev/full`;
    expect(() => execFileSync('sh', ['-c', script], { stdio: 'pipe' })).toThrow('ENOSPC');
  });
});

describe('costspan invoice', () => {
  test('prints what a customer is to pay, from a price file', async () => {
    const prices = join(folder, 'prices.json');
    writeFileSync(prices, JSON.stringify({ rate_cards: [{ name: 'standard', markup: '20' }] }));
    const { code, out, err } = await run(
      'invoice',
      '--db',
      db,
      '--customer',
      'globex',
      '--month',
      '2026-11',
      '--prices',
      prices,
      '--json',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    // (0.1 + 0.2) × 1.2
    expect(JSON.parse(out)).toMatchObject({ total: '0.36', cost: '0.3', calls: 2 });
    const html = await run(
      'invoice',
      '--db',
      db,
      '--customer',
      'globex',
      '--month',
      '2026-11',
      '--prices',
      prices,
      '--format',
      'html',
    );
    expect(html.out).toContain('<!doctype html>');
  });
});

describe('costspan customers', () => {
  const cli = (...args: string[]) => run('customers', ...args, '--db', db);

  test('are added, changed, merged, imported and forgotten', async () => {
    expect(
      (await cli('add', 'acme', '--name', 'Acme Corp', '--plan', 'pro', '--metadata', '{"crm":"42"}')).out,
    ).toBe('acme is registered.\n');
    expect((await cli('add', 'acme')).err).toContain('is registered already');
    expect((await cli('set', 'acme', '--rate-card', 'standard')).code).toBe(0);
    expect(JSON.parse((await cli('show', 'acme', '--json')).out)).toMatchObject({
      key: 'acme',
      name: 'Acme Corp',
      plan: 'pro',
      rate_card: 'standard',
      metadata: { crm: '42' },
    });
    const seen = JSON.parse((await cli('list', '--unregistered', '--json')).out) as { key: string }[];
    expect(seen.map(({ key }) => key)).toContain('globex');
    const csv = join(folder, 'customers.csv');
    writeFileSync(csv, 'key,name,country\nglobex,Globex,DE\n,Nobody,FR\n');
    expect((await cli('import', csv)).out).toBe(
      '1 customers registered, 1 records refused.\nrefused: record 2: no key\n',
    );
    expect(JSON.parse((await cli('show', 'globex', '--json')).out)).toMatchObject({
      name: 'Globex',
      metadata: { country: 'DE' },
    });
    expect((await cli('merge', LONG, 'globex')).code).toBe(0);
    const { out } = await run('report', '--db', db, '--json', '--customer', 'globex');
    // 0.1 + 0.2 + 123456.000000000125
    expect(JSON.parse(out)).toMatchObject({ totals: [{ events: 3, amount: '123456.300000000125' }] });
    expect(JSON.parse((await cli('remove', 'acme', '--json')).out)).toEqual({ removed: 'acme' });
    expect((await cli('remove', 'acme')).err).toContain('No customer');
  });
});

describe('costspan reconcile', () => {
  test('says how the two differ and ends with exit code 2', async () => {
    const file = join(folder, 'usage.json');
    const result = { input_tokens: 5, output_tokens: 0, num_model_requests: 1, model: 'o3' };
    writeFileSync(
      file,
      JSON.stringify({ data: [{ start_time: Date.UTC(2026, 10, 25) / 1000, results: [result] }] }),
    );
    const { code, out } = await run('reconcile', '--db', db, '--provider', 'openai', '--file', file);
    expect(code).toBe(2);
    expect(out).toContain('not_instrumented: o3: no call is in the ledger');
  });
});

describe('costspan ledger', () => {
  test.each([
    ['info', 'calls: 8\n', { events: 8 }],
    ['verify', '8 calls added up again: every sum is right.', { events: 8, ok: true }],
    ['rebuild', 'again', { rebuilt: true }],
    ['migrate', 'is a ledger of this version', { migrated: true }],
  ])('%s says what it found or did', async (verb, text, json) => {
    const { code, out, err } = await run('ledger', verb, '--db', db);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(text);
    expect(JSON.parse((await run('ledger', verb, '--db', db, '--json')).out)).toMatchObject(json);
  });

  test('info counts calls, costs and what is open', async () => {
    const { out } = await run('ledger', 'info', '--db', db, '--json');
    expect(JSON.parse(out)).toMatchObject({
      events: 8,
      totals: [{ amount: '123471.305715000125', unpriced: 1 }],
    });
  });
});

test('an index finds response and trace ids in SQLite, until it is dropped', async () => {
  const indexes = () => {
    const file = new DatabaseSync(db, { readOnly: true });
    const rows = file
      .prepare("SELECT name FROM sqlite_schema WHERE name IN ('event_response_id', 'event_trace_id')")
      .all();
    file.close();
    return rows.length;
  };
  expect(indexes()).toBe(0);
  expect(await run('ledger', 'index', '--db', db)).toMatchObject({ code: 0 });
  expect(indexes()).toBe(2);
  const file = new DatabaseSync(db, { readOnly: true });
  const plan = file
    .prepare(
      "EXPLAIN QUERY PLAN SELECT 1 FROM event e WHERE e.response_id = 'x' AND e.time >= 0 ORDER BY e.time, e.seq",
    )
    .all();
  expect(JSON.stringify(plan)).toContain('event_response_id');
  file.close();
  expect((await run('events', '--response-id', 'nope', '--db', db)).code).toBe(0);
  expect(await run('ledger', 'index', '--drop', '--db', db)).toMatchObject({ code: 0 });
  expect(indexes()).toBe(0);
});

describe('costspan completion', () => {
  test.each([
    ['rep', ['report', 'reprice']],
    ['report t', ['trend']],
    ['export --g', ['--gzip']],
    ['ledger ver', ['verify']],
    ['prices mis', ['missing']],
  ])('bash completes "costspan %s" with %j', async (line, expected) => {
    const { out: script } = await run('completion', 'bash');
    const words = ['costspan', ...line.split(' ')];
    const program = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _costspan; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['-c', program]).toString().trimEnd().split('\n').toSorted()).toEqual(
      expected,
    );
  });

  test('zsh and fish get scripts of their own', async () => {
    expect((await run('completion', 'zsh')).out).toContain('bashcompinit');
    expect((await run('completion', 'fish')).out).toContain(
      "complete -c costspan -n '__fish_use_subcommand'",
    );
  });
});
