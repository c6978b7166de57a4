import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { fillLedger, IDS } from '../../cli/mcp/ledger.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const program = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'costspan-mcp-'));
const db = join(folder, 'costs.db');
const empty = join(folder, 'empty.db');

beforeAll(async () => {
  await fillLedger(db);
  const ledger = new SqliteLedger({ path: empty });
  await ledger.flush();
  await ledger.shutdown();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The SDK's client, connected to the command in a process of its own. */
async function connect(path: string): Promise<{ client: Client; said: () => string }> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, 'mcp', '--db', path],
    cwd: here,
    stderr: 'pipe',
  });
  let said = '';
  transport.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const client = new Client({ name: 'suite', version: '1' });
  await client.connect(transport);
  return { client, said: () => said };
}

/** `costspan mcp`, without a client. */
function start(path: string, cwd = here): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [program, 'mcp', '--db', path], { cwd });
}

describe('with the client of the SDK', () => {
  let client: Client;
  let onEmpty: Client;
  beforeAll(async () => {
    [{ client }, { client: onEmpty }] = await Promise.all([connect(db), connect(empty)]);
    // The client checks each answer against the form that was announced for it, once it has the list.
    await Promise.all([client.listTools(), onEmpty.listTools()]);
  });
  afterAll(() => Promise.all([client.close(), onEmpty.close()]));

  test('five tools, all of them read-only, each with the forms of question and answer', async () => {
    expect(client.getServerVersion()).toMatchObject({ name: 'costspan' });
    expect(client.getInstructions()).toContain('exact decimal text');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['report', 'events', 'explain', 'budgets', 'prices']);
    for (const tool of tools) {
      expect(tool.annotations).toMatchObject({ readOnlyHint: true, openWorldHint: false });
      expect(tool.inputSchema.additionalProperties).toBe(false);
      expect(tool.outputSchema?.type).toBe('object');
    }
  });

  test.each([
    // 0.005615 + 0.1 + 0.2 + 0.0001 + 0.03
    ['report', { by: ['customer', 'model'] }, { totals: [{ amount: '0.335715', events: 6 }] }],
    ['events', { customer: 'globex' }, { totals: [{ amount: '0.23', events: 3, unpriced: 1 }] }],
    ['explain', { id: IDS.acme }, { amount: '0.005615', currency: 'USD' }],
    ['budgets', {}, { budgets: [{ id: 'per-customer', spent: '0.105615' }] }],
    ['prices', { model: 'gpt-4o' }, { totals: [{ unpriced: 1, unattributed: { amount: '0.0001' } }] }],
  ])('%s answers exactly', async (name, given, expected) => {
    const answer = await client.callTool({ name, arguments: given });
    expect(answer.isError).toBeFalsy();
    expect(answer.structuredContent).toMatchObject(expected);
    expect(answer.content).toEqual([{ type: 'text', text: expect.stringContaining('USD') }]);
  });

  test.each(['report', 'events', 'budgets', 'prices'])('%s answers for an empty ledger', async (name) => {
    const answer = await onEmpty.callTool({ name, arguments: {} });
    expect(answer).toMatchObject({ structuredContent: { totals: [] } });
    expect(answer.content).toEqual([{ type: 'text', text: expect.stringContaining('No calls.') }]);
  });

  test.each([
    ['report', { custmer: 'acme' }, "report: unknown field 'custmer'. Did you mean 'customer'?"],
    ['report', { by: ['modle'] }, "There is no dimension 'modle'. Did you mean 'model'?"],
    ['explain', {}, "explain: 'id' is missing."],
    ['reprot', {}, "There is no tool 'reprot'. Did you mean 'report'?"],
  ])('%s %j is answered with a tool error, and the server goes on', async (name, given, message) => {
    const answer = await client.callTool({ name, arguments: given });
    expect(answer.isError).toBe(true);
    expect(answer.content).toEqual([{ type: 'text', text: expect.stringContaining(message) }]);
    expect(await client.callTool({ name: 'report' })).toMatchObject({
      structuredContent: { totals: [{ amount: '0.335715' }] },
    });
  });

  test('a ledger that comes later is read when it is there', async () => {
    const later = join(folder, 'later.db');
    const { client: early, said } = await connect(later);
    const before = await early.callTool({ name: 'report' });
    expect(before.isError).toBe(true);
    expect(before.content).toEqual([{ type: 'text', text: expect.stringContaining('later.db') }]);
    expect(said()).toContain('later.db');
    await fillLedger(later);
    expect(await early.callTool({ name: 'report' })).toMatchObject({
      structuredContent: { totals: [{ amount: '0.335715' }] },
    });
    await early.close();
  });
});

test('stdout carries the protocol alone, and what was asked before the end is answered', async () => {
  const child = start(db);
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  for (const message of [
    { id: 1, method: 'initialize', params: INITIALIZE },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'report', arguments: {} } },
    { id: 3, method: 'tools/call', params: { name: 'events', arguments: { limit: 1 } } },
  ])
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  child.stdin.end();
  const [out, err, [code]] = await said;
  const ids = out
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { jsonrpc: string; id: number }).id);
  expect(ids.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  expect({ err, code }).toEqual({ err: '', code: 0 });
});

const INITIALIZE = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'suite', version: '1' },
};

test('the ledger stays as it was', async () => {
  const before = [readFileSync(db), statSync(db).mtimeMs];
  const { client } = await connect(db);
  for (const name of ['report', 'events', 'budgets', 'prices']) await client.callTool({ name });
  await client.close();
  expect([readFileSync(db), statSync(db).mtimeMs]).toEqual(before);
});

test('without the SDK the command says what to install', async () => {
  const child = start(db, folder);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect({ out, code }).toEqual({ out: '', code: 1 });
  expect(err).toContain('npm install @modelcontextprotocol/sdk');
});
