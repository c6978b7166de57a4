import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packCostspan, runIn } from '../packed.ts';

const HERE = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), 'costspan-install-'));
let tarball: string;

beforeAll(() => {
  tarball = packCostspan(scratch);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What an application has before it has Costspan: OpenTelemetry SDK 2 and 3, in every way people get it. */
const APPLICATIONS: Readonly<Record<string, Record<string, string>>> = {
  'no OpenTelemetry at all': {},
  'sdk-node 0.301 (SDK 3)': { '@opentelemetry/sdk-node': '0.301.0' },
  'sdk-node 0.223 (SDK 2)': {
    '@opentelemetry/sdk-node': '0.223.0',
    '@opentelemetry/sdk-trace-base': '2.12.1',
  },
  'sdk-node 0.203 (SDK 2)': { '@opentelemetry/sdk-node': '0.203.0' },
  'sdk-trace-node 2.x': { '@opentelemetry/sdk-trace-node': '2.12.1' },
  'Sentry 10': { '@sentry/node': '10.78.0' },
  '@vercel/otel': { '@vercel/otel': '2.1.3' },
};

const SDK_3 = new Set(['sdk-node 0.301 (SDK 3)']);

let count = 0;
function folder(dependencies: Record<string, string>): string {
  const path = join(scratch, `app-${++count}`);
  mkdirSync(path);
  writeFileSync(
    join(path, 'package.json'),
    JSON.stringify({ name: 'app', version: '1.0.0', private: true, type: 'module', dependencies }),
  );
  return path;
}

/** Copies of a package that npm would install. */
function copiesOf(path: string, name: string): string[] {
  const lock = JSON.parse(readFileSync(join(path, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  return Object.keys(lock.packages).filter((place) => place.endsWith(`node_modules/${name}`));
}

const NPM = ['install', '--no-audit', '--no-fund', '--package-lock-only'];

describe.each(Object.entries(APPLICATIONS))('into an application with %s', (name, dependencies) => {
  test('`npm install costspan` installs without a conflict, one copy of the API and of the hooks', () => {
    const path = folder(dependencies);
    runIn(path, 'npm', NPM);
    runIn(path, 'npm', [...NPM, tarball]);
    expect(copiesOf(path, '@opentelemetry/api')).toHaveLength(1);
    // Hooks of two copies do not see each other.
    expect(copiesOf(path, 'import-in-the-middle')).toHaveLength(1);
    const copies = copiesOf(path, '@opentelemetry/instrumentation');
    // OpenTelemetry 3 has its own base class, which does not run on the API of OpenTelemetry 2: there are two then.
    expect(copies).toHaveLength(SDK_3.has(name) ? 2 : 1);
  });

  test('so does installing all of it in one go', () => {
    const path = folder({});
    const wanted = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`);
    runIn(path, 'npm', [...NPM, tarball, 'openai@7.59.0', ...wanted]);
    expect(copiesOf(path, '@opentelemetry/api')).toHaveLength(1);
  });
});

/** A call that is metered, by a set-up of three lines; prints the event. */
const PROGRAM = `
import { createServer } from 'node:http';
import { CostSpanProcessor, OpenAIInstrumentation, withCustomer } from 'costspan';
const events = [];
new OpenAIInstrumentation();
const processor = new CostSpanProcessor({ sinks: [{ write: (written) => void events.push(...written) }] });
const { default: OpenAI } = await import('openai');
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({
    id: 'chatcmpl-1', object: 'chat.completion', model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
  }));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = new OpenAI({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:' + server.address().port + '/v1' });
await withCustomer('acme', () => client.chat.completions.create({ model: 'gpt-4o', messages: [] }));
await processor.shutdown();
server.close();
server.closeAllConnections();
console.log(JSON.stringify(events.map(({ customer, cost }) => [customer, cost.amount])));
`;
// 1000 × $2.50/M + 100 × $10/M
const ONE_CALL = '[["acme","0.0035"]]\n';

/** The same program as CommonJS. */
const COMMONJS = `${PROGRAM.replaceAll(/^import (.+) from ('.+');$/gm, 'const $1 = require($2);')
  .replace("const { default: OpenAI } = await import('openai');", "const OpenAI = require('openai');")
  .replace('const server =', '(async () => {\nconst server =')}\n})();`;

function program(path: string): void {
  writeFileSync(join(path, 'app.mjs'), PROGRAM);
  writeFileSync(join(path, 'app.cjs'), COMMONJS);
}

const PNPM = join(HERE, 'node_modules/pnpm/bin/pnpm.mjs');
const YARN = join(HERE, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
const BASE = { openai: '7.59.0', '@opentelemetry/sdk-trace-node': '2.12.1', '@opentelemetry/api': '1.9.1' };

describe.each(['app.mjs', 'app.cjs'])('installed and run, %s', (app) => {
  test('by npm', () => {
    const path = folder(BASE);
    program(path);
    runIn(path, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball]);
    expect(runIn(path, process.execPath, [app]).stdout).toBe(ONE_CALL);
  });

  test('by pnpm, strictly', () => {
    const path = folder({ ...BASE, costspan: `file:${tarball}` });
    program(path);
    runIn(path, process.execPath, [PNPM, 'install', '--no-frozen-lockfile', '--strict-peer-dependencies']);
    expect(runIn(path, process.execPath, [app]).stdout).toBe(ONE_CALL);
  });

  test.each([
    ['node-modules', []],
    ['pnp', ['-r', './.pnp.cjs', '--loader', './.pnp.loader.mjs', '--no-warnings']],
  ])('by yarn, nodeLinker: %s', (linker, flags) => {
    const path = folder({ ...BASE, costspan: `file:${tarball}` });
    program(path);
    writeFileSync(join(path, 'yarn.lock'), '');
    writeFileSync(
      join(path, '.yarnrc.yml'),
      `nodeLinker: ${linker}\nenableTelemetry: false\nenableImmutableInstalls: false\n`,
    );
    const { stdout } = runIn(path, process.execPath, [YARN, 'install']);
    expect(stdout).not.toContain('YN0002');
    expect(runIn(path, process.execPath, [...flags, app]).stdout).toBe(ONE_CALL);
  });
});
