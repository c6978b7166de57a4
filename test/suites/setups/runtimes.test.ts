import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished } from 'vitest';
import { packCostspan, runIn } from '../packed.ts';
import {
  environment,
  environmentOf,
  expectExact,
  HERE,
  install,
  ledgerOf,
  ledgerPath,
  provider,
  ROOT,
  run,
} from './environment.ts';

let agents: string;
beforeAll(() => {
  agents = install('agents');
});

const tool = (path: string): string => join(HERE, 'node_modules', path);

environment('Deno', 'deno 2.9', 'deno run -A --preload ./telemetry.mjs', async () => {
  await expectExact(tool('deno/deno'), ['run', '-A', '--preload', './telemetry.mjs', 'app.mjs'], agents);
});

environment('Bun', 'bun 1.4', 'manuallyInstrument(OpenAI)', async () => {
  await expectExact(tool('bun/bin/bun.exe'), ['--preload', './telemetry-bun.mjs', 'app.mjs'], agents);
});

const deno = (...args: string[]): Promise<unknown> =>
  expectExact(tool('deno/deno'), ['run', '-A', ...args], agents);
const bun = (...args: string[]): Promise<unknown> => expectExact(tool('bun/bin/bun.exe'), args, agents);
environment(
  'Deno',
  'deno 2.9',
  'meterFetch(fetch)',
  async () => void (await deno('app-fetch.mjs', 'meterFetch')),
);
environment(
  'Deno',
  'deno 2.9',
  'new ProviderFetchInstrumentation()',
  async () => void (await deno('--preload', './telemetry-fetch.mjs', 'app-fetch.mjs')),
);
environment(
  'Bun',
  'bun 1.4',
  'meterFetch(fetch)',
  async () => void (await bun('app-fetch.mjs', 'meterFetch')),
);
environment(
  'Bun',
  'bun 1.4',
  'new ProviderFetchInstrumentation()',
  async () => void (await bun('--preload', './telemetry-fetch.mjs', 'app-fetch.mjs')),
);
environment('Bun', 'bun 1.4', 'bun --preload ./telemetry.mjs', async () => {
  await bun('--preload', './telemetry-net.mjs', 'app.mjs');
  return 'exact, by the net beneath the SDKs';
});

const NODE_20 = 'node-20/bin/node';
environment(
  'Node 20',
  '20.20',
  'costspan, costspan/sqlite, costspan/register, the command line',
  async () => {
    const sentence = /costspan needs Node 22\.15 or newer; this is 20\.\d+\.\d+\./;
    const server = await provider();
    for (const way of ['costspan', 'costspan/sqlite', 'costspan/register']) {
      for (const args of [
        ['--input-type=module', '-e', `import '${way}'`],
        ['-e', `require('${way}')`],
      ]) {
        const { code, stderr } = await run(tool(NODE_20), args, agents, environmentOf(server, ledgerPath()));
        expect({ way, args, code, stderr }).toEqual({
          way,
          args,
          code: 1,
          stderr: expect.stringMatching(sentence),
        });
      }
    }
    return 'one clear sentence';
  },
);

environment('An empty folder', 'npm 11, Node 24.21', 'the README, word by word', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
  const block = (name: string): string => blocks.find((code) => code.includes(name)) ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'costspan-readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');

  // `npm install costspan`, and the SDK the application has.
  expect(readme).toContain('`npm install costspan`');
  const tarball = packCostspan(join(HERE, '.cache'));
  runIn(folder, 'npm', ['install', tarball, 'openai@7.59.0', '--no-audit', '--no-fund', '--loglevel=error']);

  writeFileSync(join(folder, 'telemetry.js'), block('startCostspan({'));
  writeFileSync(join(folder, 'app.js'), `${APPLICATION}${block('await withCustomer(')}`);
  expect(readme).toContain('`node --import ./telemetry.js app.js`');
  const server = await provider();
  const env = environmentOf(server, '');
  const done = await run(process.execPath, ['--import', './telemetry.js', 'app.js'], folder, env);
  expect(done).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(ledgerOf(join(folder, 'costs.db'))).toEqual([
    ['acme_corp', '0.00175'],
    ['acme_corp', '0.0035'],
  ]);
  const { stdout } = runIn(folder, 'npx', ['costspan', 'report', '--by', 'customer,model']);
  expect(stdout).toMatch(/acme_corp +gpt-4o-2024-08-06 +2 /);
});

/** What the README's lines stand in: the calls of an application. */
const APPLICATION = `
import OpenAI from 'openai';
const request = [{ role: 'user', content: 'Hello' }];
async function answer(messages) {
  const client = new OpenAI();
  await client.chat.completions.create({ model: 'gpt-4o', messages });
  for await (const _ of await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true }));
}
`;
