import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { diag } from '../base/diag.ts';

/** A handler on a port of its own. */
export interface Served {
  readonly url: string;
  /** Takes no more requests, and resolves when those in work are answered. */
  close(): Promise<void>;
}

/** Answers a request; `incoming` is what Node made it from. */
export type Handle = (request: Request, incoming: IncomingMessage) => Promise<Response>;

/** Serves a handler with Node's HTTP server; rejects when the port cannot be had. */
export async function serve(
  handle: Handle,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<Served> {
  const server = createServer((incoming, outgoing) => {
    void respondTo(handle, incoming, outgoing);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { address, port: bound, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    close: () => closed(server),
  };
}

async function closed(server: Server): Promise<void> {
  server.close();
  server.closeIdleConnections();
  await once(server, 'close');
}

/** Answers one request of Node's. Never rejects: a reader that goes away is no error, anything else is said. */
export async function respondTo(
  handle: Handle,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  try {
    const response = await handle(toRequest(incoming, gone.signal), incoming);
    // A body of which a part was read: Node skips the rest only of those that nobody touched.
    if (incoming.readableDidRead && !incoming.complete) outgoing.setHeader('connection', 'close');
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body === null) outgoing.end();
    else await pipeline(response.body, outgoing);
  } catch (error) {
    if (!gone.signal.aborted) diag.error('costspan: a request could not be answered', error);
    outgoing.destroy();
  }
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET', url = '/', headers } = incoming;
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(url, 'http://localhost'), {
    method,
    headers: entries,
    signal,
    ...(hasBody ? { body: bodyOf(incoming), duplex: 'half' } : {}),
  });
}

/** Read when asked for, and left alone otherwise: `Readable.toWeb` resets the connection of a request it gives up. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  return new ReadableStream(
    {
      pull: async (controller) => {
        chunks ??= incoming.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}
