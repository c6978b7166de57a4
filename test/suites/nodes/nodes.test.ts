import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

test.each(['node-22', 'node-26'])(
  'every test of the package passes on %s',
  (line) => {
    const node = join(import.meta.dirname, 'node_modules', line, 'bin/node');
    const { status, stdout, stderr } = spawnSync(
      node,
      ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot'],
      {
        cwd: ROOT,
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      },
    );
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    expect(version).toMatch(new RegExp(`^v${line.slice(-2)}\\.`));
    expect(`${stdout.slice(-4000)}\n${stderr.slice(-4000)}`).toContain('passed');
    expect(status, `${version}: ${stdout.slice(-4000)}`).toBe(0);
  },
  600_000,
);
