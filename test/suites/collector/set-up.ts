import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the built collector, or why there is none. */
    collector: { readonly binary: string } | { readonly missing: string };
  }
}

const suite: string = fileURLToPath(new URL('.', import.meta.url));
const buildScript: string = fileURLToPath(new URL('../../../examples/collector/build.sh', import.meta.url));

/** Builds the collector and installs ClickHouse's engine, both only when something changed. */
export function setup(project: TestProject): void {
  installFixtures();
  project.provide('collector', buildCollector());
}

function installFixtures(): void {
  const lock = readFileSync(`${suite}package-lock.json`);
  const hash = createHash('sha256').update(lock).digest('hex');
  const stamp = `${suite}node_modules/.lock-hash`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  // Not `npm ci`: it insists on a lock with the engine's builds for every other platform.
  const args = ['install', '--no-save', '--ignore-scripts'];
  execFileSync('npm', args, { cwd: suite, stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(stamp, hash);
}

function buildCollector(): { readonly binary: string } | { readonly missing: string } {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
  } catch (error) {
    const missing = 'Go is not installed, so the collector cannot be built (https://go.dev/dl)';
    // Where the answer counts, a skipped test must not look like a passed one.
    if (process.env['CI']) throw new Error(`${missing}; in CI these tests must not skip.`, { cause: error });
    return { missing };
  }
  const started = Date.now();
  const output = execFileSync('sh', [buildScript], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  process.stdout.write(`collector ready after ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return { binary: output.trim() };
}
