import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

/** The repository's root, with a slash at the end. */
export const root: string = fileURLToPath(new URL('../../..', import.meta.url));

const missing = inject('collectorMissing');

/** Whether a collector can be started here; where not, the tests skip, and titles end in the reason. */
export const noCollector: boolean = missing !== '';
export const whyNot: string = noCollector ? ` (skipped: ${missing})` : '';

/** Runs a collector command to its end, e.g. `validate`. */
export function runCollector(...args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  return spawnSync(inject('collectorBinary'), args, { cwd: root, encoding: 'utf8' });
}

/** A collector process on ports and with a queue directory of its own, which both outlive its death. */
export class Collector {
  readonly #configs: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #directory: string;
  #process: ChildProcess | undefined;
  #log = '';
  /** `http://…` of its OTLP receiver, and `host:port` of the one that speaks gRPC. */
  readonly url: string;
  readonly grpc: string;
  /** `http://…/metrics` that Prometheus would scrape. */
  readonly metricsUrl: string;
  /** `http://…/metrics` about the collector itself. */
  readonly telemetryUrl: string;
  readonly #healthUrl: string;

  private constructor(
    configs: readonly string[],
    env: Readonly<Record<string, string>>,
    ports: readonly number[],
  ) {
    const [grpc = 0, http = 0, cost = 0, spans = 0, health = 0, metrics = 0, telemetry = 0] = ports;
    this.#configs = configs;
    this.#directory = mkdtempSync(join(tmpdir(), 'costspan-collector-'));
    this.#env = {
      COLLECTOR_QUEUE_DIR: join(this.#directory, 'queue'),
      COLLECTOR_GRPC: `127.0.0.1:${grpc}`,
      COLLECTOR_HTTP: `127.0.0.1:${http}`,
      COLLECTOR_COST: `127.0.0.1:${cost}`,
      COLLECTOR_COST_SPANS: `127.0.0.1:${spans}`,
      COLLECTOR_HEALTH: `127.0.0.1:${health}`,
      COLLECTOR_METRICS: `127.0.0.1:${metrics}`,
      COLLECTOR_TELEMETRY_PORT: `${telemetry}`,
      ...env,
    };
    this.url = `http://127.0.0.1:${http}`;
    this.grpc = `127.0.0.1:${grpc}`;
    this.metricsUrl = `http://127.0.0.1:${metrics}/metrics`;
    this.telemetryUrl = `http://127.0.0.1:${telemetry}/metrics`;
    this.#healthUrl = `http://127.0.0.1:${health}`;
  }

  /** Starts with the configurations (paths from the root or `yaml:…`), later ones on top of earlier ones. */
  static async start(
    configs: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Collector> {
    const collector = new Collector(configs, env, await freePorts(7));
    await collector.start();
    return collector;
  }

  async start(): Promise<void> {
    const args = this.#configs.flatMap((config) => ['--config', located(config)]);
    const child = spawn(inject('collectorBinary'), args, {
      cwd: this.#directory,
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    this.#log = '';
    child.stderr?.on('data', (chunk: Buffer) => (this.#log = (this.#log + chunk.toString()).slice(-20_000)));
    while (!(await this.#isHealthy())) {
      if (child.exitCode !== null)
        throw new Error(`the collector ended with ${child.exitCode}:\n${this.#log}`);
      await sleep(50);
    }
  }

  async #isHealthy(): Promise<boolean> {
    try {
      return (await fetch(this.#healthUrl)).ok;
    } catch {
      return false;
    }
  }

  /** `kill -9`: no goodbye, no flush. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it and forgets its queue. */
  async stop(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

function located(config: string): string {
  return config.startsWith('yaml:') ? config : join(root, config);
}

/**
 * Ports that were free a moment ago, all different. Below the range that outgoing connections get theirs from, so
 * that none of them takes a port while its collector is dead.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(port, '127.0.0.1');
  if (!(await listening)) return false;
  await once(server.close(), 'close');
  return true;
}
