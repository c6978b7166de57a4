import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** Data flows left to right; a folder imports only itself and folders to its left. */
const FLOW = [
  'base',
  'usage',
  'providers',
  'pricing',
  'charging',
  'attribution',
  'wire',
  'calls',
  'instrumentations',
  'dialects',
  'metering',
  'delivery',
  'sinks',
  'ledger',
  'budgets',
  'otel',
  'reports',
  'receiver',
  'dashboard',
  'cli',
];
/** Names and programs: what an application imports or starts. They may name adapters. */
const ROOT = [
  'dashboard.ts',
  'hooks.ts',
  'index.ts',
  'postgres.ts',
  'receiver.ts',
  'register.ts',
  'reports.ts',
  'sqlite.ts',
  'version.ts',
];
/** Arithmetic and reading only, in everything they import: no OpenTelemetry, no Node, no SDK. */
const PURE = new Set(['usage', 'providers', 'pricing', 'charging', 'wire']);

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

const files = globSync('src/**/*.{ts,tsx}').sort();
const IMPORTS = new Map(files.map((file) => [file, importsOf(file)]));

/** The folder below `src` that a file stands in; '' for the names and programs at the root. */
function station(path: string): string {
  const inside = relative('src', path);
  return inside.includes('/') ? (inside.split('/')[0] ?? '') : '';
}

/** What touches an SDK, a destination or a database: only the front door and the programs may name it. */
function adapterOf(path: string): string | undefined {
  const match =
    /^src\/instrumentations\/(?!(?:http|stainless)\/)[^/]+(?=\/)/.exec(path) ??
    /^src\/sinks\/(?:memory|jsonl|http|otlp-log)(?=[./])/.exec(path) ??
    /^src\/ledger\/(?:sqlite|postgres)(?=[./])/.exec(path);
  return match?.[0];
}

/** What a file imports, `import type` and `import()` included; files of ours as paths, packages by name. */
function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)]
    .map((match) => match[1] ?? match[2] ?? '')
    .map((specifier) => (specifier.startsWith('.') ? join(dirname(file), specifier) : specifier));
}

const filesOfOurs = (file: string): string[] => (IMPORTS.get(file) ?? []).filter((to) => IMPORTS.has(to));
const packagesOf = (file: string): string[] => (IMPORTS.get(file) ?? []).filter((to) => !IMPORTS.has(to));

/** Everything a file brings along, itself included. */
function closureOf(file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const next of filesOfOurs(file)) closureOf(next, seen);
  return seen;
}

/** The files that reach themselves, each with the way it takes. */
function circles(importsBy: (file: string) => readonly string[], all: readonly string[]): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file);
    if (start >= 0) {
      found.push([...way.slice(start), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of importsBy(file)) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of all) visit(file, []);
  return found;
}

test.each(files.filter((file) => station(file) !== ''))('%s follows the flow', (file) => {
  const here = FLOW.indexOf(station(file));
  expect(here, `${file} stands in no station of the flow`).toBeGreaterThanOrEqual(0);
  for (const to of filesOfOurs(file)) {
    if (to === 'src/version.ts') continue;
    const there = FLOW.indexOf(station(to));
    expect(there, `${file} imports ${to}, which is a name or a program`).toBeGreaterThanOrEqual(0);
    expect(there, `${file} imports ${to}, against the flow`).toBeLessThanOrEqual(here);
  }
});

const PAGE = 'src/dashboard/page/';
const page = files.filter((file) => file.startsWith(PAGE));

test.each(page)('%s runs in a browser: the page, exact arithmetic, and the types of the API', (file) => {
  const outside = filesOfOurs(file).filter((to) => !to.startsWith(PAGE));
  const code = outside.filter((to) => to !== 'src/dashboard/api.ts');
  expect(code.filter((to) => station(to) !== 'base' || packagesOf(to).length > 0)).toEqual([]);
  expect(readFileSync(file, 'utf8')).not.toMatch(/import (?!type)[^;]*\/api\.ts'/);
  expect(packagesOf(file).filter((name) => !/^(?:preact|uplot)\b|\.css$/.test(name))).toEqual([]);
});

test('nothing that is installed imports the page', () => {
  expect(
    files.filter((file) => !page.includes(file) && filesOfOurs(file).some((to) => page.includes(to))),
  ).toEqual([]);
});

test('only names and programs stand at the root', () => {
  expect(files.filter((file) => station(file) === '').map((file) => relative('src', file))).toEqual(ROOT);
});

/** The one list of instrumentations: naming adapters is what it is for. */
const LIST = 'src/instrumentations/all.ts';
const namesNone = files.filter((file) => !['', 'cli'].includes(station(file)) && file !== LIST);

test.each(namesNone)('%s names no adapter', (file) => {
  const foreign = filesOfOurs(file).filter((to) => ![undefined, adapterOf(file)].includes(adapterOf(to)));
  expect(foreign, 'adapters are named by the front door and the programs only').toEqual([]);
});

test('no file reaches itself through its imports', () => {
  expect(circles(filesOfOurs, files)).toEqual([]);
});

test('a circle would be found', () => {
  const graph: Record<string, string[]> = { a: ['b'], b: ['c', 'd'], c: ['a'], d: [] };
  expect(circles((file) => graph[file] ?? [], Object.keys(graph))).toEqual([['a', 'b', 'c', 'a']]);
});

test.each(files.filter((file) => PURE.has(station(file))))('%s is pure in all it imports', (file) => {
  expect(
    [...closureOf(file)].flatMap((each) => packagesOf(each).map((name) => `${each} imports ${name}`)),
  ).toEqual([]);
});

test('no file has a `require` of its own: the CommonJS build says `require` for import.meta.url', () => {
  expect(
    files.filter((file) => /\b(?:const|let|function) require\b/.test(readFileSync(file, 'utf8'))),
  ).toEqual([]);
});

test('no station holds more than a fifth of the code', () => {
  const lines = new Map<string, number>();
  let all = 0;
  for (const file of files) {
    const count = readFileSync(file, 'utf8').split('\n').length;
    all += count;
    lines.set(station(file), (lines.get(station(file)) ?? 0) + count);
  }
  const large = [...lines].filter(([, count]) => count > all / 5);
  expect(large).toEqual([]);
});

test('the check sees every file and every import', () => {
  expect(files.length).toBeGreaterThan(200);
  expect(IMPORTS.get('src/hooks.ts')).toEqual([
    'src/base/check-node.ts',
    'src/instrumentations/loader-hooks.ts',
  ]);
  expect(packagesOf('src/attribution/caller-context.ts')).toContain('@opentelemetry/api');
});
