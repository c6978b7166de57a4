/**
 * Draws the README's picture from the suite's ledger: `npm run build && node test/suites/dashboard/picture.ts`, after
 * `npm run test:suites dashboard` has installed a browser's driver.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDashboard } from '../../../src/dashboard/dashboard.ts';
import { launchChromium } from './chromium.ts';
import { LookedAt } from './looked-at.ts';
import { NOW, seedLedger } from './seed.ts';

const folder = mkdtempSync(join(tmpdir(), 'costspan-picture-'));
const { ledger } = await seedLedger(join(folder, 'costs.db'));
const server = await createDashboard({ ledger, now: () => NOW }).listen();
const browser = await launchChromium();
const screen = await LookedAt.open(browser, server.url, '', { viewport: { width: 1280, height: 1040 } });
await screen.page.mouse.move(0, 0);
mkdirSync('docs/images', { recursive: true });
await screen.page.screenshot({ path: 'docs/images/dashboard.png', animations: 'disabled' });
await browser.close();
await server.close();
await ledger.shutdown();
rmSync(folder, { recursive: true, force: true });
