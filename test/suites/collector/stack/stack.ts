import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { PostgresServer } from '../../postgres/server.ts';
import { ClickHouse } from '../clickhouse.ts';
import { ClickHouseHttp } from '../clickhouse-http.ts';
import { Collector, root } from '../collector.ts';
import { Prometheus } from './prometheus.ts';

const here = 'test/suites/collector/stack';

/** The stack that people already run: an application, the collector, Prometheus, ClickHouse, PostgreSQL. */
export class Stack {
  readonly clickHouse: ClickHouse;
  readonly postgres: PostgresServer;
  readonly prometheus: Prometheus;
  readonly #http: ClickHouseHttp;
  readonly #collector: Collector;
  readonly #app: ChildProcess;
  readonly #lines: Interface;

  private constructor(parts: {
    readonly clickHouse: ClickHouse;
    readonly http: ClickHouseHttp;
    readonly postgres: PostgresServer;
    readonly collector: Collector;
    readonly prometheus: Prometheus;
  }) {
    this.clickHouse = parts.clickHouse;
    this.postgres = parts.postgres;
    this.prometheus = parts.prometheus;
    this.#http = parts.http;
    this.#collector = parts.collector;
    const imports = ['examples/loopback/start.ts', `${here}/telemetry.ts`].flatMap((file) => [
      '--import',
      `./${file}`,
    ]);
    this.#app = spawn(process.execPath, [...imports, `${here}/application.ts`], {
      cwd: root,
      env: {
        ...process.env,
        OTEL_TRACES_EXPORTER: undefined,
        OTEL_METRICS_EXPORTER: undefined,
        OTEL_LOGS_EXPORTER: undefined,
        OTEL_LOG_LEVEL: 'error',
        OTEL_SERVICE_NAME: 'support-desk',
        OTEL_EXPORTER_OTLP_ENDPOINT: parts.collector.url,
        STACK_DATABASE: parts.postgres.url,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    process.once('exit', () => this.#app.kill('SIGKILL'));
    this.#lines = createInterface(this.#app.stdout!);
  }

  static async start(): Promise<Stack> {
    const clickHouse = await ClickHouse.start();
    await clickHouse.run(readFileSync(`${root}${here}/traces.sql`, 'utf8'));
    const http = await ClickHouseHttp.start(clickHouse);
    const postgres = await PostgresServer.create();
    const collector = await Collector.start(['collector-config.yaml', `${here}/traces.yaml`], {
      CLICKHOUSE_ENDPOINT: http.endpoint,
      TRACE_SAMPLING_PERCENTAGE: '100',
      // Not part of this stack: nobody answers there, and nobody waits for it.
      KAFKA_BROKERS: '127.0.0.1:1',
      OTLP_BACKEND: 'http://127.0.0.1:1',
      COSTSPAN_RECEIVER: 'http://127.0.0.1:1',
    });
    const targets = [collector.metricsUrl, collector.telemetryUrl].map((url) => new URL(url).host);
    const prometheus = await Prometheus.start(targets, `${root}examples/prometheus/rules.yml`);
    return new Stack({ clickHouse, http, postgres, collector, prometheus });
  }

  /** One round of the application's traffic. */
  async round(): Promise<void> {
    const done = once(this.#lines, 'line');
    this.#app.stdin!.write('go\n');
    await done;
  }

  async stop(): Promise<void> {
    this.#app.kill('SIGKILL');
    await this.prometheus.stop();
    await this.#collector.stop();
    await this.#http.stop();
    this.clickHouse.stop();
    this.postgres.destroy();
  }
}
