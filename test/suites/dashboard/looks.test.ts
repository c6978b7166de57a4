import { AxeBuilder } from '@axe-core/playwright';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createDashboard } from '../../../src/dashboard/dashboard.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { launchChromium } from './chromium.ts';
import { EVENTS, isUnpriced } from './figures.ts';
import { LookedAt } from './looked-at.ts';
import { lateEvent, NOW } from './seed.ts';
import { served } from './served.ts';

const { look } = served('looks');
const PRICED = EVENTS.findLast(
  ({ usage, provider }) => usage.cacheReadTokens !== undefined && provider === 'openai',
)!;

const SCREENS = [
  ['overview', ''],
  ['customers', '#/customers'],
  ['customer', '#/customer/acme_corp'],
  ['models', '#/models'],
  ['model', '#/model/gpt-4o-2024-08-06?provider=openai'],
  ['budgets', '#/budgets'],
  ['budget', '#/budget?id=per-customer&scope.customer=acme_corp'],
  ['delivery', '#/delivery'],
  ['events', '#/events?start=2026-11-01&is.usage_source=estimated'],
  ['explain', `#/events?event=${PRICED.id}`],
  ['explain-unpriced', `#/events?event=${EVENTS.findLast(isUnpriced)!.id}`],
] as const;

/** What axe finds wrong, by all of its rules or by these. */
async function axe({ page }: LookedAt, rules: string[] = []): Promise<string[]> {
  const builder = new AxeBuilder({ page });
  const { violations } = await (rules.length === 0 ? builder : builder.withRules(rules)).analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 150)).join(' | ')}`,
  );
}

test.each(SCREENS)(
  '%s: axe finds nothing, light or dark, and it fits from 360 to 3840 pixels',
  async (name, route) => {
    const screen = await look(route, { reducedMotion: 'reduce' });
    const isSheet = name.startsWith('explain');
    for (const colorScheme of ['light', 'dark'] as const) {
      await screen.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(
        await axe(screen, colorScheme === 'dark' ? ['color-contrast', 'link-in-text-block'] : []),
      ).toEqual([]);
      await screen.screenshot(`${name}-${colorScheme}`, !isSheet);
    }
    for (const [width, height] of [
      [3840, 2160],
      [360, 740],
    ] as const) {
      await screen.page.setViewportSize({ width, height });
      await screen.settled();
      const wider = await screen.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect({ width, wider }).toEqual({ width, wider: 0 });
      if (width === 360 || name === 'overview')
        await screen.screenshot(`${name}-${width}`, width === 360 && !isSheet);
    }
    await screen.close();
  },
);

test('the choice of a time zone: axe finds nothing, and it fits at 360 pixels', async () => {
  const screen = await look('', { reducedMotion: 'reduce' });
  await screen.page.locator('.zone summary').click();
  await screen.page.getByLabel('Days and months begin in').waitFor();
  expect(await axe(screen)).toEqual([]);
  await screen.screenshot('zone', false);
  await screen.page.setViewportSize({ width: 360, height: 740 });
  const box = await screen.page.locator('.zone form').boundingBox();
  expect(box?.x).toBeGreaterThanOrEqual(0);
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(360);
  await screen.screenshot('zone-360', false);
  await screen.close();
});

test('the first screen prints: figures without switches, in ink', async () => {
  const screen = await look('', { colorScheme: 'dark' });
  await screen.page.emulateMedia({ media: 'print' });
  expect(await screen.page.locator('.bar').isVisible()).toBe(false);
  expect(await screen.page.locator('.card-tools').first().isVisible()).toBe(false);
  expect(await screen.page.evaluate(() => getComputedStyle(document.documentElement).color)).toBe(
    'rgb(0, 0, 0)',
  );
  await screen.screenshot('overview-print');
  await screen.close();
});

test('an empty ledger says what to do next, and shows the first call as soon as it is made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-dashboard-'));
  const ledger = new SqliteLedger({ path: join(folder, 'costs.db') });
  const server = await createDashboard({ ledger, now: () => NOW }).listen();
  const browser = await launchChromium();
  onTestFinished(async () => {
    await browser.close();
    await server.close();
    await ledger.shutdown();
    rmSync(folder, { recursive: true, force: true });
  });
  const screen = await LookedAt.open(browser, server.url);
  const text = await screen.page.locator('main').textContent();
  for (const step of ['npx costspan init', 'node --import ./telemetry.js app.js', 'npx costspan doctor']) {
    expect(text).toContain(step);
  }
  expect(await axe(screen)).toEqual([]);
  await screen.screenshot('empty');
  await ledger.write([lateEvent('019ab000-0000-7000-8000-000000000001')]);
  await ledger.flush();
  await screen.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await screen.settled();
  await screen.close();
});
