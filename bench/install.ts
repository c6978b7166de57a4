import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures } from './figures.ts';

const PEERS = join(import.meta.dirname, 'peers');
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

/** What each peer's lock file says, unless it is there. */
export function installPeers(peers: readonly string[] = readdirSync(PEERS)): void {
  for (const peer of peers) {
    const cwd = join(PEERS, peer);
    if (!existsSync(join(cwd, 'node_modules')))
      execFileSync('npm', ['ci', ...QUIET], { cwd, stdio: 'inherit' });
  }
}

/** What comes into an application's node_modules, without the SDK and the API it has anyway. */
export function installed(): Readonly<Record<string, Figures>> {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-bench-'));
  try {
    const packed = execFileSync(
      'npm',
      ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder],
      {
        encoding: 'utf8',
      },
    );
    const app = join(folder, 'app');
    mkdirSync(app);
    const tarball = join(folder, packed.trim().split('\n').at(-1) ?? '');
    execFileSync('npm', ['install', ...QUIET, '--omit=optional', tarball, '@opentelemetry/api@1.10.0'], {
      cwd: app,
    });
    const peers = readdirSync(PEERS).filter((peer) => peer !== 'costspan');
    return {
      ...Object.fromEntries(peers.map((peer) => [peer, sizeOf(join(PEERS, peer, 'node_modules'))])),
      costspan: sizeOf(join(app, 'node_modules')),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const THERE_ANYWAY: ReadonlySet<string> = new Set(['openai', '@anthropic-ai/sdk', '@opentelemetry/api']);

function sizeOf(modules: string): Figures {
  const packages = readdirSync(modules)
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((part) => `${name}/${part}`) : [name],
    )
    .filter((name) => !name.startsWith('.') && !THERE_ANYWAY.has(name));
  const bytes = packages.reduce((sum, name) => sum + bytesIn(join(modules, name)), 0);
  return { packages: packages.length, MB: bytes / 1e6 };
}

function bytesIn(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}
