import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundler, BUNDLERS, createApp } from './bundlers.ts';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '../../..');
const scratch = mkdtempSync(join(tmpdir(), 'costspan-bundles-'));
const app = join(scratch, 'source');

/** The package as it is published. */
beforeAll(() => {
  run('npm', ['run', '--silent', 'build'], ROOT);
  const packed = run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', scratch], ROOT);
  const target = join(HERE, 'node_modules', 'costspan');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const archive = join(scratch, String(packed.trim().split('\n').at(-1)));
  run('tar', ['-xzf', archive, '-C', target, '--strip-components=1'], HERE);
  mkdirSync(app);
  createApp(app);
});

const provider = createServer((_, response) => {
  const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };
  const message = { role: 'assistant', content: 'Hi' };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      model: 'gpt-4o-2024-08-06',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage,
    }),
  );
});
beforeAll(() => new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  provider.closeAllConnections();
  provider.close();
  rmSync(scratch, { recursive: true, force: true });
});

function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stdout}${stderr}`);
  return stdout;
}

interface Shown {
  readonly customer: string | null;
  readonly cost: { readonly amount?: string; readonly price?: { readonly list: string } };
}

/** What the deployed bundle says of its one call, and what it writes to stderr. */
async function deployed(file: string, env: NodeJS.ProcessEnv = {}): Promise<Shown[]> {
  const { port } = provider.address() as AddressInfo;
  const { stdout } = await promisify(execFile)(process.execPath, [file], {
    cwd: dirname(file),
    env: {
      PATH: process.env.PATH,
      BASE_URL: `http://127.0.0.1:${port}/v1`,
      RUN: 'yes',
      OTEL_METRICS_EXPORTER: 'none',
      ...env,
    },
  });
  return JSON.parse(stdout) as Shown[];
}

describe.each(Object.entries(BUNDLERS))('%s', (name, bundle: Bundler) => {
  const folder = join(scratch, name.replaceAll(/\W+/g, '-'));
  let file: string;
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    file = await bundle(app, folder);
    // Vite and Rollup write ES modules under the name .js.
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  });

  test('has the prices with it', async () => {
    const events = await deployed(file);
    expect(events).toHaveLength(1);
    // 1000 × $2.50/M + 100 × $10/M
    expect(events[0]?.cost).toMatchObject({
      status: 'priced',
      amount: '0.0035',
      price: { list: expect.stringMatching(/^genai-prices@0\.1\.8/) as unknown, id: 'openai/gpt-4o' },
    });
  });

  test('reads a price file in YAML that lies beside it', async () => {
    const prices = join(folder, 'costspan.prices.yaml');
    writeFileSync(
      prices,
      'name: mine\nmodels:\n  - { provider: openai, model: gpt-4o, prices: { input: "1", output: "2" } }\n',
    );
    const [event] = await deployed(file, { PRICES: prices });
    // 1000 × $1/M + 100 × $2/M
    expect(event?.cost).toMatchObject({ status: 'priced', amount: '0.0012', price: { list: 'mine' } });
  });
});

test('an AWS Lambda zip holds its one file and answers with the price', async () => {
  const folder = join(scratch, 'lambda');
  mkdirSync(folder);
  const file = await BUNDLERS['esbuild, CommonJS, minified']?.(app, folder);
  // What the runtime does with `handler: app.handler`.
  const runtime = join(folder, 'runtime.cjs');
  writeFileSync(
    runtime,
    `require(${JSON.stringify(file)}).handler({}).then((events) => console.log(JSON.stringify(events)));`,
  );
  const [event] = await deployed(runtime, { RUN: 'no', AWS_LAMBDA_FUNCTION_NAME: 'chat' });
  expect(event?.cost.amount).toBe('0.0035');
});
