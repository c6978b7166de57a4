import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { costEvent } from './events.ts';

test('loads nothing that an older Node cannot load before it has looked at the version', () => {
  const imports = readFileSync('src/cli/main.ts', 'utf8').match(/^import .*$/gm);
  expect(imports).toEqual([`import { unsupportedNode } from '../base/node-version.ts';`]);
  expect(readFileSync('src/base/node-version.ts', 'utf8')).not.toMatch(/^import/m);
});

test('ends quietly when its reader has seen enough', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'costspan-main-'));
  try {
    const db = join(directory, 'costs.db');
    const ledger = new SqliteLedger({ path: db });
    ledger.write(Array.from({ length: 2_000 }, (_, index) => costEvent(index)));
    await ledger.shutdown();
    const cli = spawn(process.execPath, ['src/cli/main.ts', 'events', '--json', '--db', db]);
    const errors = text(cli.stderr);
    await once(cli.stdout, 'data');
    cli.stdout.destroy();
    expect(await once(cli, 'exit')).toEqual([0, null]);
    expect(await errors).toBe('');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
