import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiReference } from '../../scripts/api-reference.ts';
import { entries } from '../../scripts/package-entries.ts';
import { costspan } from '../support/cli.ts';
import { asModule, type Block, codeBlocks } from './blocks.ts';

const ROOT = process.cwd();
const folder = join(ROOT, '.cache/docs');
const exportsOf: Record<string, readonly string[]> = {};

beforeAll(async () => {
  for (const [name, file] of Object.entries(entries())) {
    // The programs export nothing, and start.
    if (name === 'register' || name === 'hooks') continue;
    const values = Object.keys((await import(join(ROOT, file))) as object);
    const types = [...readFileSync(file, 'utf8').matchAll(/\btype (\w+)/g)].map(([, type = '']) => type);
    exportsOf[name === 'index' ? 'costspan' : `costspan/${name}`] = [...new Set([...values, ...types])];
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = ({ place }: Block): string => `${place.replaceAll(/[^\w]+/g, '-')}.ts`;

test('the API reference is what the sources say (node scripts/api-reference.ts)', () => {
  expect(readFileSync('docs/api.md', 'utf8')).toBe(apiReference());
});

test('every block of TypeScript compiles against the package', () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const blocks = codeBlocks('ts');
  expect(blocks.length).toBeGreaterThan(20);
  for (const block of blocks) writeFileSync(join(folder, fileOf(block)), asModule(block, exportsOf));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, noImplicitAny: false },
      include: ['*.ts'],
      exclude: [],
    }),
  );
  const done = spawnSync('node_modules/.bin/tsc', ['-p', folder], { encoding: 'utf8' });
  const errors = done.stdout
    .split('\n')
    .filter((line) => line.includes('error TS') && !OF_THE_READER.test(line));
  expect(errors).toEqual([]);
});

/** Names that are not declared, and what follows from them: `answer(request)` is the application's own. */
const OF_THE_READER = /error TS(?:2304|2503|2552|18004|18046|2698):/;

/** Blocks that stand for themselves: they import what they use, and leave nothing to the reader. */
const programs = codeBlocks('ts').filter(
  ({ code }) =>
    /from 'costspan/.test(code) && /^startCostspan|^new NodeSDK/m.test(code) && !code.includes('…'),
);

describe('a block that is a whole program runs', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'costspan-docs-'));
  beforeAll(() => {
    symlinkSync(join(ROOT, 'node_modules'), join(scratch, 'node_modules'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test.each(programs.map((block) => [block.place, block.code]))('%s', (place, code) => {
    const file = join(ROOT, `.cache/${place.replaceAll(/\W+/g, '-')}.run.ts`);
    writeFileSync(file, code);
    try {
      const done = spawnSync(process.execPath, ['--no-warnings', file], {
        cwd: scratch,
        encoding: 'utf8',
        timeout: 20_000,
        env: { ...process.env, OTEL_SDK_DISABLED: '' },
      });
      expect(done).toMatchObject({ status: 0, stdout: '' });
    } finally {
      rmSync(file);
    }
  });
});

/** `costspan report --by customer`, out of the lines of a block; what stands behind a pipe or a comment is another's. */
const COMMANDS = codeBlocks('sh').flatMap(({ place, code }) =>
  [...code.matchAll(/(?:^|= )(costspan [^|#\n]+)/gm)].map(([, line = '']) => [place, line.trim()] as const),
);

test.each(COMMANDS)('%s: `%s` names a command and options that exist', async (_place, line) => {
  const words = line.split(' -- ')[0]?.split(/\s+/).slice(1) ?? [];
  const names = words.filter((word) => /^[a-z-]+$/.test(word) && !word.startsWith('-'));
  let help = await costspan(names[0] ?? '', '--help');
  expect(help.code, line).toBe(0);
  if (help.stdout.includes(`  ${names[1]} `) || help.stdout.includes(`  ${names[1]}|`))
    help = await costspan(names[0] ?? '', names[1] ?? '', '--help');
  for (const word of words) {
    if (word.startsWith('--')) expect(help.stdout, line).toContain(word.replace(/=.*/, ''));
  }
});
