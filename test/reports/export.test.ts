import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportLines, exportToFile } from '../../src/reports/export.ts';
import { monthWindow } from '../../src/reports/period.ts';
import { costEvent } from '../cli/events.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-export-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const window = monthWindow('2026-11');

/** A ledger without end, which counts what was taken of it; it breaks after `last`. */
function endless(last = Number.POSITIVE_INFINITY) {
  const state = { taken: 0 };
  const ledger = {
    async *events() {
      for (;;) {
        state.taken += 1;
        if (state.taken > last) throw new Error('the disk of the ledger is gone');
        yield costEvent(1);
      }
    },
    query: async () => [],
  };
  return { ledger, state };
}

test.each(['ndjson', 'json'] as const)(
  '%s: no event is read before the one before it was written',
  async (format) => {
    const { ledger, state } = endless();
    const lines = exportLines(ledger, { format, window })[Symbol.asyncIterator]();
    if (format === 'json') await lines.next();
    for (let line = 1; line <= 1_000; line++) {
      await lines.next();
      expect(state.taken).toBe(line);
    }
    await lines.return?.();
  },
);

test.each(['ndjson', 'json', 'focus', 'parquet'] as const)(
  '%s: a ledger that breaks midway leaves no half file and no manifest',
  async (format) => {
    const { ledger } = endless(30);
    const path = join(folder, `events.${format}`);
    await expect(exportToFile(ledger, path, { format, window })).rejects.toThrow(
      'was not written: the disk of the ledger is gone. What was there before is untouched.',
    );
    expect(readdirSync(folder)).toEqual([]);
  },
);

test('Parquet is no text, and not compressed twice', async () => {
  const { ledger } = endless();
  const options = { format: 'parquet', window } as const;
  await expect(exportLines(ledger, options)[Symbol.asyncIterator]().next()).rejects.toThrow('--out <file>');
  await expect(exportToFile(ledger, join(folder, 'x'), { ...options, gzip: true })).rejects.toThrow(
    'leave out gzip',
  );
});
