import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { freePorts } from '../collector.ts';

const missing = inject('prometheusMissing');

/** Whether Prometheus can be started here; where not, the tests skip, and titles end in the reason. */
export const noPrometheus: boolean = missing !== '';
export const whyNoPrometheus: string = noPrometheus ? ` (skipped: ${missing})` : '';

/** Debian's package `prometheus`, on a port and in a folder of its own. */
export class Prometheus {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #url: string;
  #log = '';

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#url = `http://127.0.0.1:${port}`;
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    this.#process = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    // Also when the rest of the stack does not come up.
    process.once('exit', () => this.#process.kill('SIGKILL'));
    this.#process.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#log = (this.#log + chunk.toString()).slice(-5_000)),
    );
  }

  /** Scrapes `host:port/metrics` of each target every second, and evaluates the rules as often. */
  static async start(targets: readonly string[], rules: string): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'costspan-prometheus-'));
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'collector', static_configs: [{ targets }] }],
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const [port = 0] = await freePorts(1);
    const prometheus = new Prometheus(folder, port);
    while (!(await prometheus.#isReady())) {
      if (prometheus.#process.exitCode !== null) throw new Error(`Prometheus ended:\n${prometheus.#log}`);
      await sleep(50);
    }
    return prometheus;
  }

  /** An instant query: its series. */
  async query(query: string): Promise<readonly Sample[]> {
    const { result } = await this.#get<{ result: { metric: Sample['labels']; value: [number, string] }[] }>(
      `query?query=${encodeURIComponent(query)}`,
    );
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** As Grafana's `label_values(selector, label)`. */
  labelValues(selector: string, label: string): Promise<readonly string[]> {
    return this.#get(`label/${label}/values?match[]=${encodeURIComponent(selector)}`);
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${path}`);
    const body = (await response.json()) as { status: string; error?: string; data: T };
    if (body.status !== 'success') throw new Error(`${decodeURIComponent(path)}: ${body.error}`);
    return body.data;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.#url}/-/ready`)).ok;
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    if (this.#process.exitCode === null && this.#process.kill('SIGKILL')) await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Runs a promtool command; what it finds wrong is the error. */
export function promtool(...args: readonly string[]): string {
  return execFileSync('promtool', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
