import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const suite: string = fileURLToPath(new URL('.', import.meta.url));
const require = createRequire(import.meta.url);

/** A framework of this suite. They are installed on first use, and again when the lock file changed. */
export async function load<Module>(name: string): Promise<Module> {
  install();
  return (await import(pathToFileURL(require.resolve(name)).href)) as Module;
}

export function install(): void {
  const hash = createHash('sha256')
    .update(readFileSync(`${suite}package-lock.json`))
    .digest('hex');
  const stamp = `${suite}node_modules/.lock-hash`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: suite, stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(stamp, hash);
}
