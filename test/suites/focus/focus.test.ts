import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { focusCsv } from '../../../src/reports/focus-csv.ts';
import { cost, costEvent, unattributedEvent } from '../../ledger/events.ts';
import { pythonEnvironment } from '../python.ts';

/** The official validator, from PyPI, in an environment of its own. It knows the rules of FOCUS 1.0. */
const { folder: environment, missing } = pythonEnvironment(import.meta.dirname);
const validator = join(environment, 'bin', 'focus-validator');

const PREVIEW_NAMES: Readonly<Record<string, string>> = {
  InvoiceIssuerName: 'InvoiceIssuer',
  ProviderName: 'Provider',
  PublisherName: 'Publisher',
  ResourceId: 'ResourceID',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-focus-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * What the validator says of a file. Its release on PyPI (1.0.0) knows five columns of version 1.0 by the names they
 * had in the preview, so it is given them under those; and it looks for its list of currencies in the current folder.
 */
function validate(csv: string): { status: number | null; report: string } {
  const path = join(folder, 'focus.csv');
  const records = parse(csv, { columns: true }) as Record<string, string>[];
  const renamed = records.map((record) => ({
    ...Object.fromEntries(
      Object.entries(record).map(([name, value]) => [PREVIEW_NAMES[name] ?? name, value]),
    ),
    ChargeType: record['ChargeCategory'],
  }));
  writeFileSync(path, stringify(renamed, { header: true }));
  const { status, stdout, stderr } = spawnSync(
    validator,
    ['--data-file', path, '--validate-version', '1.0', '--column-namespace', 'x'],
    { encoding: 'utf8', cwd: globSync(join(environment, 'lib', 'python3*', 'site-packages'))[0] },
  );
  return { status, report: `${stdout}${stderr}` };
}

describe.skipIf(missing !== undefined)(
  `the official FOCUS validator${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    test('finds no broken rule in an export of every kind of event', async () => {
      const ledger = new SqliteLedger({ path: ':memory:' });
      ledger.write([
        costEvent({ context: { feature: 'chat', project: 'bot' } }),
        costEvent({ customer: 'globex', provider: 'anthropic', priceInputs: { batch: true } }),
        costEvent({ customer: null, cost: { ...cost('0.5'), source: 'provider' } }),
        costEvent({ kind: 'adjustment', adjusts: 'x', cost: cost('-0.001'), usage: {} }),
        costEvent({ customer: '=cmd|A1', cost: cost('0.1', 'EUR') }),
        costEvent({ cost: cost(undefined) }),
        unattributedEvent(),
      ]);
      const { status, report } = validate(await focusCsv(ledger, { month: '2026-11' }));
      expect(report).toContain('Validation succeeded');
      expect(status).toBe(0);
    });

    test('would find one', async () => {
      const ledger = new SqliteLedger({ path: ':memory:' });
      ledger.write([costEvent()]);
      const broken = (await focusCsv(ledger, { month: '2026-11' })).replace(
        'AI and Machine Learning',
        'Magic',
      );
      expect(validate(broken).report).toContain('ServiceCategory');
    });
  },
);
