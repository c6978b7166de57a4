import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { costEvent } from './events.ts';
import { run } from './run.ts';

let folder: string;
let db: string;
let server: Server | undefined;
const cli = (...args: string[]) => run('reconcile', '--provider', 'openai', ...args, '--db', db);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-cli-reconcile-'));
  db = join(folder, 'costs.db');
  const ledger = new SqliteLedger({ path: db });
  ledger.write([costEvent(1)]);
  await ledger.shutdown();
});
afterEach(() => {
  vi.unstubAllEnvs();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

/** The provider's own report of the one call. */
const report = (input: number): string =>
  JSON.stringify({
    data: [
      {
        start_time: Date.UTC(2026, 10, 20) / 1000,
        results: [
          { input_tokens: input, output_tokens: 300, num_model_requests: 1, model: 'gpt-4o-2024-08-06' },
        ],
      },
    ],
  });

function file(content: string): string {
  const path = join(folder, 'usage.json');
  writeFileSync(path, content);
  return path;
}

test('where both agree there is nothing to explain, and the exit code is 0', async () => {
  const { code, out } = await cli('--file', file(report(2006)));
  expect(code).toBe(0);
  expect(out).toContain('Nothing to explain.');
});

test('where they differ the exit code is 2, for people and for programs', async () => {
  const { code, out } = await cli('--file', file(report(2007)), '--json');
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    start: '2026-11-20T00:00:00.000Z',
    lines: [{ day: '2026-11-20', drift: { input_tokens: 1, output_tokens: 0 } }],
    causes: [{ code: 'elsewhere' }],
  });
});

test.each([
  [
    'nothing to compare with',
    [],
    {},
    'Say what to compare with: --file report.json, or --from 2026-11-01 and an admin key in OPENAI_ADMIN_KEY.',
  ],
  [
    'no key',
    ['--from', '2026-11-01'],
    {},
    'To ask openai, set OPENAI_ADMIN_KEY to an admin key of the organisation.',
  ],
])('with %s it says what to give', async (_what, args, _env, said) => {
  vi.stubEnv('OPENAI_ADMIN_KEY', '');
  expect(await cli(...args)).toMatchObject({ code: 1, err: expect.stringContaining(said) as string });
});

test('a file that is not there, or is no report, is named', async () => {
  expect((await cli('--file', join(folder, 'none.json'))).err).toContain('none.json cannot be read: ENOENT');
  expect((await cli('--file', file('{"error":"no"}'))).err).toContain(
    'expected a usage or cost report of openai',
  );
});

test('the provider is asked for the days that were named, and for none besides', async () => {
  vi.stubEnv('OPENAI_ADMIN_KEY', 'sk-admin');
  const asked: URL[] = [];
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    asked.push(url);
    response.end(url.pathname.endsWith('/completions') ? report(2006) : '{"data":[]}');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code } = await cli('--from', '2026-11-20', '--to', '2026-11-21', '--base-url', baseUrl);
  expect(code).toBe(0);
  const day = Date.UTC(2026, 10, 20) / 1000;
  expect(asked[0]?.searchParams.get('start_time')).toBe(String(day));
  expect(asked[0]?.searchParams.get('end_time')).toBe(String(day + 86_400));
});
