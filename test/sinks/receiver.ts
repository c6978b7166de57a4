import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly bytes: Uint8Array;
}

/** How a receiver answers one request: a status, or whatever it wants to do with the socket. */
export type Answer =
  | number
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string | Uint8Array;
    }
  | ((request: ReceivedRequest, response: ServerResponse) => void);

/** A real HTTP server that answers as told, and with 200 when told nothing. */
export class Receiver {
  readonly requests: ReceivedRequest[] = [];
  answer: (request: ReceivedRequest) => Answer = () => 200;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => void receiver.#handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
    const received = {
      path: request.url ?? '',
      headers: request.headers,
      body: plain.toString(),
      bytes: plain,
    };
    this.requests.push(received);
    const answer = this.answer(received);
    if (typeof answer === 'function') return answer(received, response);
    const {
      status,
      headers = {},
      body: text = '',
    } = typeof answer === 'number' ? { status: answer } : answer;
    response.writeHead(status, headers).end(text);
  }
}
