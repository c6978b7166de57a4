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
    // Vitest names what failed on stderr, after all that was said during the run.
    const failures = stderr.slice(Math.max(0, stderr.search(/Failed (Tests|Suites)|Unhandled Errors/)));
    expect(status, `${version}: ${failures.slice(0, 8000)}\n${stdout.slice(-1000)}`).toBe(0);
  },
  // A run takes three minutes where nothing else runs; a busy machine is no failure.
  1_800_000,
);
