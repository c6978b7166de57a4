import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SUPPORTED } from '../../src/cli/doctor/supported.ts';
import { application } from '../support/application.ts';
import { costspan } from '../support/cli.ts';

interface Answer {
  readonly ok: boolean;
  readonly calls?: number;
  readonly findings: readonly { readonly id: string; readonly level: string; readonly fix: string }[];
}

async function doctor(folder: string, ...args: string[]): Promise<Answer & { code: number; stderr: string }> {
  const { code, stdout, stderr } = await costspan('doctor', '--json', '--cwd', folder, ...args);
  return { ...(JSON.parse(stdout) as Answer), code, stderr };
}

const ids = ({ findings }: Answer): string[] => findings.map(({ id }) => id);

/** An installed package, as far as its name and version go. */
const installed = (name: string, version: string): Record<string, object> => ({
  [`node_modules/${name}/package.json`]: { name, version },
});

test('the versions it takes are those that the instrumentations take', () => {
  const folders = {
    openai: 'openai',
    '@anthropic-ai/sdk': 'anthropic',
    '@google/genai': 'google-genai',
    '@aws-sdk/client-bedrock-runtime': 'bedrock',
  };
  expect(Object.keys(folders).toSorted()).toEqual(Object.keys(SUPPORTED));
  for (const [name, folder] of Object.entries(folders)) {
    const source = readFileSync(`src/instrumentations/${folder}/instrumentation.ts`, 'utf8');
    const [from, below] = ['from', 'below'].map((bound) => {
      const [, major, minor] = new RegExp(`${bound}: \\[(\\d+), (\\d+)\\]`).exec(source) ?? [];
      return { major, minor };
    });
    expect(SUPPORTED[name]).toBe(`>=${from?.major}.${from?.minor}.0 <${below?.major}`);
  }
});

describe('of a folder', () => {
  test('nothing stands in the way of a good one', async () => {
    const folder = application({
      'package.json': { dependencies: { costspan: '*', openai: '7' } },
      ...installed('costspan', '1.0.0'),
      ...installed('openai', '7.59.0'),
    });
    expect(await doctor(folder)).toMatchObject({ ok: true, code: 0, findings: [] });
    expect((await costspan('doctor', '--cwd', folder)).stdout).toBe('✓ Nothing stands in the way.\n');
  });

  test.each([
    ['4.18.9', ['sdk-out-of-range']],
    ['4.19.0', []],
    ['7.999.0', []],
    ['8.0.0', ['sdk-out-of-range']],
  ])('openai %s: %j', async (version, expected) => {
    const folder = application({
      'package.json': { dependencies: { costspan: '*', openai: '*' } },
      ...installed('costspan', '1.0.0'),
      ...installed('openai', version),
    });
    expect(ids(await doctor(folder))).toEqual(expected);
  });

  test('names what is missing, not covered, counted by others, and bundled', async () => {
    const folder = application({
      'package.json': {
        dependencies: {
          next: '16',
          openai: '7',
          ai: '7',
          '@traceloop/instrumentation-openai': '0.27',
        },
      },
      'next.config.js': 'module.exports = {};\n',
    });
    const answer = await doctor(folder);
    expect(answer.code).toBe(1);
    expect(ids(answer)).toEqual(['not-installed', 'sdk-not-patched', 'double-instrumentation', 'bundled']);
    expect(answer.findings.at(-1)?.fix).toBe(
      "In next.config.js: serverExternalPackages: ['costspan', 'openai']",
    );
  });

  test('refuses a ledger that is none, and leaves the file as it is', async () => {
    const folder = application({
      'package.json': { dependencies: { costspan: '*' } },
      ...installed('costspan', '1.0.0'),
      'costs.db': 'not a database, and long enough to be read as one'.repeat(100),
    });
    expect(ids(await doctor(folder))).toEqual(['ledger-unusable']);
  });

  test('refuses a folder without an application', async () => {
    const { code, stderr } = await costspan('doctor', '--cwd', application({}));
    expect(code).toBe(1);
    expect(stderr).toContain('package.json does not exist');
  });
});

const ROOT = process.cwd();

/** An application with the real SDK and this very package, whose provider is on loopback. */
function running(files: Record<string, string>): string {
  const folder = application({
    'package.json': { type: 'module', dependencies: { costspan: '*', openai: '7' } },
    'provider.js': PROVIDER,
    'telemetry.js': TELEMETRY,
    'node_modules/.keep': '',
    ...files,
  });
  symlinkSync(ROOT, join(folder, 'node_modules/costspan'));
  symlinkSync(join(ROOT, 'node_modules/openai'), join(folder, 'node_modules/openai'));
  return folder;
}

const PROVIDER = `
import { createServer } from 'node:http';
export async function callWith(OpenAI, model = 'gpt-4o') {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({
      id: 'chatcmpl-1', object: 'chat.completion', model,
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseURL = 'http://127.0.0.1:' + server.address().port + '/v1';
  await new OpenAI({ apiKey: 'sk-test', baseURL }).chat.completions.create({ model, messages: [] });
  server.close();
  server.closeAllConnections();
}
`;
const TELEMETRY = `
import { CostSpanProcessor, MemorySink, OpenAIInstrumentation } from 'costspan';
new OpenAIInstrumentation();
new CostSpanProcessor({ defaultCustomer: 'acme', sinks: [new MemorySink()] });
`;
const APP = `
import OpenAI from 'openai';
import { callWith } from './provider.js';
await callWith(OpenAI, process.argv[2]);
`;

describe('of a run', () => {
  test('nothing stands in the way of calls that are recorded', async () => {
    const folder = running({ 'app.js': `${APP}console.log('the application speaks');` });
    const answer = await doctor(folder, '--', process.execPath, '--import', './telemetry.js', 'app.js');
    expect(answer).toMatchObject({ ok: true, calls: 1, findings: [] });
    // Stdout is the doctor's.
    expect(answer.stderr).toBe('the application speaks\n');
  });

  test('an SDK that was imported first', async () => {
    const folder = running({
      'app.js': `import OpenAI from 'openai';\nimport './telemetry.js';${APP.split("'openai';")[1]}`,
    });
    const answer = await doctor(folder, '--', process.execPath, 'app.js');
    expect(answer).toMatchObject({ ok: false, calls: 0, code: 1 });
    expect(ids(answer)).toContain('sdk-too-early');
  });

  test('no set-up at all', async () => {
    expect(ids(await doctor(running({ 'app.js': APP }), '--', process.execPath, 'app.js'))).toContain(
      'not-set-up',
    );
  });

  test('a model nobody has a price for', async () => {
    const folder = running({ 'app.js': APP });
    const answer = await doctor(
      folder,
      '--',
      process.execPath,
      '--import',
      './telemetry.js',
      'app.js',
      'gpt-99-nova',
    );
    expect(answer).toMatchObject({ ok: true, calls: 1, findings: [{ id: 'unpriced-model', level: 'hint' }] });
  });

  test('calls nobody is billed for', async () => {
    const folder = running({
      'app.js': APP,
      'telemetry.js': TELEMETRY.replace("defaultCustomer: 'acme', ", ''),
    });
    const answer = await doctor(folder, '--', process.execPath, '--import', './telemetry.js', 'app.js');
    expect(answer).toMatchObject({ ok: true, calls: 1, findings: [{ id: 'unattributed', level: 'hint' }] });
  });

  test('an application that fails, and one that never ends', async () => {
    const folder = running({
      'app.js': 'process.exit(3);',
      'server.js': `${APP}setInterval(() => {}, 1000);`,
    });
    expect(
      ids(await doctor(folder, '--', process.execPath, '--import', './telemetry.js', 'app.js')),
    ).toContain('application-failed');
    const served = await doctor(
      folder,
      '--for',
      '3',
      '--',
      process.execPath,
      '--import',
      './telemetry.js',
      'server.js',
    );
    expect(served).toMatchObject({ ok: true, calls: 1 });
  });
});
