import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** Data flows left to right; a folder imports only itself and folders to its left. */
const FLOW = [
  'errors',
  'usage',
  'pricing',
  'attribution',
  'providers',
  'dialects',
  'metering',
  'ledger',
  'sinks',
  'budgets',
  'reports',
  'dashboard',
  'cli',
];
/** Programs and the front door: they may import adapters. */
const PROGRAMS = ['', 'cli', 'dashboard'];
/** Arithmetic only: no OpenTelemetry, no SDK; the one file that knows the price catalogue is the exception. */
const PURE = new Set(['usage', 'pricing']);
const PRICE_ADAPTER = 'src/pricing/genai-prices.ts';

/** Opens whatever ledger a path names, for the programs. */
const OPENERS = new Set(['src/ledger/open-ledger-file.ts']);

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

const files = globSync('src/**/*.ts');

/** The station a file belongs to; '' for the files of the front door. `errors.ts` is a station of one file. */
function station(path: string): string {
  const inside = relative('src', path);
  if (inside.includes('/')) return inside.split('/')[0] ?? '';
  return FLOW.find((name) => inside === `${name}.ts`) ?? '';
}

/**
 * The adapter a file belongs to, if any: what touches an SDK, a destination or a database, and what only the
 * front door and the programs may name. The rest of a provider's folder is its wire: pure readers, which other
 * hosts of the same wire share.
 */
function adapterOf(path: string): string | undefined {
  const match =
    /^src\/providers\/(?!stainless\/)[^/]+(?=\/(?:instrumentation|sdk)\.ts$)/.exec(path) ??
    /^src\/sinks\/(?:memory|jsonl|http|otlp-log)(?=[./])/.exec(path) ??
    /^src\/ledger\/(?:sqlite|postgres)(?=[./])/.exec(path);
  return match?.[0];
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

test.each(files)('%s follows the flow', (file) => {
  const from = station(file);
  for (const specifier of importsOf(file)) {
    if (!specifier.startsWith('.')) {
      const allowed = !PURE.has(from) || file === PRICE_ADAPTER;
      expect(allowed, `${from} is pure, yet imports ${specifier}`).toBe(true);
      continue;
    }
    const target = join(dirname(file), specifier);
    const to = station(target);
    if (from !== '' && target !== 'src/version.ts') {
      expect(FLOW.indexOf(to), `${from} imports ${target}, against the flow`).toBeLessThanOrEqual(
        FLOW.indexOf(from),
      );
      expect(FLOW.indexOf(to), `${from} imports the front door`).toBeGreaterThanOrEqual(0);
    }
    const adapter = adapterOf(target);
    if (adapter !== undefined && adapter !== adapterOf(file) && !OPENERS.has(file)) {
      expect(PROGRAMS, `${file} imports the adapter ${adapter}`).toContain(from);
    }
  }
});

test.each(
  files.filter(
    (file) => /^src\/providers\/[^/]+\/(?!instrumentation|sdk)/.test(file) && !/\/stainless\//.test(file),
  ),
)('%s reads the wire and touches no package', (file) => {
  expect(importsOf(file).filter((name) => !/^(\.|node:)/.test(name))).toEqual([]);
});

test('the check sees every file and every import', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(importsOf('src/hooks.ts')).toEqual(['./providers/loader-hooks.ts']);
});
