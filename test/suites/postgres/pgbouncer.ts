import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type PostgresServer } from './server.ts';

/** Debian's place is not on everybody's path. */
const PROGRAM = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => existsSync(path));

/** PgBouncer before a server, pooling by transaction: a client has another connection in each. */
export class PgBouncer {
  readonly #process: ChildProcess;
  readonly #port: number;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.#port = port;
  }

  static async create(server: PostgresServer): Promise<PgBouncer> {
    if (PROGRAM === undefined) throw new Error('PgBouncer is not installed: apt-get install pgbouncer');
    const port = await freePort();
    const users = join(server.folder, 'users.txt');
    const settings = join(server.folder, 'pgbouncer.ini');
    writeFileSync(users, '"costspan" ""\n', { mode: 0o644 });
    // Two connections for all clients, so that no client keeps one to itself.
    writeFileSync(
      settings,
      `[databases]
postgres = host=127.0.0.1 port=${server.port} dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
`,
      { mode: 0o644 },
    );
    const log: string[] = [];
    const child = spawn(PROGRAM, [settings], { ...server.user, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => log.push(String(text)));
    for (let tries = 0; !(await isListening(port)); tries++) {
      if (child.exitCode !== null || tries > 300) throw new Error(`PgBouncer did not start: ${log.join('')}`);
      await sleep(100);
    }
    return new PgBouncer(child, port);
  }

  get url(): string {
    return `postgres://costspan@127.0.0.1:${this.#port}/postgres`;
  }

  async destroy(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
