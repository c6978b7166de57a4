/**
 * What an application loads with `import 'costspan'`, in bytes of `dist`: `node scripts/import-size.ts` fails above the
 * limit. Bytes are counted, not timed, so that the answer is the same on every machine.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A little above what it was on 2026-12-01 (1,189.8 kB and 1,247.4 kB). Raise it knowingly: every start of every application pays for it. */
const LIMITS: Readonly<Record<string, number>> = { 'index.js': 1_225_000, 'index.cjs': 1_285_000 };

const dist = new URL('../dist/', import.meta.url);

/** Every file of `dist` that Node loads on the way to this one. */
function loadedBy(entry: string): readonly string[] {
  const program = `
    import { registerHooks } from 'node:module';
    const files = [];
    registerHooks({ load(url, context, next) { files.push(url); return next(url, context); } });
    await import(process.argv[1]);
    process.stdout.write(JSON.stringify(files));`;
  const { href } = new URL(entry, dist);
  const args = ['--input-type=module', '--eval', program, href];
  const files = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as string[];
  return [...new Set(files)].filter((url) => url.startsWith(pathToFileURL(fileURLToPath(dist)).href));
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}

for (const [entry, limit] of Object.entries(LIMITS)) {
  if (!existsSync(new URL(entry, dist))) throw new Error(`dist/${entry} is not there: npm run build.`);
  const files = loadedBy(entry).map((url) => ({ url, bytes: statSync(new URL(url)).size }));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (files.length === 0) throw new Error(`dist/${entry}: no file was seen being loaded.`);
  console.log(`dist/${entry}: ${kilobytes(bytes)} in ${files.length} files, of ${kilobytes(limit)} allowed`);
  if (bytes <= limit) continue;
  const largest = files
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 10)
    .map(
      (file) =>
        `  ${kilobytes(file.bytes).padStart(9)}  ${relative(fileURLToPath(dist), fileURLToPath(file.url))}`,
    );
  console.error(
    `What an application loads with import 'costspan' has grown beyond its limit by ${kilobytes(bytes - limit)}. ` +
      `Load what only some need when they need it, or raise LIMITS in scripts/import-size.ts and say why.\n${largest.join('\n')}`,
  );
  process.exitCode = 1;
}
