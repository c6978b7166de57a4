import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sumDecimals } from '../../../src/base/decimal.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { exportToFile } from '../../../src/reports/export.ts';
import { monthWindow } from '../../../src/reports/period.ts';
import { cost, costEvent } from '../../ledger/events.ts';
import { pythonEnvironment } from '../python.ts';

/** Apache Arrow, another implementation than the one that writes. */
const { folder: python, missing } = pythonEnvironment(import.meta.dirname);

interface Read {
  readonly types: Readonly<Record<string, string>>;
  readonly groups: number;
  readonly rows: number;
  readonly sum: string | null;
  readonly tokens: number;
  readonly nulls: number;
  readonly first_rows: readonly Readonly<Record<string, string>>[];
}

function read(path: string): Read {
  const script = join(import.meta.dirname, 'read.py');
  return JSON.parse(
    execFileSync(join(python, 'bin', 'python'), [script, path], { encoding: 'utf8' }),
  ) as Read;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-parquet-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const format = 'parquet';
const window = monthWindow('2026-11');

describe.skipIf(missing !== undefined)(
  `Apache Arrow${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    test('reads what was written, and sums the money back to the last digit', async () => {
      const ledger = new SqliteLedger({ path: ':memory:' });
      const amounts = ['0.005615', '0.000000000000000001', '-0.3', '12345678901234567890.5', '0'];
      ledger.write([
        costEvent({
          cost: cost(amounts[0]),
          timestamp: new Date('2026-11-20T10:00:00.123Z'),
          customer: 'Ünïcode, "quoted"\n',
          context: { feature: 'chat', seats: 3 },
        }),
        ...amounts.slice(1).map((amount) => costEvent({ cost: cost(amount), customer: null })),
        costEvent({ cost: cost(undefined) }),
        costEvent({ timestamp: new Date('2026-12-01T00:00:00Z') }),
      ]);
      const path = join(folder, 'small.parquet');
      const manifest = await exportToFile(ledger, path, { format, window });
      const found = read(path);
      // 0.005615 + 1e-18 − 0.3 + 12345678901234567890.5
      const sum = '12345678901234567890.205615000000000001';
      expect(sumDecimals(amounts)).toBe(sum);
      expect(manifest).toMatchObject({ rows: 6, sum: { USD: sum }, unpriced: 1 });
      expect(found).toMatchObject({ rows: 6, sum, nulls: 1, tokens: 6_000 });
      expect(found.types).toMatchObject({
        timestamp: 'timestamp[ms, tz=UTC]',
        amount: 'decimal128(38, 18)',
        input_tokens: 'int64',
        stream: 'bool',
        customer: 'string',
      });
      const known = found.first_rows.find(({ customer }) => customer !== undefined && customer !== 'acme');
      expect(known).toMatchObject({
        customer: 'Ünïcode, "quoted"\n',
        timestamp: '2026-11-20 10:00:00.123000+00:00',
        context: '{"feature":"chat","seats":3}',
      });
      await ledger.shutdown();
    });

    test('reads a file of several row groups, and one without a row', async () => {
      const ledger = new SqliteLedger({ path: ':memory:' });
      const path = join(folder, 'large.parquet');
      await exportToFile(ledger, path, { format, window });
      expect(read(path)).toMatchObject({ rows: 0, sum: null });
      // Each 0.000001 × its number: 0.000001 × (1 + … + 10,001) = 50.015001
      const events = Array.from({ length: 10_001 }, (_, index) =>
        costEvent({ cost: cost(`0.${String(index + 1).padStart(6, '0')}`) }),
      );
      ledger.write(events);
      const { sum } = await exportToFile(ledger, path, { format, window });
      expect(sum).toEqual({ USD: '50.015001' });
      expect(read(path)).toMatchObject({ rows: 10_001, groups: 2, sum: '50.015001000000000000' });
      await ledger.shutdown();
    });
  },
);

test('an amount that no such decimal holds is refused, and leaves no file', async () => {
  const ledger = new SqliteLedger({ path: ':memory:' });
  const event = costEvent({ cost: cost('0.0000000000000000001') });
  ledger.write([event]);
  const path = join(folder, 'fine.parquet');
  await expect(exportToFile(ledger, path, { format, window })).rejects.toThrow(
    `of event ${event.id} is not one of`,
  );
  expect(readdirSync(folder).filter((name) => name.startsWith('fine'))).toEqual([]);
  await ledger.shutdown();
});
