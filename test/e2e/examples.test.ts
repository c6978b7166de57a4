import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'costspan-examples-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a program as its head comment says, without any key, in a directory of its own. */
async function runExample(name: string, imports: readonly string[]): Promise<string> {
  const { OPENAI_API_KEY: _, ANTHROPIC_API_KEY: __, ...env } = process.env;
  const { stdout, stderr } = await run(
    process.execPath,
    [...imports.flatMap((file) => ['--import', resolve('examples', file)]), resolve('examples', name)],
    { cwd: directory, env, timeout: 60_000 },
  );
  expect(stderr).toBe('');
  return stdout;
}

async function modelsOf(customer: string): Promise<string[]> {
  const { stdout } = await run(process.execPath, [
    'dist/cli/main.js',
    'events',
    '--json',
    `--db=${join(directory, 'costs.db')}`,
    `--customer=${customer}`,
  ]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { response_model: string }).response_model);
}

test('openai.ts and anthropic.ts run without a key and leave their calls in one ledger', async () => {
  const setup = ['loopback/start.ts', 'telemetry.ts'];
  expect(await runExample('openai.ts', setup)).toContain('parcel');
  expect(await runExample('anthropic.ts', setup)).toContain('tickets');
  expect(await modelsOf('acme_corp')).toEqual(['gpt-5-mini-2025-08-07', 'claude-haiku-4-5-20251001']);
  expect(await modelsOf('globex')).toEqual(['gpt-4o-2024-08-06', 'claude-sonnet-5']);
});

test('custom-sink.ts hears of every call and adds up its own totals', async () => {
  const output = await runExample('custom-sink.ts', ['loopback/start.ts']);
  // two calls of $0.005615 for acme_corp, one for globex
  expect(output).toContain('{ acme_corp: 0.01123, globex: 0.005615 }');
});
