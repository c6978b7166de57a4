import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inspectProject } from '../../../src/cli/doctor/inspect-project.ts';
import { judgeRun } from '../../../src/cli/doctor/judge-run.ts';
import { mergeReports, type RunReport } from '../../../src/cli/doctor/run-report.ts';
import type { Project } from '../../../src/cli/project/project.ts';

const good: RunReport = {
  metered: true,
  calls: 1,
  unpriced: {},
  loaded: {},
  instrumentations: [],
  requests: {},
  leaks: [],
  warnings: [],
};
const idsOf = (report: Partial<RunReport>): string[] => judgeRun({ ...good, ...report }).map(({ id }) => id);

describe('what a run shows', () => {
  const hook = (name: string, patched: boolean) => ({ package: name, how: 'hook' as const, patched });

  test('nothing, where calls were seen', () => {
    expect(idsOf({})).toEqual([]);
    expect(idsOf({ loaded: { openai: { early: false } }, instrumentations: [hook('openai', true)] })).toEqual(
      [],
    );
  });

  test('an SDK that is not patched: loaded too early, or never; the net beneath it makes up for it', () => {
    const loaded = { openai: { early: false }, '@mistralai/mistralai': { early: false } };
    const found = judgeRun({ ...good, loaded, instrumentations: [hook('openai', false)] });
    expect(found.map(({ id, fix }) => [id, fix])).toEqual([
      [
        'sdk-not-patched',
        'Construct the instrumentation of openai in your set-up; a test runner or bundler needs manuallyInstrument(openai).',
      ],
      ['sdk-not-patched', 'Add new ProviderFetchInstrumentation() to your set-up.'],
    ]);
    expect(idsOf({ loaded: { openai: { early: true } } })).toEqual(['sdk-too-early']);
    const net = (patched: boolean) => [{ package: 'fetch', how: 'net' as const, patched }];
    expect(idsOf({ loaded, instrumentations: net(true) })).toEqual([]);
    expect(idsOf({ loaded, instrumentations: net(false) })).toHaveLength(2);
  });

  test('requests that no call was seen of come from a bundle', () => {
    const requests = { 'api.openai.com': 1 };
    expect(idsOf({ calls: 0, requests })).toEqual(['sdk-bundled']);
    expect(idsOf({ calls: 1, requests })).toEqual([]);
    expect(
      idsOf({
        calls: 0,
        requests,
        loaded: { openai: { early: false } },
        instrumentations: [hook('openai', true)],
      }),
    ).toEqual([]);
    expect(idsOf({ calls: 0 })).toEqual(['no-calls']);
    expect(idsOf({ calls: 0, metered: false })).toEqual(['not-set-up']);
  });

  test('every warning under a name of its own, with its fix; one that nobody knows is a hint', () => {
    const found = judgeRun({
      ...good,
      warnings: [
        'openai 3.0.0 is outside the tested range: its calls are not observed. Install a tested version.',
        'something new',
      ],
      leaks: ['api.openai.com'],
      unpriced: { house: 'no price list knows openai/house' },
    });
    expect(found.map(({ id, level, fix }) => [id, level, fix])).toEqual([
      ['unpriced-model', 'hint', expect.stringContaining('costspan reprice')],
      ['baggage-leaks', 'problem', expect.stringContaining('outbound')],
      ['sdk-out-of-range', 'problem', 'Install a tested version.'],
      ['said', 'hint', 'See docs/attribution.md and docs/delivery.md.'],
    ]);
  });

  test('of several processes, together', () => {
    const merged = mergeReports([
      { ...good, loaded: { openai: { early: true } }, requests: { a: 1 }, leaks: ['a'], warnings: ['x'] },
      {
        ...good,
        metered: false,
        loaded: { openai: { early: false } },
        requests: { a: 2, b: 1 },
        leaks: ['a'],
        warnings: ['x', 'y'],
      },
    ]);
    expect(merged).toMatchObject({
      metered: true,
      calls: 2,
      loaded: { openai: { early: true } },
      requests: { a: 3, b: 1 },
      leaks: ['a'],
      warnings: ['x', 'y'],
    });
  });
});

describe('what a folder shows', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'costspan-doctor-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const found = (project: Partial<Project> = {}, env: Record<string, string> = {}) =>
    inspectProject(
      {
        folder,
        manager: 'npm',
        format: 'esm',
        typescript: false,
        scripts: {},
        packages: [{ name: 'costspan', version: '1.0.0', kind: 'costspan' }],
        ...project,
      },
      env,
      new Date('2026-11-20T00:00:00Z'),
    ).map(({ id, fix }) => [id, fix]);

  test('nothing, where all is well; an empty variable is an unset one', () => {
    expect(found()).toEqual([]);
    expect(found({}, { OTEL_TRACES_SAMPLER: '', OTEL_LOG_LEVEL: '', OTEL_SDK_DISABLED: '' })).toEqual([]);
    expect(
      found(
        {},
        { OTEL_TRACES_SAMPLER: 'parentbased_always_on', OTEL_LOG_LEVEL: 'warn', OTEL_SDK_DISABLED: 'false' },
      ),
    ).toEqual([]);
  });

  test.each([
    [{ OTEL_LOG_LEVEL: 'ERROR' }, 'diag-invisible'],
    [{ OTEL_LOG_LEVEL: 'none' }, 'diag-invisible'],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, 'sampler-drops'],
    [{ OTEL_SDK_DISABLED: 'TRUE' }, 'sdk-disabled'],
  ])('%j is named: %s', (env, id) => {
    expect(found({}, env as Record<string, string>).map(([name]) => name)).toEqual([id]);
  });

  test('what is to be installed, by the manager that is used here', () => {
    const packages: Project['packages'] = [{ name: 'openai', version: '3.0.0', kind: 'sdk' }];
    expect(found({ manager: 'pnpm', packages })).toEqual([
      ['not-installed', 'pnpm add costspan'],
      ['sdk-out-of-range', expect.stringMatching(/^pnpm add openai@/)],
    ]);
    expect(found({ packages: [{ name: 'costspan', kind: 'costspan' }] })[0]?.[1]).toBe(
      'npm install costspan',
    );
  });

  test('what Next.js must not bundle, in the file that is there or will be', () => {
    const packages: Project['packages'] = [
      { name: 'costspan', version: '1.0.0', kind: 'costspan' },
      { name: 'openai', version: '7.0.0', kind: 'sdk' },
    ];
    const next = (): unknown => found({ framework: 'next', packages });
    expect(next()).toEqual([
      ['bundled', "In next.config.mjs: serverExternalPackages: ['costspan', 'openai']"],
    ]);
    writeFileSync(
      join(folder, 'next.config.js'),
      "module.exports = { serverExternalPackages: ['costspan'] };",
    );
    expect(next()).toEqual([
      ['bundled', "In next.config.js: serverExternalPackages: ['costspan', 'openai']"],
    ]);
    writeFileSync(
      join(folder, 'next.config.js'),
      'module.exports = { serverExternalPackages: ["costspan", "openai"] };',
    );
    expect(next()).toEqual([]);
  });

  test('a ledger that cannot be used; a database elsewhere is not opened', () => {
    expect(found({}, { COSTSPAN_DB: 'postgres://nowhere/costs' })).toEqual([]);
    expect(found({}, { COSTSPAN_DB: join(folder, 'absent', 'costs.db') })[0]?.[0]).toBe('ledger-unusable');
    writeFileSync(join(folder, 'costs.db'), 'no database at all, but a text of some length');
    expect(found()[0]?.[0]).toBe('ledger-unusable');
  });
});
