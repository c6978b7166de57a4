import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the built collector; empty where there is none. */
    collectorBinary: string;
    /** Why there is no collector, no ClickHouse engine, no Prometheus; empty where there is one. */
    collectorMissing: string;
    clickHouseMissing: string;
    prometheusMissing: string;
  }
}

const suite: string = fileURLToPath(new URL('.', import.meta.url));
const buildScript: string = fileURLToPath(new URL('../../../examples/collector/build.sh', import.meta.url));

/** Builds the collector when something it is made from changed, and sees what cannot be tested here. */
export function setup(project: TestProject): void {
  const clickHouseMissing = findClickHouse();
  const collectorMissing = findProgram(
    'go',
    'so the collector cannot be built (https://go.dev/dl)',
    'version',
  );
  const prometheusMissing = ['prometheus', 'promtool']
    .map((name) => findProgram(name, 'apt-get install prometheus', '--version'))
    .find((reason) => reason !== '');
  // Where the answer counts, a skipped test must not look like a passed one.
  const missing = [clickHouseMissing, collectorMissing, prometheusMissing ?? ''].filter(
    (reason) => reason !== '',
  );
  if (process.env['CI'] && missing.length > 0) {
    throw new Error(`${missing.join('; ')}. In CI these tests must not skip.`);
  }
  project.provide('clickHouseMissing', clickHouseMissing);
  project.provide('collectorMissing', collectorMissing);
  project.provide('prometheusMissing', prometheusMissing ?? '');
  project.provide('collectorBinary', collectorMissing === '' ? buildCollector() : '');
}

function findClickHouse(): string {
  try {
    execFileSync(process.execPath, ['-e', `require('chdb')`], { cwd: suite, stdio: 'ignore' });
    return '';
  } catch {
    return `chdb is not installed (npm run test:suites collector does it) or does not run on ${process.platform}-${process.arch}`;
  }
}

function findProgram(name: string, whatThen: string, ...args: readonly string[]): string {
  try {
    execFileSync(name, args, { stdio: 'ignore' });
    return '';
  } catch {
    return `${name} is not installed: ${whatThen}`;
  }
}

function buildCollector(): string {
  const started = Date.now();
  const output = execFileSync('sh', [buildScript], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  process.stdout.write(`collector ready after ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return output.trim();
}
