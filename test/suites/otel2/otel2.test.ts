import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'costspan-otel2-'));

/** The package as it is published, beside the OpenTelemetry that the application has. */
beforeAll(() => {
  run('npm', ['run', '--silent', 'build'], ROOT);
  const [archive] = run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], ROOT)
    .trim()
    .split('\n')
    .slice(-1);
  const target = join(HERE, 'node_modules', 'costspan');
  rmSync(target, { recursive: true, force: true });
  run('mkdir', ['-p', target], HERE);
  run('tar', ['-xzf', join(folder, String(archive)), '-C', target, '--strip-components=1'], HERE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = process.env): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}

test('an unchanged set-up on SDK 2.x and API 1.9 records, attributes, prices, exports and leaks nothing', async () => {
  const path = join(folder, 'costs.db');
  const stdout = run(process.execPath, ['--import', './telemetry.mjs', 'app.mjs'], HERE, {
    ...process.env,
    COSTSPAN_DB: path,
  });
  const { spans, seen, chunks } = JSON.parse(stdout) as {
    spans: { scope: string }[];
    seen: object[];
    chunks: number;
  };

  const ledger = new SqliteLedger({ path });
  const events = await Array.fromAsync(ledger.events());
  await ledger.shutdown();
  // 10 × $2.50/M + 5 × $10/M
  const expected = {
    customer: 'acme',
    context: { feature: 'chat' },
    cost: { amount: '0.000075' },
    status: 'ok',
  };
  expect(events).toHaveLength(2);
  for (const event of events) expect(event).toMatchObject(expected);
  expect(events.map((event) => event.stream)).toEqual([false, true]);
  expect(chunks).toBe(1);

  const costSpan = { name: 'chat gpt-4o', scope: 'costspan/openai', cost: '0.000075', customer: 'acme' };
  expect(spans.filter(({ scope }) => scope === 'costspan/openai')).toEqual([costSpan, costSpan]);
  expect(seen).toEqual([
    { baggage: null, traced: true },
    { baggage: null, traced: true },
  ]);
});
