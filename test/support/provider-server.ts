import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the fake provider was asked. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  json(): Record<string, unknown>;
  /** For answers that never fit into the buffers between: all of it was taken. */
  drained?: boolean;
  /** The answer was finished, or the client gave it up. */
  closed?: boolean;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/** A provider's server on loopback that answers with bytes we choose; the SDKs in front of it are real. */
export class ProviderServer {
  readonly requests: SeenRequest[] = [];
  #answer: Answer = (_request, response) => void response.writeHead(500).end();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ProviderServer> {
    const server = createServer();
    const provider = new ProviderServer(server);
    server.on('request', (request, response) => {
      // Some SDKs hand all headers to the application, and two replies are compared.
      response.sendDate = false;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const { method = '', url = '', headers } = request;
        const json = (): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;
        const seen: SeenRequest = { method, path: url, headers, body, json };
        provider.requests.push(seen);
        response.on('close', () => {
          seen.closed = true;
        });
        void Promise.resolve(provider.#answer(seen, response)).catch(() => response.destroy());
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return provider;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How the next requests are answered. */
  answer(answer: Answer): void {
    this.#answer = answer;
    this.requests.length = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

/** Answers with a JSON body. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-request-id': 'req_1',
      'request-id': 'req_1',
      ...headers,
    });
    response.end(JSON.stringify(body));
  };
}

/** Answers with server-sent events; `event:` lines for events that carry a `type`, `[DONE]` at the end if asked. */
export function sse(events: readonly unknown[], { done = true }: { done?: boolean } = {}): Answer {
  return async (_request, response) => {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'x-request-id': 'req_1',
      'request-id': 'req_1',
    });
    for (const event of events) {
      response.write(sseEvent(event));
      await new Promise(setImmediate);
    }
    response.end(done ? 'data: [DONE]\n\n' : '');
  };
}

export function sseEvent(event: unknown): string {
  const { type } = event as { type?: unknown };
  return `${typeof type === 'string' ? `event: ${type}\n` : ''}data: ${JSON.stringify(event)}\n\n`;
}
