import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PostgreSQL of this suite's own: on a free port of the loopback, in a folder that goes with it. */
export class PostgresServer {
  readonly folder: string;
  readonly port: number;
  readonly #user: { readonly uid: number; readonly gid: number } | undefined;

  private constructor(folder: string, port: number, user: PostgresServer['user']) {
    this.folder = folder;
    this.port = port;
    this.#user = user;
  }

  get user(): { readonly uid: number; readonly gid: number } | undefined {
    return this.#user;
  }

  static async create(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-postgres-'));
    const user = ordinaryUser();
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    const server = new PostgresServer(folder, await freePort(), user);
    server.#run('initdb', [
      '-D',
      server.data,
      '-U',
      'costspan',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ]);
    server.start();
    return server;
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  get url(): string {
    return `postgres://costspan@127.0.0.1:${this.port}/postgres`;
  }

  start(): void {
    const options = `-p ${this.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=60`;
    this.#run('pg_ctl', ['-D', this.data, '-w', '-l', join(this.folder, 'log'), '-o', options, 'start']);
  }

  /** As `kill -9` of the server, or in good order. */
  stop(mode: 'fast' | 'immediate' = 'fast'): void {
    this.#run('pg_ctl', ['-D', this.data, '-w', '-m', mode, 'stop']);
  }

  destroy(): void {
    try {
      this.stop('immediate');
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  #run(program: string, args: readonly string[]): void {
    const result = spawnSync(join(binaries(), program), args, {
      ...this.#user,
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: '/',
    });
    if (result.status !== 0) throw new Error(`${program} failed: ${String(result.stderr)}`);
  }
}

/** PostgreSQL refuses to run as root; then the system's user `nobody` runs it. */
function ordinaryUser(): PostgresServer['user'] {
  if (process.getuid?.() !== 0) return undefined;
  const [, , uid, gid] = execFileSync('getent', ['passwd', 'nobody'], { encoding: 'utf8' }).split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Debian's programs, installed where they are missing and this user may. */
function binaries(): string {
  const found = installed();
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql'], {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  const folder = installed();
  if (folder === undefined) throw new Error('The package postgresql brought no server.');
  return folder;
}

function installed(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
