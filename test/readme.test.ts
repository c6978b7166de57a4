import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const readme = readFileSync('README.md', 'utf8');

test('the set-up of the README is the one the demo and the examples run with', () => {
  const [, setup = ''] = /```ts\n(import \{ NodeSDK[\s\S]*?)```/.exec(readme) ?? [];
  expect(statements(setup)).toEqual(statements(readFileSync('examples/telemetry.ts', 'utf8')));
});

test('the README names nothing that the package does not export', () => {
  const index = readFileSync('src/index.ts', 'utf8');
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: object };
  const [, table = ''] = /\n\| name \| what it is \|\n([\s\S]*?)\n\n/.exec(readme) ?? [];
  const names = table.split('\n').flatMap((line) => line.split(' | ')[0]?.match(/`[^`]+`/g) ?? []);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names.map((quoted) => quoted.slice(1, -1))) {
    const [word = ''] = /^[\w/]+/.exec(name) ?? [];
    if (word.startsWith('costspan/')) expect(Object.keys(exports)).toContain(word.replace('costspan', '.'));
    else if (word !== 'SqliteLedger') expect(index).toMatch(new RegExp(`\\b${word}\\b`));
  }
});

test('the files the README links to are there', () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(3);
  for (const path of links.filter((link) => !link.startsWith('http'))) {
    expect(() => readFileSync(path === 'examples' ? 'examples/telemetry.ts' : path)).not.toThrow();
  }
});

/** The code without its comments and without the order of its imports, which the linter decides. */
function statements(code: string): string[] {
  const lines = code.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('//'));
  const named = lines.map((line) =>
    line.replace(
      /\{ (.*?) \} from/,
      (_, names: string) => `{ ${names.split(', ').toSorted(compare).join(', ')} } from`,
    ),
  );
  const imports = named.filter((line) => line.startsWith('import'));
  return [...imports.toSorted(compare), ...named.filter((line) => !line.startsWith('import'))];
}

function compare(a: string, b: string): number {
  return a.localeCompare(b);
}
