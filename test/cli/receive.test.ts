import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLedgerFile } from '../../src/ledger/sqlite/open-ledger-file.ts';
import { CHAT, CHAT_COST, protobufCalls, Sender } from '../receiver/spans.ts';
import { costspan } from '../support/cli.ts';

let folder: string;
let db: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-receive-'));
  db = join(folder, 'costs.db');
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the command in a process of its own; gives the address it listens on. */
async function start(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const command = ['src/cli/main.ts', 'receive', '--port', '0', '--db', db, ...args];
  child = spawn(process.execPath, command, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    const address = /listening on (\S+)/.exec(said)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`costspan receive ended: ${said}`);
}

async function send(
  address: string,
  body: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await fetch(address, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-protobuf', ...headers },
  });
  return response.status;
}

test('keeps what it answers 200 to, through kill -9, and stops by itself on SIGTERM', async () => {
  const address = await start();
  expect(await send(address, protobufCalls(3))).toBe(200);
  child?.kill('SIGKILL');
  const again = await start();
  expect(await send(again, protobufCalls(1))).toBe(200);
  let said = '';
  child?.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child?.kill('SIGTERM');
  const [code] = (await once(child as ChildProcess, 'close')) as [number];
  expect([code, said]).toEqual([0, expect.stringContaining('1 requests, 1 spans, 1 events')]);
  const ledger = openLedgerFile(db);
  const events = await Array.fromAsync(ledger.events());
  await ledger.shutdown();
  expect(events.map(({ cost }) => cost.amount)).toEqual([CHAT_COST, CHAT_COST, CHAT_COST, CHAT_COST]);
});

test('asks for the token of its environment', async () => {
  const address = await start([], { COSTSPAN_RECEIVE_TOKEN: 'one,two' });
  expect(await send(address, protobufCalls(1))).toBe(401);
  expect(await send(address, protobufCalls(1), { authorization: 'Bearer two' })).toBe(200);
});

test('reads customer and context where it is told to', async () => {
  const address = await start(['--customer', 'tenant.id', 'user.id', '--context', 'session.id']);
  await send(address, protobufCalls(1, { ...CHAT, 'user.id': 'acme', 'session.id': 's-1' }));
  const { stdout } = await costspan('events', '--db', db, '--json');
  expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ customer: 'acme', context: { id: 's-1' } });
});

test('costspan explain lists the spans that were suppressed in favour of an event', async () => {
  const address = await start();
  const sender = new Sender();
  const outer = sender.span(CHAT, '@vendor/instrumentation-langchain');
  sender.span(CHAT, '@vendor/instrumentation-openai', outer).end();
  outer.end();
  expect(await send(address, sender.protobuf())).toBe(200);
  const { stdout: line } = await costspan('events', '--db', db, '--json');
  const { id } = JSON.parse(line.split('\n')[0] ?? '') as { id: string };
  const { traceId, spanId } = outer.spanContext();
  const { stdout } = await costspan('explain', id, '--db', db);
  expect(stdout).toContain(
    `not billed again: the same call, as others saw it\n  billedDescendant  chat  (@vendor/instrumentation-langchain)  trace ${traceId} span ${spanId}\n`,
  );
  const { stdout: json } = await costspan('explain', id, '--db', db, '--json');
  expect(JSON.parse(json)).toMatchObject({
    suppressed: [{ reason: 'billedDescendant', trace_id: traceId, span_id: spanId }],
  });
});

describe('refuses', () => {
  test('to listen for everybody without a token', async () => {
    const { code, stderr } = await costspan('receive', '--db', db, '--host', '0.0.0.0', '--port', '0');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('On 0.0.0.0 anybody could send. Give --token'),
    ]);
  });

  test('a port that is taken, and one that is none', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await costspan('receive', '--db', db, '--port', String(port));
    server.close();
    expect([code, stderr]).toEqual([1, expect.stringContaining('Something listens there already')]);
    expect(await costspan('receive', '--db', db, '--port', '70000')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Expected a port from 0 to 65535'),
    });
  });
});
