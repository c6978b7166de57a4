import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../../../src/receiver/receiver.ts';
import { serve, type Served } from '../../../src/receiver/serve.ts';
import { Provider } from '../instrumentations-matrix/provider.ts';
import { Collector, noCollector, root, whyNot } from './collector.ts';
import { until } from './cost-logs.ts';

const programs = join(root, 'test/suites/instrumentations-matrix/record/python');
const TOKEN = 'suite-token';

let python: string;
let folder: string;
let ledger: SqliteLedger;
let receiver: OtlpReceiver;
let served: Served;
let collector: Collector;
let provider: Provider;

/** The suite's own Python, made again when the requirements change. */
function pythonOf(requirements: string): string {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const venv = resolve(root, `.cache/python-${hash}`);
  if (!existsSync(join(venv, 'ready'))) {
    execFileSync('python3', ['-m', 'venv', '--clear', venv]);
    execFileSync(join(venv, 'bin/pip'), ['install', '--quiet', '--no-deps', '--requirement', requirements]);
    execFileSync('touch', [join(venv, 'ready')]);
  }
  return join(venv, 'bin/python');
}

describe.skipIf(noCollector)(`spans of Python through the collector${whyNot}`, () => {
  beforeAll(async () => {
    provider = await Provider.start();
    python = pythonOf(join(programs, 'requirements.txt'));
    folder = mkdtempSync(join(tmpdir(), 'costspan-python-'));
    ledger = new SqliteLedger({ path: join(folder, 'costs.db'), durability: 'batch' });
    receiver = createOtlpReceiver({ sinks: [ledger], tokens: [TOKEN] });
    served = await serve(receiver, { port: 0, host: '127.0.0.1' });
    collector = await Collector.start(['collector-config.yaml'], {
      COSTSPAN_RECEIVER: served.url,
      COSTSPAN_RECEIVE_TOKEN: TOKEN,
    });
  }, 600_000);
  afterAll(async () => {
    provider?.close();
    await collector?.stop();
    await served?.close();
    await receiver?.shutdown();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    ['openllmetry_sdk.py', 6],
    ['openinference_sdk.py', 6],
  ])('%s: the ledger has what the provider billed, each call once', async (program, calls) => {
    const already = provider.billed.length;
    const before = new Set((await Array.fromAsync(ledger.events())).map(({ id }) => id));
    await promisify(execFile)(python, [join(programs, program)], {
      env: { ...process.env, PROVIDER_URL: provider.url, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    });
    const billed = provider.billed.slice(already);
    expect(billed).toHaveLength(calls);
    await until('every call to be in the ledger', async () => {
      const all = await Array.fromAsync(ledger.events());
      return all.length - before.size >= calls;
    });
    const events = (await Array.fromAsync(ledger.events())).filter(({ id }) => !before.has(id));
    expect(events).toHaveLength(calls);
    const told = events.filter(({ usageSource }) => usageSource === 'provider');
    expect(told).toHaveLength(calls);
    const sum = (list: readonly (number | undefined)[]): number =>
      list.reduce<number>((all, each) => all + (each ?? 0), 0);
    expect(sum(told.map(({ usage }) => usage.inputTokens))).toBe(
      sum(billed.map(({ usage }) => usage['input_tokens'])),
    );
    expect(sum(told.map(({ usage }) => usage.outputTokens))).toBe(
      sum(billed.map(({ usage }) => usage['output_tokens'])),
    );
    const ids = events.flatMap(({ responseId }) => responseId ?? []);
    expect(billed.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  });
});
