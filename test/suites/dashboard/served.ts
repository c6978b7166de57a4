import { copyFileSync, rmSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, inject } from 'vitest';
import { createDashboard } from '../../../src/dashboard/dashboard.ts';
import { openLedgerFile } from '../../../src/ledger/sqlite/open-ledger-file.ts';
import type { OpenedLedger } from '../../../src/ledger/ledger.ts';
import { launchChromium } from './chromium.ts';
import { LookedAt } from './looked-at.ts';
import { NOW } from './seed.ts';

/** The dashboard over the seeded ledger, and a browser to look at it with; for the tests of one file. */
export function served(name: string): {
  readonly look: (route?: string, options?: Parameters<typeof LookedAt.open>[3]) => Promise<LookedAt>;
  /** The file of its ledger, for who writes to it meanwhile. */
  readonly path: () => string;
} {
  let path: string;
  let browser: Browser;
  let ledger: OpenedLedger;
  let server: Awaited<ReturnType<ReturnType<typeof createDashboard>['listen']>>;
  beforeAll(async () => {
    path = inject('seeded').replace('.db', `-${name}.db`);
    // What an earlier run wrote beside its copy would be read as part of this one.
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    copyFileSync(inject('seeded'), path);
    ledger = openLedgerFile(path, { readOnly: true });
    server = await createDashboard({ ledger, now: () => NOW }).listen();
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await ledger?.shutdown();
  });
  return {
    look: (route, options) => LookedAt.open(browser, server.url, route, options),
    path: () => path,
  };
}
