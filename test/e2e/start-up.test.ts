import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';

const FIXTURES = 'test/fixtures/start-up';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-start-up-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs an unchanged program in a process of its own and reads what its ledger then holds. */
async function run(
  ...args: string[]
): Promise<{ stdout: string; stderr: string; amounts: (string | undefined)[] }> {
  const path = join(folder, 'costs.db');
  const env = { ...process.env, COSTSPAN_DB: path };
  // Without a word about exporters, as on a machine where nothing is set up.
  for (const signal of args.includes('costspan/register') ? ['TRACES', 'METRICS', 'LOGS'] : [])
    Reflect.deleteProperty(env, `OTEL_${signal}_EXPORTER`);
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env,
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(status).toBe(0);
  const ledger = new SqliteLedger({ path });
  const events = await Array.fromAsync(ledger.events());
  await ledger.shutdown();
  return { stdout, stderr, amounts: events.map((event) => event.cost.amount) };
}

// 10 × $2.50/M + 5 × $10/M
const oneChat = {
  stdout: 'Hi\n',
  // Whoever set no logger is told once, on stderr, that nobody is billed yet.
  stderr: expect.stringMatching(/^costspan: nobody is billed for the model calls made by .+\n$/) as string,
  amounts: ['0.000075'],
};

test.each([
  ['an ES module', `${FIXTURES}/app.mjs`],
  ['CommonJS', `${FIXTURES}/app.cjs`],
])('`--import ./telemetry` is all that is needed for %s', async (_kind, app) => {
  expect(await run('--import', `./${FIXTURES}/telemetry.mjs`, app)).toMatchObject(oneChat);
});

test.each([`${FIXTURES}/app.mjs`, `${FIXTURES}/app.cjs`])(
  '`--require ./telemetry.cjs` works for %s',
  async (app) => {
    expect(await run('--require', `./${FIXTURES}/telemetry.cjs`, app)).toMatchObject(oneChat);
  },
);

test.each([`${FIXTURES}/app.mjs`, `${FIXTURES}/app.cjs`])(
  '`--import costspan/register` needs no set-up for %s',
  async (app) => {
    expect(await run('--import', 'costspan/register', app)).toMatchObject(oneChat);
  },
);

test('`--import costspan/hooks` lets a later set-up see what was imported before it', async () => {
  expect(await run('--import', 'costspan/hooks', `${FIXTURES}/late-telemetry.mjs`)).toMatchObject(oneChat);
});

test.each([`${FIXTURES}/app.mjs`, `${FIXTURES}/app.cjs`])(
  '`startCostspan` is a whole set-up, without an OpenTelemetry SDK, for %s',
  async (app) => {
    expect(await run('--import', `./${FIXTURES}/start-costspan.mjs`, app)).toMatchObject(oneChat);
  },
);

test('a script that ends by itself loses nothing, also without a ledger', async () => {
  expect(await run(`${FIXTURES}/scripted.mjs`)).toMatchObject({ stdout: 'Hi\nacme\n', stderr: '' });
});

test('`costspan/register` leaves the telemetry of an application that starts its own SDK alone', async () => {
  expect(await run('--import', 'costspan/register', `${FIXTURES}/own-sdk.mjs`)).toMatchObject({
    ...oneChat,
    stdout: 'Hi\nits own, chat gpt-4o\n',
  });
});

test('`costspan/register` works beside a start that came first, and its spans go there', async () => {
  const imports = ['--import', `./${FIXTURES}/sdk-first.mjs`, '--import', 'costspan/register'];
  expect(await run(...imports, `${FIXTURES}/app.mjs`)).toMatchObject({
    ...oneChat,
    stdout: 'Hi\nchat gpt-4o 0.000075\n',
  });
});

test('a CommonJS application that was loaded before the telemetry is observed all the same', async () => {
  expect(await run(`${FIXTURES}/late.cjs`)).toMatchObject(oneChat);
});

test('calls under way when the process exits are kept, estimated', async () => {
  // Hello = 2 tokens in, Hello there = 3 tokens out: 2 × $2.50/M + 3 × $10/M; without a reply 2 × $2.50/M
  const { stdout, amounts } = await run(
    '--import',
    `./${FIXTURES}/telemetry.mjs`,
    `${FIXTURES}/unfinished.mjs`,
  );
  expect(stdout).toBe('leaving\n');
  expect(new Set(amounts)).toEqual(new Set(['0.000005', '0.000035']));
});
