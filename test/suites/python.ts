import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** An environment of Python's with the packages of a suite's requirements.txt, kept as long as these stay the same. */
export interface PythonEnvironment {
  readonly folder: string;
  /** Why it could not be made here. */
  readonly missing?: string;
}

export function pythonEnvironment(suite: string): PythonEnvironment {
  const requirements = join(suite, 'requirements.txt');
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = resolve('.cache/python', hash);
  if (existsSync(join(folder, 'ready'))) return { folder };
  if (spawnSync('python3', ['-m', 'venv', '--help']).status !== 0)
    return { folder, missing: 'python3 with venv is not installed' };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const steps = [
    ['python3', '-m', 'venv', folder],
    [join(folder, 'bin', 'pip'), 'install', '--quiet', '--requirement', requirements],
  ];
  for (const [command = '', ...args] of steps) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0)
      return {
        folder,
        missing: `its packages cannot be installed: ${stderr.trim().split('\n').at(-1) ?? ''}`,
      };
  }
  writeFileSync(join(folder, 'ready'), '');
  return { folder };
}
