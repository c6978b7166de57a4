/** The loopback provider: aimock's server, with our fixtures for the endpoints the examples call. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { LLMock } from '@copilotkit/aimock';
import { anthropicMessages } from './anthropic.ts';
import { openaiChat, openaiResponses } from './openai.ts';

/** How one endpoint answers: a whole reply, or the frames of a stream as they stand on the wire. */
export interface Endpoint {
  reply(request: LoopbackRequest): unknown;
  frames(request: LoopbackRequest): readonly string[];
}

/** The fields of a request that decide the answer. */
export interface LoopbackRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/chat/completions': openaiChat,
  '/responses': openaiResponses,
  '/messages': anthropicMessages,
};

/** Long enough for calls to overlap, short enough to wait for. */
const FRAME_PAUSE_MS = 4;

// aimock 1.43 keeps only the totals of a fixture's usage: cached and reasoning tokens never reach the wire. So the
// replies, whose point is exactly that, are mounted as they are; every other path is still aimock's.
const server = await LLMock.create({ port: 0, logLevel: 'silent' });
server.mount('/v1', {
  async handleRequest(incoming, response, path) {
    const endpoint = ENDPOINTS[path];
    if (endpoint !== undefined) await answer(endpoint, incoming, response);
    else if (path === '/traces') incoming.resume().on('end', () => sendJson(response, {}));
    else return false;
    return true;
  },
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
parentPort?.postMessage(server.url);

async function answer(
  endpoint: Endpoint,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = JSON.parse(await text(incoming)) as LoopbackRequest;
  await pause(FRAME_PAUSE_MS);
  if (request.stream !== true) {
    sendJson(response, endpoint.reply(request));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const frame of endpoint.frames(request)) {
    response.write(frame);
    await pause(FRAME_PAUSE_MS);
  }
  response.end();
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
