import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { application } from '../support/application.ts';
import { costspan } from '../support/cli.ts';

const read = (folder: string, path: string): string => readFileSync(join(folder, path), 'utf8');

describe('costspan init', () => {
  test('shows what it would change and changes nothing', async () => {
    const folder = application({
      'package.json': { type: 'module', scripts: { start: 'node app.js' }, dependencies: { openai: '7' } },
    });
    const { code, stdout } = await costspan('init', '--cwd', folder);
    expect(code).toBe(0);
    expect(stdout).toContain('Found: ES modules, npm; openai.');
    expect(stdout).toContain(
      '-    "start": "node app.js"\n+    "start": "node --import ./telemetry.js app.js"',
    );
    expect(stdout).toContain('+++ telemetry.js\n');
    expect(stdout).toContain('costspan init --yes');
    expect(() => read(folder, 'telemetry.js')).toThrow('ENOENT');
    expect(read(folder, 'package.json')).toContain('"node app.js"');
  });

  test('writes it with --yes, says how to undo it, and has nothing left to do', async () => {
    const folder = application({
      'package.json': { type: 'module', scripts: { start: 'node app.js', test: 'node --test' } },
      '.gitignore': 'node_modules',
      'pnpm-lock.yaml': '',
    });
    const { stdout } = await costspan('init', '--cwd', folder, '--yes');
    expect(stdout).toContain('To undo: rm telemetry.js && git checkout -- package.json .gitignore');
    expect(stdout).toContain('pnpm add costspan');
    expect(read(folder, 'telemetry.js')).toContain("import { startCostspan } from 'costspan';");
    expect(read(folder, '.gitignore')).toBe('node_modules\ncosts.db*\n');
    expect(JSON.parse(read(folder, 'package.json'))).toMatchObject({
      scripts: { start: 'node --import ./telemetry.js app.js', test: 'node --test' },
    });
    expect((await costspan('init', '--cwd', folder)).stdout).toContain('Nothing to change.');
  });

  test('requires in CommonJS', async () => {
    const folder = application({
      'package.json': { scripts: { start: 'node app.js', dev: 'tsx watch app.ts' } },
    });
    await costspan('init', '--cwd', folder, '--yes');
    expect(read(folder, 'telemetry.cjs')).toContain("require('costspan')");
    expect(JSON.parse(read(folder, 'package.json'))).toMatchObject({
      scripts: {
        start: 'node --import ./telemetry.cjs app.js',
        dev: 'tsx watch --import ./telemetry.cjs app.ts',
      },
    });
  });

  test('keeps the SDKs out of the bundle of Next.js, whose instrumentation.ts starts it', async () => {
    const folder = application({
      'package.json': { scripts: { start: 'next start' }, dependencies: { next: '16', openai: '7' } },
      'tsconfig.json': '{}',
      'next.config.ts':
        "import type { NextConfig } from 'next';\n\nconst nextConfig: NextConfig = {\n  reactStrictMode: true,\n};\n\nexport default nextConfig;\n",
    });
    await costspan('init', '--cwd', folder, '--yes');
    expect(read(folder, 'next.config.ts')).toContain(
      "const nextConfig: NextConfig = {\n  serverExternalPackages: ['costspan', 'openai'],\n  reactStrictMode: true,",
    );
    expect(read(folder, 'instrumentation.ts')).toContain("process.env.NEXT_RUNTIME === 'nodejs'");
    expect((await costspan('init', '--cwd', folder)).stdout).toContain('Nothing to change.');
  });

  test('rewrites no file whose shape it does not know, and says what to add', async () => {
    const folder = application({
      'package.json': { type: 'module', dependencies: { next: '16', '@anthropic-ai/sdk': '1' } },
      'next.config.js': 'export default withPlugins(configure());\n',
      'instrumentation.js': 'export function register() {}\n',
    });
    const { stdout } = await costspan('init', '--cwd', folder, '--yes');
    expect(stdout).toContain(
      "By hand: Add to next.config.js: serverExternalPackages: ['costspan', '@anthropic-ai/sdk'],",
    );
    expect(stdout).toContain('By hand: instrumentation.js exists already.');
    expect(read(folder, 'next.config.js')).toBe('export default withPlugins(configure());\n');
  });

  test('lists the changes as JSON', async () => {
    const folder = application({ 'package.json': { type: 'module' } });
    const { stdout } = await costspan('init', '--cwd', folder, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      made: false,
      changes: [{ path: 'telemetry.js' }, { path: '.gitignore', after: 'costs.db*\n' }],
      byHand: [expect.stringContaining('--import ./telemetry.js')],
    });
  });

  test.each([
    ['no package.json', {}, 'package.json does not exist'],
    ['a broken one', { 'package.json': '{' }, 'package.json is not JSON'],
  ])('refuses a folder with %s', async (_what, files: Record<string, string>, message) => {
    const folder = application(files);
    const { code, stderr } = await costspan('init', '--cwd', folder);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
