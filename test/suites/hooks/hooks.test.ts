import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '../../..');
const APPS = join(HERE, '.cache');
const NODES = {
  // Before 22.22.3 and 24.11.1 Node's synchronous hooks are incomplete: the asynchronous ones take over, in a worker.
  '22.15.0': join(HERE, 'node_modules/node-22-first/bin/node'),
  '22.22.2': join(HERE, 'node_modules/node-22-last-incomplete/bin/node'),
  '22.23': join(HERE, 'node_modules/node-22/bin/node'),
  '24.0.0': join(HERE, 'node_modules/node-24-first/bin/node'),
  '24.11.0': join(HERE, 'node_modules/node-24-last-incomplete/bin/node'),
  '24': join(ROOT, 'node_modules/.bin/node'),
  '26': join(HERE, 'node_modules/node-26/bin/node'),
};

beforeAll(() => {
  const built = spawnSync('npm', ['run', 'build'], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`build failed:\n${built.stdout}`);
  rmSync(APPS, { recursive: true, force: true });
  mkdirSync(join(APPS, 'node_modules'), { recursive: true });
  symlinkSync(ROOT, join(APPS, 'node_modules/costspan'));
  for (const major of [4, 7]) addApp(`openai-${major}`, `openai-${major}`);
  withManifest(addApp('too-new', 'openai-7'), (text) =>
    text.replace('"version": "7.55.0"', '"version": "8.0.0"'),
  );
  withManifest(addApp('too-old', 'openai-4'), (text) =>
    text.replace('"version": "4.104.0"', '"version": "4.18.0"'),
  );
  rename('changed', 'client', 'makeRequest', 'sendRequest');
  rename('changed-promise', 'client', 'promise._thenUnwrap', 'promise._unwrapped');
  rename('changed-promise', 'core/api-promise', '_thenUnwrap(', '_unwrapped(');
  rename('changed-promise', 'resources/chat/completions/completions', '._thenUnwrap(', '._unwrapped(');
});

/** An application of its own, with the package under its real name; returns the package's folder. */
function addApp(name: string, packageName: string): string {
  cpSync(join(HERE, 'programs'), join(APPS, name), { recursive: true });
  const folder = join(APPS, name, 'node_modules/openai');
  cpSync(join(HERE, 'node_modules', packageName), folder, { recursive: true });
  return folder;
}

/** A newer SDK whose insides have other names. */
function rename(app: string, file: string, from: string, to: string): void {
  const folder = existsSync(join(APPS, app))
    ? join(APPS, app, 'node_modules/openai')
    : addApp(app, 'openai-7');
  for (const extension of ['js', 'mjs'])
    edit(join(folder, `${file}.${extension}`), (text) => text.replaceAll(from, to));
}

function withManifest(folder: string, change: (text: string) => string): void {
  edit(join(folder, 'package.json'), change);
}

function edit(path: string, change: (text: string) => string): void {
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`nothing to change in ${path}`);
  writeFileSync(path, after);
}

interface Recorded {
  readonly events: readonly Record<string, unknown>[];
  readonly warnings: readonly string[];
}

function run(app: string, program: string, node: keyof typeof NODES = '24', ...flags: string[]): Recorded {
  const load = flags.length === 0 ? ['--import', './telemetry.mjs'] : flags;
  const { status, stdout, stderr } = spawnSync(NODES[node], [...load, program], {
    cwd: join(APPS, app),
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Recorded;
}

/** What the ledger of the zero-code start holds after a program. */
function registered(program: string, node: keyof typeof NODES): unknown[] {
  const db = join(APPS, 'openai-7', `${program}-${node}.db`);
  const env = { ...process.env, NODE_OPTIONS: '', COSTSPAN_DB: db };
  const cwd = join(APPS, 'openai-7');
  const done = spawnSync(NODES[node], ['-r', 'costspan/register', program], { cwd, encoding: 'utf8', env });
  expect(done).toMatchObject({ status: 0, stdout: '' });
  const cli = join(ROOT, 'dist/cli/main.js');
  const { stdout } = spawnSync(NODES['24'], [cli, 'events', '--json', '--db', db], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

const oneChat = {
  operation: 'chat',
  status: 'ok',
  usage_source: 'provider',
  usage: { input_tokens: 10, output_tokens: 5 },
};

describe.each(Object.keys(NODES) as (keyof typeof NODES)[])('Node %s', (node) => {
  test.each([
    ['openai-7', 'esm.mjs'],
    ['openai-7', 'cjs.cjs'],
    ['openai-4', 'esm.mjs'],
    ['openai-4', 'cjs.cjs'],
  ])('%s in %s is recorded with `--import ./telemetry.mjs` alone', (app, program) => {
    const { events, warnings } = run(app, program, node);
    expect(events).toMatchObject([oneChat]);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['-r ./telemetry.cjs', 'cjs.cjs'],
    ['-r ./telemetry.cjs', 'esm.mjs'],
    ['--import ./telemetry.cjs', 'cjs.cjs'],
    ['--import ./telemetry.cjs', 'esm.mjs'],
    ['-r costspan/hooks --import ./telemetry.mjs', 'esm.mjs'],
    ['-r ./telemetry.cjs -r costspan/hooks', 'cjs.cjs'],
  ])('`node %s %s` runs unharmed and is recorded', (flags, program) => {
    expect(run('openai-7', program, node, ...flags.split(' '))).toMatchObject({
      events: [oneChat],
      warnings: [],
    });
  });

  test('a first line that requires the set-up is enough', () => {
    expect(run('openai-7', 'first-line.cjs', node, '--no-warnings').events).toMatchObject([oneChat]);
  });

  test.each(['cjs.cjs', 'esm.mjs'])(
    '`node -r costspan/register %s` runs unharmed and is recorded',
    (program) => {
      expect(registered(program, node)).toMatchObject([oneChat]);
    },
  );

  test('both copies of a package loaded as ES module and CommonJS are recorded', () => {
    expect(run('openai-7', 'both.mjs', node).events).toMatchObject([oneChat, oneChat]);
  });
});

test('a class imported without the main module is recorded', () => {
  expect(run('openai-7', 'azure.mjs').events).toMatchObject([oneChat]);
});

test.each(['session.mjs', 'session.cjs'])('a realtime session is recorded, in %s', (program) => {
  expect(run('openai-7', program).events).toMatchObject([oneChat]);
});

test('two majors in one process are recorded', () => {
  expect(run('openai-7', 'two-majors.mjs').events).toMatchObject([oneChat, oneChat]);
});

test('the hooks may be installed by costspan/hooks first', () => {
  const flags = ['--import', 'costspan/hooks', '--import', './telemetry.mjs'];
  expect(run('openai-7', 'esm.mjs', '24', ...flags).events).toMatchObject([oneChat]);
});

describe('a package that does not fit', () => {
  test.each([
    ['too-new', 'esm.mjs', '8.0.0'],
    ['too-new', 'cjs.cjs', '8.0.0'],
    ['too-old', 'esm.mjs', '4.18.0'],
    ['too-old', 'cjs.cjs', '4.18.0'],
  ])('%s, in %s, is left alone with one warning that names the version', (app, program, version) => {
    const { events, warnings } = run(app, program);
    expect(events).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(`openai ${version} is outside the tested range`)]);
  });

  test.each(['esm.mjs', 'cjs.cjs'])('inside, in %s, is left alone with one warning', (program) => {
    const { events, warnings } = run('changed', program);
    expect(events).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('openai 7.55.0 is built differently')]);
  });
});

test.each(['esm.mjs', 'cjs.cjs'])(
  'an SDK whose promises changed, in %s, is recorded: nothing of ours leans on them',
  (program) => {
    const { events, warnings } = run('changed-promise', program);
    expect(events).toEqual([expect.objectContaining({ provider: 'openai', customer: 'acme' })]);
    expect(warnings).toEqual([]);
  },
);
