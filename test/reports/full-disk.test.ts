import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { exportToFile } from '../../src/reports/export.ts';
import { monthWindow } from '../../src/reports/period.ts';
import { costEvent } from '../cli/events.ts';
import { run } from '../cli/run.ts';
import { mayMount, mountDisk, type SmallDisk } from '../support/small-disk.ts';

const window = monthWindow('2026-11');
const PAGE = 4_096;

function ledgerOf(count: number) {
  return {
    async *events(): AsyncGenerator<CostEvent, void> {
      for (let number = 1; number <= count; number++)
        yield costEvent(number, { customer: `customer-${number}` });
    },
    query: async () => [],
  };
}

describe.skipIf(!mayMount())(
  'an export onto a small disk (skipped where this user may not mount one)',
  () => {
    let disk: SmallDisk;
    beforeEach(() => {
      disk = mountDisk('64k');
    });
    afterEach(() => disk.remove());

    test.each([
      ['ndjson', false],
      ['json', false],
      ['ndjson', true],
      ['focus', false],
      ['parquet', false],
    ] as const)(
      'that fills up (%s, gzip %s): what was there stays, and nothing else',
      async (format, gzip) => {
        const path = join(disk.folder, 'november');
        writeFileSync(path, 'october');
        writeFileSync(`${path}.manifest.json`, '{}');
        await expect(exportToFile(ledgerOf(20_000), path, { format, window, gzip })).rejects.toMatchObject({
          code: 'EXPORT_FAILED',
          message: `${path} was not written: the disk is full (ENOSPC: no space left on device, write). Free some space, or write to another disk. What was there before is untouched.`,
        });
        expect(readdirSync(disk.folder).toSorted()).toEqual(['november', 'november.manifest.json']);
        expect(readFileSync(path, 'utf8')).toBe('october');
        expect(readFileSync(`${path}.manifest.json`, 'utf8')).toBe('{}');
      },
    );

    test('that holds the file and not its manifest: neither is there', async () => {
      const path = join(disk.folder, 'november.ndjson');
      const options = { format: 'ndjson', window } as const;
      const { bytes } = await exportToFile(ledgerOf(10), path, options);
      for (const file of readdirSync(disk.folder)) rmSync(join(disk.folder, file));
      const pages = Math.ceil(bytes / PAGE);
      const filler = join(disk.folder, 'filler');
      writeFileSync(filler, Buffer.alloc(64 * 1_024 - pages * PAGE));
      await expect(exportToFile(ledgerOf(10), path, options)).rejects.toThrow('the disk is full');
      expect(readdirSync(disk.folder)).toEqual(['filler']);
      // One page more, and there is room for both.
      writeFileSync(filler, Buffer.alloc(64 * 1_024 - (pages + 1) * PAGE));
      await exportToFile(ledgerOf(10), path, options);
      expect(readdirSync(disk.folder)).toHaveLength(3);
    });

    test('that is full under a file of ours: a price file stays whole', async () => {
      const to = join(disk.folder, 'prices.json');
      const prices = JSON.stringify({
        name: 'acme',
        models: [{ provider: 'x', model: 'y', prices: { input: '1' } }],
      });
      writeFileSync(to, prices, { mode: 0o600 });
      writeFileSync(join(disk.folder, 'filler'), Buffer.alloc(64 * 1_024 - PAGE));
      const { code, err } = await run('prices', 'update', '--from', to, '--to', to);
      expect(code).toBe(1);
      expect(err).toContain(`${to} was not written: the disk is full`);
      expect(readFileSync(to, 'utf8')).toBe(prices);
      expect(readdirSync(disk.folder).toSorted()).toEqual(['filler', 'prices.json']);
      rmSync(join(disk.folder, 'filler'));
      expect(await run('prices', 'update', '--from', to, '--to', to)).toMatchObject({ code: 0 });
      expect(JSON.parse(readFileSync(to, 'utf8'))).toMatchObject({ name: 'acme' });
      expect(statSync(to).mode & 0o777).toBe(0o600);
    });

    test('that fills up under costspan export --out: it says so, and fails', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'costspan-full-disk-'));
      try {
        const db = join(folder, 'costs.db');
        const ledger = new SqliteLedger({ path: db });
        ledger.write(Array.from({ length: 300 }, (_, index) => costEvent(index + 1)));
        await ledger.shutdown();
        const out = join(disk.folder, 'november.ndjson');
        const month = ['--month', '2026-11'];
        const { code, err } = await run('export', 'ndjson', '--db', db, ...month, '--out', out);
        expect(code).toBe(1);
        expect(err).toContain(`${out} was not written: the disk is full`);
        expect(readdirSync(disk.folder)).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
