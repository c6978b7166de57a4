import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { root } from './collector.ts';

const missing = inject('clickHouseMissing');

/** Whether ClickHouse's engine runs here; where not, the tests skip, and titles end in the reason. */
export const noClickHouse: boolean = missing !== '';
export const whyNoClickHouse: string = noClickHouse ? ` (skipped: ${missing})` : '';

/** What the tests use of chdb, which is installed for this suite alone. */
interface Chdb {
  readonly Session: new () => ChdbSession;
}

interface ChdbSession {
  queryAsync(sql: string, options?: { readonly format?: string }): Promise<{ text(): string }>;
  queryBindAsync(
    sql: string,
    parameters: object,
    options?: { readonly format?: string },
  ): Promise<{ text(): string }>;
  close(): void;
}

/** ClickHouse's own engine in this process, with our schema. One at a time. */
export class ClickHouse {
  readonly #session: ChdbSession;

  private constructor(session: ChdbSession) {
    this.#session = session;
  }

  static async start(): Promise<ClickHouse> {
    const { Session } = createRequire(import.meta.url)('chdb') as Chdb;
    const clickHouse = new ClickHouse(new Session());
    await clickHouse.applySchema();
    return clickHouse;
  }

  async applySchema(): Promise<void> {
    const sql = readFileSync(`${root}examples/clickhouse/schema.sql`, 'utf8').replaceAll(/^\s*--.*$/gm, '');
    for (const statement of sql.split(/;\s*$/m)) {
      if (statement.trim() !== '') await this.#session.queryAsync(statement);
    }
  }

  async run(sql: string): Promise<void> {
    await this.#session.queryAsync(sql);
  }

  /** Rows with every number as a string: no digit is lost on the way. */
  async query(sql: string, parameters: object = {}): Promise<readonly Row[]> {
    const settings =
      'SETTINGS output_format_json_quote_64bit_integers = 1, output_format_json_quote_decimals = 1';
    const statement = `SELECT * FROM (${sql.trim().replace(/;$/, '')}\n) ${settings}`;
    const result = await this.#session.queryBindAsync(statement, parameters, { format: 'JSON' });
    return (JSON.parse(result.text()) as { data: Row[] }).data;
  }

  /** One of examples/clickhouse/queries, for November 2026. */
  async answer(name: string, parameters: object = {}): Promise<readonly Row[]> {
    const sql = readFileSync(`${root}examples/clickhouse/queries/${name}.sql`, 'utf8');
    return this.query(sql, { start: '2026-11-01', end: '2026-12-01', ...parameters });
  }

  /** Rows as the collector's exporter would write them. */
  async insertLogs(rows: readonly LogRow[]): Promise<void> {
    const lines = rows.map((row) => JSON.stringify(row)).join('\n');
    await this.run(`INSERT INTO costspan.otel_logs FORMAT JSONEachRow ${lines}`);
  }

  /** Columns with their types, as the server's HTTP interface would answer. */
  async typed(sql: string): Promise<TypedRows> {
    const result = await this.#session.queryAsync(sql, { format: 'JSONCompact' });
    const { meta, data } = JSON.parse(result.text()) as {
      meta: TypedRows['columns'];
      data: TypedRows['rows'];
    };
    return { columns: meta, rows: data };
  }

  /** `INSERT INTO table (columns)` of a body in the Native format. */
  async insertNative(insert: string, body: Buffer): Promise<void> {
    const file = join(mkdtempSync(join(tmpdir(), 'costspan-native-')), 'block');
    writeFileSync(file, body);
    await this.run(`${insert} SELECT * FROM file('${file}', 'Native')`);
    rmSync(dirname(file), { recursive: true });
  }

  stop(): void {
    this.#session.close();
  }
}

/** A result whose columns know their types. */
export interface TypedRows {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

export type Row = Readonly<Record<string, unknown>>;

/** The columns of the exporter's table that our view reads. */
export interface LogRow {
  readonly Timestamp: string;
  readonly ServiceName: string;
  readonly Body: string;
  readonly LogAttributes: Readonly<Record<string, string>>;
  readonly EventName?: string;
}
