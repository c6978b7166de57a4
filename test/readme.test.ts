import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as costspan from '../src/index.ts';
import * as postgres from '../src/postgres.ts';
import * as sqlite from '../src/sqlite.ts';

const readme = readFileSync('README.md', 'utf8');

test('the set-up of the README is the one the demo and the examples run with', () => {
  const [, setup = ''] = /```ts\n(import \{ NodeSDK[\s\S]*?)```/.exec(readme) ?? [];
  expect(statements(setup)).toEqual(statements(readFileSync('examples/telemetry.ts', 'utf8')));
});

test('the README’s table names every value that the package exports, and nothing else', () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: object };
  const [, table = ''] = /\n\| name \| what it is \|\n([\s\S]*?)\n\n/.exec(readme) ?? [];
  const named = table
    .split('\n')
    .flatMap((line) => line.split(' | ')[0]?.match(/`[^`]+`/g) ?? [])
    .flatMap((quoted) => /^[\w/]+/.exec(quoted.slice(1)) ?? []);
  const subpaths = named.filter((name) => name.startsWith('costspan/'));
  for (const path of subpaths) expect(Object.keys(exports)).toContain(path.replace('costspan', '.'));
  // Types of which applications write the values.
  const types = new Set(['CostEventSink', 'PriceList']);
  const values = named.filter((name) => !subpaths.includes(name) && !types.has(name));
  const exported = Object.keys({ ...costspan, ...sqlite, ...postgres });
  expect(values.toSorted(compare)).toEqual(exported.toSorted(compare));
});

test('the README lists every option of CostSpanProcessor, and no other', () => {
  const source = readFileSync('src/otel/config.ts', 'utf8');
  const [, options = ''] = /const OPTIONS = \[([\s\S]*?)\]/.exec(source) ?? [];
  const [, table = ''] =
    /\n\| option \| what it says [\s\S]*?\n\| --- [^\n]*\n([\s\S]*?)\n\n/.exec(
      readme.replaceAll('|---', '| --- '),
    ) ?? [];
  const listed = table.split('\n').flatMap((line) => line.split(' | ')[0]?.match(/\w+/g) ?? []);
  expect(listed.toSorted(compare)).toEqual((options.match(/\w+/g) ?? []).toSorted(compare));
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
