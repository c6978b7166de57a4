import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Events, Meta } from '../../src/dashboard/api.ts';
import { filledLedger } from '../dashboard/ledger.ts';
import { run } from './run.ts';

let folder: string;
let db: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-dashboard-'));
  db = join(folder, 'costs.db');
  await (await filledLedger(undefined, db)).shutdown();
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the command in a process of its own; gives the address it prints. */
async function start(...args: readonly string[]): Promise<string> {
  const command = ['src/cli/main.ts', 'dashboard', '--port', '0', '--db', db, '--json', ...args];
  child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.includes('\n')) return (JSON.parse(said) as { url: string }).url;
  }
  throw new Error(`costspan dashboard ended: ${said}`);
}

test('serves a ledger that is being written, and stops on SIGTERM', async () => {
  const url = await start('--tz', 'Europe/Berlin');
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  const meta = (await (await fetch(`${url}api/meta`)).json()) as Meta;
  expect(meta).toMatchObject({ ledger: 'sqlite', time_zone: 'Europe/Berlin', is_empty: false });
  const count = async (): Promise<number> =>
    ((await (await fetch(`${url}api/events`)).json()) as Events).events.length;
  expect(await count()).toBe(11);
  const { costEvent } = await import('../ledger/events.ts');
  await (await filledLedger([costEvent()], db)).shutdown();
  expect(await count()).toBe(12);
  child?.kill('SIGTERM');
  expect(await once(child as ChildProcess, 'close')).toEqual([0, null]);
});

test('asks for its token', async () => {
  const url = await start('--token', 'secret');
  expect((await fetch(`${url}api/meta`)).status).toBe(401);
  expect((await fetch(`${url}api/meta`, { headers: { authorization: 'Bearer secret' } })).status).toBe(200);
});

test('does not listen for everybody without a token, nor on a ledger that is not there', async () => {
  expect(await run('dashboard', '--db', db, '--host', '0.0.0.0', '--port', '0')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('On 0.0.0.0 anybody could look. Give a token (--token'),
  });
  expect(await run('dashboard', '--db', join(folder, 'none.db'), '--port', '0')).toMatchObject({
    code: 1,
    out: '',
  });
  expect(await run('dashboard', '--db', db, '--port', 'x')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Expected a port from 0 to 65535'),
  });
});
