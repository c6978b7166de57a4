import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect, inject, onTestFinished, test } from 'vitest';
import { ROOT, environmentOf, provider, run } from '../setups/environment.ts';
import { launchChromium } from './chromium.ts';
import { LookedAt } from './looked-at.ts';

const [, section = ''] =
  /\n## In two minutes\n([\s\S]*?)\n## /.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
/** The commands of the README, in order, without what stands behind them. */
const STEPS: readonly string[] = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
  block
    .split('\n')
    .map((line) => line.replace(/ +#.*$/, ''))
    .filter(Boolean),
);
const [, APPLICATION = ''] = /```js\n([\s\S]*?)```/.exec(section) ?? [];

test('from an empty folder to the dashboard, by the README alone, in under two minutes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-newcomer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = await provider();
  // npm finds its registry in the environment, as a user's does; the Node of the tests is the newcomer's.
  const env: NodeJS.ProcessEnv = { ...process.env, ...environmentOf(server, ''), NODE_OPTIONS: '', CI: '' };
  env.PATH = `${dirname(process.execPath)}${delimiter}${env.PATH ?? ''}`;
  delete env.COSTSPAN_DB;
  delete env.OTEL_TRACES_EXPORTER;
  const started = performance.now();
  const step = async (name: string, change: (step: string) => string = (step) => step): Promise<string> => {
    const command = STEPS.find((each) => each.startsWith(name));
    expect(command, `the README says nothing that begins with: ${name}`).toBeDefined();
    const done = await run('sh', ['-c', change(command ?? '')], folder, env);
    expect({ command, code: done.code }, `${done.stdout}\n${done.stderr}`).toEqual({ command, code: 0 });
    return done.stdout;
  };

  await step('npm init');
  await step('npm install', (command) =>
    command.replace(/\bcostspan\b/, inject('tarball')).replace(/\bopenai\b/, 'openai@7.59.0'),
  );
  expect(await step('npx costspan init')).toContain('telemetry.cjs');
  writeFileSync(join(folder, 'app.js'), APPLICATION);
  expect(await step('node --import')).toContain('Hi');
  // 1,000 tokens in at $2.50 and 100 out at $10 per million.
  expect(await step('npx costspan report')).toMatch(/acme_corp +1 .* 0\.0035 /);

  expect(STEPS.at(-1)).toBe('npx costspan dashboard');
  const url = await dashboardOf(folder, env);
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const screen = await LookedAt.open(browser, url);
  await screen.screenshot('newcomer');
  // All events there are: a month may end between two steps.
  await screen.page.getByRole('link', { name: 'Events' }).click();
  const sums = screen.page.locator('[data-part=sum] data');
  await expect
    .poll(() => sums.evaluateAll((all) => all.map((each) => each.getAttribute('value'))), { timeout: 60_000 })
    .toEqual(['1', '0.0035']);
  await screen.close();
  expect((performance.now() - started) / 1000).toBeLessThan(process.env.CI === 'true' ? 120 : 600);
  expect(STEPS).toHaveLength(6);
}, 600_000);

/** Starts it as the README says, on any free port, and stops it with the test. */
async function dashboardOf(cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ['node_modules/costspan/dist/cli/main.js', 'dashboard', '--port', '0'],
    { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return /http:\/\/[^/]+/.exec(line)?.[0] ?? '';
}
