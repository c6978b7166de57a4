import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { attributes, type OtlpAttributes } from './cost-logs.ts';

/** What stands behind the collector: keeps the cost logs and counts the rest; OTLP/HTTP. */
export class OtlpServer {
  readonly #server: Server;
  /** What it answers instead of accepting, e.g. 503. */
  refuseWith: number | undefined;
  refusals = 0;
  /** How long it keeps the collector waiting for the answer, once the events are kept. */
  delayMs = 0;
  /** Requests whose events are kept and whose answer is still to come. */
  unanswered = 0;
  traceRequests = 0;
  otherLogs = 0;
  /** Every cost log as it came, the same event as often as it came. */
  readonly received: OtlpAttributes[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then((status) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      });
    });
  }

  static async start(): Promise<OtlpServer> {
    const server = new OtlpServer();
    await once(server.#server.listen(0, '127.0.0.1'), 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The events by id, each once. */
  get events(): ReadonlyMap<string, OtlpAttributes> {
    return new Map(this.received.map((event) => [String(event['costspan.event.id']), event]));
  }

  async #answer(request: IncomingMessage): Promise<number> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.refuseWith !== undefined) {
      this.refusals++;
      return this.refuseWith;
    }
    const body = Buffer.concat(chunks);
    // Traces come as protobuf; only that they came matters.
    if (request.url === '/v1/traces') {
      this.traceRequests++;
      return 200;
    }
    const zipped = request.headers['content-encoding'] === 'gzip';
    this.#keep(JSON.parse((zipped ? gunzipSync(body) : body).toString()) as OtlpLogs);
    this.unanswered++;
    await sleep(this.delayMs);
    this.unanswered--;
    return 200;
  }

  #keep(logs: OtlpLogs): void {
    for (const record of logs.resourceLogs.flatMap((r) => r.scopeLogs.flatMap((s) => s.logRecords))) {
      const read = attributes(record.attributes ?? []);
      if (read['costspan.event.id'] === undefined) this.otherLogs++;
      else this.received.push(read);
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }
}

interface OtlpLogs {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly attributes?: Parameters<typeof attributes>[0] }[];
    }[];
  }[];
}
