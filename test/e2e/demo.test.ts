import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

interface ReportRow {
  readonly customer: string | null;
  readonly unattributed: boolean;
  readonly model: string;
  readonly events: number;
  readonly amount: string;
  readonly usage: Readonly<Record<string, number>>;
}

test('the demo bills every call of its interleaved traffic to the right customer, to the last digit', async () => {
  const { stdout, stderr } = await run(process.execPath, ['examples/demo/run.ts'], { timeout: 60_000 });
  expect(stderr).toBe('');
  for (const customer of ['acme_corp', 'globex', 'initech', '(unattributed)'])
    expect(stdout).toContain(customer);
  expect(stdout.match(/^Try next: .*\n .*$/m)?.[0].split('\n')).toHaveLength(2);

  const db = /^The ledger.*: (\S+)$/m.exec(stdout)?.[1] ?? '';
  expect(existsSync(db)).toBe(true);
  try {
    const report = await run(process.execPath, [
      'dist/cli/main.js',
      'report',
      '--json',
      `--db=${db}`,
      '--by=customer,model',
    ]);
    const { rows, totals } = JSON.parse(report.stdout) as { rows: ReportRow[]; totals: ReportRow[] };
    expect(rows.map(({ customer, model, events }) => [customer, model, events])).toEqual([
      ['acme_corp', 'gpt-4o-2024-08-06', 4],
      ['acme_corp', 'claude-sonnet-5', 3],
      ['acme_corp', 'gpt-5-mini-2025-08-07', 2],
      ['globex', 'gpt-4o-2024-08-06', 3],
      ['globex', 'claude-haiku-4-5-20251001', 4],
      ['initech', 'claude-sonnet-5', 1],
      ['initech', 'gpt-5-mini-2025-08-07', 5],
      ['initech', 'claude-haiku-4-5-20251001', 1],
      [null, 'claude-haiku-4-5-20251001', 1],
    ]);
    expect(rows.filter(({ unattributed }) => unattributed).map(({ customer }) => customer)).toEqual([null]);
    const chat = rows.find(({ customer, model }) => customer === 'acme_corp' && model.startsWith('gpt-4o'));
    // 4 × (86 × $2.5/M + 1920 cached × $1.25/M + 300 × $10/M = $0.005615) = $0.02246
    expect(chat?.amount).toBe('0.02246');
    expect(chat?.usage).toMatchObject({ input_tokens: 8024, cache_read_tokens: 7680, output_tokens: 1200 });
    expect(totals).toMatchObject([{ events: 24, unpriced: 0, estimated: 0, errors: 0 }]);
  } finally {
    rmSync(dirname(db), { recursive: true });
  }
});
