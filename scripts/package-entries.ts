/**
 * The ways into the package: every file of `src/` itself, but for `version.ts`, is one. `node
 * scripts/package-entries.ts` writes them into package.json (`exports`, `typesVersions`); the build bundles them.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Name of a way in → its source. */
export function entries(): Record<string, string> {
  const files = globSync('src/*.ts').filter((file) => basename(file) !== 'version.ts');
  return Object.fromEntries(files.toSorted().map((file) => [basename(file, '.ts'), file]));
}

/** Types first and for each module format, as TypeScript wants them (https://www.typescriptlang.org/docs/handbook/modules/reference.html). */
export function exportsOf(names: readonly string[]): Record<string, unknown> {
  const subpaths = names.toSorted((a, b) => Number(b === 'index') - Number(a === 'index'));
  return {
    ...Object.fromEntries(
      subpaths.map((name) => [
        name === 'index' ? '.' : `./${name}`,
        {
          import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
          require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
        },
      ]),
    ),
    './package.json': './package.json',
  };
}

/** For `moduleResolution: node10`, which knows no `exports`. */
export function typesVersionsOf(names: readonly string[]): Record<string, unknown> {
  const subpaths = names.filter((name) => name !== 'index');
  return { '*': Object.fromEntries(subpaths.map((name) => [name, [`./dist/${name}.d.cts`]])) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const before = readFileSync('package.json', 'utf8');
  const names = Object.keys(entries());
  const manifest = JSON.parse(before) as Record<string, unknown>;
  manifest.exports = exportsOf(names);
  manifest.typesVersions = typesVersionsOf(names);
  const after = `${JSON.stringify(manifest, null, 2)}\n`;
  if (after !== before) writeFileSync('package.json', after);
}
