import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClickHouse, TypedRows } from './clickhouse.ts';

/**
 * ClickHouse's HTTP interface in front of the engine in this process, as much of it as the collector's exporter
 * speaks: queries answered in the Native format, inserts taken in it, no compression.
 */
export class ClickHouseHttp {
  readonly #clickHouse: ClickHouse;
  readonly #server: Server;
  /** Answers 503 to everything. */
  away = false;
  /** Writes the next insert and then cuts the connection instead of answering. */
  cutNextInsert = false;
  inserts = 0;

  private constructor(clickHouse: ClickHouse) {
    this.#clickHouse = clickHouse;
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        (body) => (body === undefined ? request.socket.destroy() : response.end(body)),
        (error: unknown) => response.writeHead(this.away ? 503 : 500).end(String(error)),
      );
    });
  }

  static async start(clickHouse: ClickHouse): Promise<ClickHouseHttp> {
    const http = new ClickHouseHttp(clickHouse);
    await once(http.#server.listen(0, '127.0.0.1'), 'listening');
    return http;
  }

  /** For CLICKHOUSE_ENDPOINT. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}?compress=none`;
  }

  async #answer(request: IncomingMessage): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.away) throw new Error('away');
    const body = Buffer.concat(chunks);
    const insert = new URL(request.url ?? '/', 'http://localhost').searchParams.get('query');
    if (insert === null) return nativeBlock(await this.#clickHouse.typed(body.toString()));
    await this.#clickHouse.insertNative(insert.replace(/\s*FORMAT Native\s*$/, ''), body);
    this.inserts++;
    if (!this.cutNextInsert) return Buffer.alloc(0);
    this.cutNextInsert = false;
    return undefined;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }
}

/** One block of https://clickhouse.com/docs/en/interfaces/formats#native in protocol revision 54460; texts and UInt32. */
function nativeBlock({ columns, rows }: TypedRows): Buffer {
  const parts: Buffer[] = [BLOCK_INFO, varint(columns.length), varint(rows.length)];
  columns.forEach(({ name, type }, index) => {
    const number = type === 'UInt32';
    parts.push(text(name), text(number ? type : 'String'), NO_CUSTOM_SERIALIZATION);
    for (const row of rows) parts.push(number ? uint32(Number(row[index])) : text(String(row[index])));
  });
  return Buffer.concat(parts);
}

/** Field 1, is_overflows: 0; field 2, bucket_num: -1; end. */
const BLOCK_INFO = Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0]);
const NO_CUSTOM_SERIALIZATION = Buffer.from([0]);

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
