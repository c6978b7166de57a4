import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { costEvent, priced } from './events.ts';
import { run } from './run.ts';

let folder: string;
let db: string;
const cli = (...args: string[]) => run('export', ...args, '--db', db);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-cli-export-'));
  db = join(folder, 'costs.db');
  const ledger = new SqliteLedger({ path: db });
  ledger.write([
    costEvent(1),
    costEvent(2, { cost: priced('0.1') }),
    costEvent(3, { customer: 'globex', cost: { status: 'unpriced', lineItems: [], reason: 'no price' } }),
  ]);
  await ledger.shutdown();
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['ndjson', '--gzip', '--gzip compresses a file: name it with --out.'],
  ['parquet', '--json', 'Parquet is a file, not text: name it with --out.'],
])('%s %s on stdout is refused, and says what to do', async (format, option, said) => {
  expect(await cli(format, option)).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining(said) as string,
  });
});

test.each([
  [['--since', '2026-11-20T10:00:02Z', '--until', '2026-11-20T10:00:03Z'], 1],
  [['--since', '2026-11-20T10:00:02Z'], 2],
  [['--until', '2026-11-20T10:00:02Z'], 1],
  [['--month', '2026-11'], 3],
])('%j are %i events, the first instant in and the last out', async (period, count) => {
  const { out } = await cli('ndjson', ...period);
  expect(out.split('\n').filter((line) => line !== '')).toHaveLength(count);
});

test('FOCUS without a word for "unknown" leaves unpriced calls out, and says so on stderr', async () => {
  const { out, err } = await cli('focus', '--month', '2026-11');
  expect(out).not.toContain('globex');
  expect(err).toBe(
    'unpriced: 1 calls are not in the file, because FOCUS cannot say "unknown". See: costspan prices missing\n',
  );
  expect((await cli('focus', '--month', '2026-11', '--customer', 'acme')).err).toBe('');
});

test('a file is told in one line: its rows, its sums, what is unpriced, and its hash', async () => {
  const out = join(folder, 'out.ndjson');
  const told = async (...args: string[]): Promise<string> =>
    (await cli('ndjson', '--month', '2026-11', '--out', out, ...args)).out.replace(
      /sha256 [\da-f]{64}/,
      'sha256 …',
    );
  // 0.005615 + 0.1
  expect(await told()).toBe(`${out}: 3 rows, USD 0.105615, 1 calls unpriced, sha256 …\n`);
  expect(await told('--customer', 'acme')).toBe(`${out}: 2 rows, USD 0.105615, sha256 …\n`);
  expect(await told('--customer', 'globex')).toBe(`${out}: 1 rows, no cost, 1 calls unpriced, sha256 …\n`);
});
