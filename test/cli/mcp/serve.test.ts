import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { McpSdk } from '../../../src/cli/mcp/sdk.ts';
import { serveMcp } from '../../../src/cli/mcp/serve.ts';
import { run } from '../run.ts';
import { fillLedger } from './ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'costspan-mcp-'));
const db = join(folder, 'costs.db');

beforeAll(() => fillLedger(db));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the server does with each request; the real SDK is in test/suites/mcp. */
const handlers = new Map<unknown, (request: unknown) => unknown>();
const sdk: McpSdk = {
  Server: class {
    setRequestHandler(schema: unknown, handler: (request: unknown) => unknown): void {
      handlers.set(schema, handler);
    }
    connect(): Promise<void> {
      return Promise.resolve();
    }
  },
  StdioServerTransport: Object,
  ListToolsRequestSchema: 'list',
  CallToolRequestSchema: 'call',
};

const call = (params: unknown): unknown => handlers.get('call')?.({ params });

describe('the server', () => {
  let stdin: PassThrough;
  let served: Promise<void>;
  beforeEach(() => {
    stdin = new PassThrough();
    served = serveMcp(sdk, db, stdin, new PassThrough());
  });

  test('lists tools that only read', async () => {
    expect(await handlers.get('list')?.({})).toMatchObject({
      tools: [
        { name: 'report', annotations: { readOnlyHint: true, openWorldHint: false } },
        { name: 'events' },
        { name: 'explain' },
        { name: 'budgets' },
        { name: 'prices' },
      ],
    });
  });

  test('answers in a short text and as data', async () => {
    expect(await call({ name: 'report', arguments: { customer: 'acme' } })).toMatchObject({
      content: [{ type: 'text', text: expect.stringContaining('USD 0.105615 over 2 calls') }],
      structuredContent: { totals: [{ amount: '0.105615' }] },
    });
  });

  test.each([
    [{ name: 'reprot' }, "There is no tool 'reprot'. Did you mean 'report'?"],
    [{}, "There is no tool ''."],
    [{ name: 'report', arguments: { custmer: 'acme' } }, "Did you mean 'customer'?"],
    [undefined, 'There is no tool'],
  ])('%j is an answer that says what is wrong', async (params, message) => {
    expect(await call(params)).toMatchObject({
      content: [{ type: 'text', text: expect.stringContaining(message) }],
      isError: true,
    });
  });

  test('ends with stdin', async () => {
    stdin.resume().end();
    await expect(served).resolves.toBeUndefined();
  });
});

test('without the SDK the command says what to install', async () => {
  const { code, out, err } = await run('mcp', '--db', db);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain('npm install @modelcontextprotocol/sdk');
});
