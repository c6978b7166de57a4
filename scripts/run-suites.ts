/**
 * Runs the test suites that need heavy fixtures of their own: `node scripts/run-suites.ts [name …]`.
 *
 * A suite is a folder of `test/suites` with its own package.json and lock file and its own `*.test.ts`. Its
 * fixtures are installed when the lock file changed since the last time. A vitest.config.ts of its own replaces the
 * shared one.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SUITES = 'test/suites';

const all = readdirSync(SUITES, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`No suite named ${unknown.join(', ')}. Suites: ${all.join(', ')}.`);
  process.exit(2);
}

let failed = false;
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n── suite ${name} ──`);
  failed = !(install(join(SUITES, name)) && test(name)) || failed;
}
process.exit(failed ? 1 : 0);

/** `npm ci`, unless what is installed came from this very lock file. */
function install(folder: string): boolean {
  const lock = join(folder, 'package-lock.json');
  if (!existsSync(lock)) return true;
  const hash = createHash('sha256').update(readFileSync(lock)).digest('hex');
  const stamp = join(folder, 'node_modules', '.installed-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return true;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  if (spawnSync('npm', args, { cwd: folder, stdio: 'inherit' }).status !== 0) return false;
  writeFileSync(stamp, hash);
  return true;
}

function test(name: string): boolean {
  const report = [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${resolve(`.cache/results/suite-${name}.json`)}`,
  ];
  const own = join(SUITES, name, 'vitest.config.ts');
  const config = existsSync(own) ? own : `${SUITES}/vitest.config.ts`;
  const args = ['run', '--config', config, '--dir', resolve(SUITES, name), ...report];
  return spawnSync('node_modules/.bin/vitest', args, { stdio: 'inherit' }).status === 0;
}
