import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ProviderServer } from '../../support/provider-server.ts';
import { packCostspan, runIn } from '../packed.ts';

export const HERE: string = import.meta.dirname;
export const ROOT: string = join(HERE, '../../..');
const CACHE = join(HERE, '.cache');

/** A row of docs/compatibility.md. */
export interface Row {
  readonly environment: string;
  readonly versions: string;
  readonly how: string;
  readonly result: string;
}

const rows: Row[] = [];

/** Tries an environment; what it then says of it goes into docs/compatibility.md (`node scripts/compatibility.ts`). */
export function environment(
  name: string,
  versions: string,
  how: string,
  run: () => Promise<string | void>,
  timeout = 240_000,
): void {
  // oxlint-disable-next-line vitest/expect-expect -- `run` expects
  test(
    `${name}: ${how}`,
    async () => {
      const result = (await run()) ?? 'exact';
      rows.push({ environment: name, versions, how, result });
      const suite = basename(expect.getState().testPath ?? '', '.test.ts');
      writeFileSync(join(CACHE, `${suite}.json`), JSON.stringify(rows));
    },
    timeout,
  );
}

let tarball: string | undefined;

/** Installs an environment's packages by its lock file, and the packed package on top, as a user would. */
export function install(name: string): string {
  const folder = join(HERE, name);
  tarball ??= packCostspan(CACHE);
  const hash = createHash('sha256');
  for (const file of [join(folder, 'package-lock.json'), tarball]) hash.update(readFileSync(file));
  const stamp = join(folder, 'node_modules/.installed-from');
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return folder;
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  if (!existsSync(join(folder, 'node_modules'))) runIn(folder, 'npm', ['ci', ...quiet]);
  rmSync(join(folder, 'node_modules/costspan'), { recursive: true, force: true });
  runIn(folder, 'npm', ['install', '--no-save', '--no-package-lock', ...quiet, tarball]);
  writeFileSync(stamp, wanted);
  return folder;
}

/** The provider of a test: an answer of 1,000 tokens in and 100 out, or of 500 and 50 as a stream. */
export async function provider(): Promise<ProviderServer> {
  const server = await ProviderServer.start();
  onTestFinished(() => server.stop());
  const model = 'gpt-4o-2024-08-06';
  server.answer((request, response) => {
    if (request.json().stream !== true) {
      const message = { role: 'assistant', content: 'Hi' };
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          id: 'chatcmpl-1',
          object: 'chat.completion',
          model,
          choices: [{ index: 0, message, finish_reason: 'stop' }],
          usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
        }),
      );
      return;
    }
    const chunk = { id: 'chatcmpl-2', object: 'chat.completion.chunk', model };
    const chunks = [
      { ...chunk, choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { ...chunk, choices: [], usage: { prompt_tokens: 500, completion_tokens: 50, total_tokens: 550 } },
    ];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(
      [...chunks.map((each) => JSON.stringify(each)), '[DONE]'].map((data) => `data: ${data}\n\n`).join(''),
    );
  });
  return server;
}

export interface Done {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of an application: nothing of what the tests run under. */
export function environmentOf(
  server: ProviderServer,
  db: string,
  more: NodeJS.ProcessEnv = {},
): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return {
    PATH,
    HOME,
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: `${server.url}/v1`,
    COSTSPAN_DB: db,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_TRACES_EXPORTER: 'console',
    NEXT_TELEMETRY_DISABLED: '1',
    ...more,
  };
}

/** A ledger's path that is free; the file goes with the test. */
export function ledgerPath(): string {
  mkdirSync(CACHE, { recursive: true });
  const path = join(CACHE, `${process.pid}-${++ledgers}.db`);
  onTestFinished(() => {
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
  });
  return path;
}
let ledgers = 0;

/** Runs a program while the provider of this process answers it. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Done> {
  const { promise, resolve } = Promise.withResolvers<Done>();
  const child = execFile(
    command,
    args,
    { cwd, env, timeout: 200_000, maxBuffer: 2 ** 27 },
    (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
  );
  return promise;
}

/** [customer, amount] of what the ledger holds, by amount. */
export function ledgerOf(db: string): [customer: string | null, amount: string | undefined][] {
  if (!existsSync(db)) return [];
  const done = spawnSync(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'events', '--json', '--db', db], {
    encoding: 'utf8',
  });
  const lines = done.stdout.split('\n').filter(Boolean);
  const events = lines.map(
    (line) => JSON.parse(line) as { customer: string | null; cost: { amount?: string } },
  );
  return events
    .map(({ customer, cost }): [string | null, string | undefined] => [customer, cost.amount])
    .toSorted(([, one = ''], [, other = '']) => one.localeCompare(other));
}

/** 500 × $2.50/M + 50 × $10/M, and 1,000 × $2.50/M + 100 × $10/M. */
export const EXACT = [
  ['acme', '0.00175'],
  ['acme', '0.0035'],
];

/** The application made its calls and ended well, and both are in the ledger, once. */
export async function expectExact(
  command: string,
  args: readonly string[],
  cwd: string,
  more: NodeJS.ProcessEnv = {},
): Promise<Done> {
  const server = await provider();
  const db = ledgerPath();
  const done = await run(command, args, cwd, environmentOf(server, db, more));
  expect(
    { code: done.code, ledger: ledgerOf(db) },
    `${done.stdout.slice(-2000)}\n${done.stderr.slice(-4000)}`,
  ).toEqual({
    code: 0,
    ledger: EXACT,
  });
  expect(server.requests).toHaveLength(2);
  return done;
}
