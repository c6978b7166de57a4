import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Builds the package and packs it as it would be published; the path of the tarball. */
export function packCostspan(into: string): string {
  mkdirSync(into, { recursive: true });
  runIn(ROOT, 'npm', ['run', '--silent', 'build']);
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', into];
  const name = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n').at(-1) ?? '';
  return join(into, name);
}

/** Runs a program to its end and hands back what it printed; what went wrong is the error. */
export function runIn(
  folder: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { readonly stdout: string; readonly stderr: string } {
  const done = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    // What the tests run under is not what an application runs under.
    env: { ...process.env, NODE_OPTIONS: '', CI: '', ...env },
    maxBuffer: 2 ** 27,
    timeout: 240_000,
  });
  if (done.status !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${done.status ?? done.signal ?? String(done.error)}:\n` +
        `${done.stdout.slice(-3000)}\n${done.stderr.slice(-3000)}`,
    );
  }
  return done;
}
