import Anthropic from '@anthropic-ai/sdk';
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AnthropicInstrumentation } from '../../../src/instrumentations/anthropic/instrumentation.ts';
import { object } from '../../../src/base/read.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { ProviderServer } from '../../support/provider-server.ts';
import { hasRecordings, type Recording, recordings, replyOf, requestOf } from '../../support/recordings.ts';

const instrumentation = new AnthropicInstrumentation();
instrumentation.manuallyInstrument(Anthropic);

/** Bodies that were recorded as base64, two of them cut: nothing an SDK could read. */
const SPOILT = new Set(['155002bb3a39c09a', '18a07dcf04ef1e8b', '21417db5be539036']);

const all = recordings((file) => file.startsWith('anthropic.') || file.startsWith('vertex-anthropic.'));

function kindOf({ id, url, status, expected_usage: expected }: Recording): string {
  const { pathname } = new URL(url);
  if (SPOILT.has(id)) return 'spoilt';
  if (expected !== null) return 'counted';
  if (pathname.endsWith('/complete')) return 'completed';
  return pathname.endsWith('/messages') && status >= 400 ? 'refused' : 'free';
}

function rowsOf(kind: string): (readonly [string, Recording])[] {
  return all
    .filter((recording) => kindOf(recording) === kind)
    .map((recording) => [`${recording.file} ${recording.id}`, recording]);
}

let server: ProviderServer;
let heard: HeardCalls;
let client: Anthropic;

beforeAll(async () => {
  server = await ProviderServer.start();
  client = new Anthropic({ apiKey: 'sk-ant-test', baseURL: server.url, maxRetries: 0, logLevel: 'off' });
});
afterAll(() => server.stop());
beforeEach(() => {
  heard = new HeardCalls();
});
afterEach(() => heard[Symbol.dispose]());

/** Sends the recorded request through the SDK to a server that gives the recorded reply; what the application sees. */
async function replay(recording: Recording): Promise<unknown> {
  server.answer((_request, response) => give(recording, response));
  const { pathname, search } = new URL(recording.url);
  const stream = recording.response_body_type === 'sse';
  const method = recording.method.toLowerCase() as 'post';
  const body = method === 'post' ? (requestOf(recording) ?? {}) : undefined;
  const reply = await client[method]<unknown>(pathname + search, {
    ...(body === undefined ? {} : { body }),
    stream,
  });
  if (!stream) return reply;
  const events: unknown[] = [];
  for await (const event of reply as AsyncIterable<unknown>) events.push(event);
  return events;
}

function give(
  { status, response_headers: headers, response_body: body }: Recording,
  reply: ServerResponse,
): void {
  reply.writeHead(status, {
    'content-type': headers['content-type'] ?? 'application/json',
    'request-id': 'req_1',
  });
  reply.end(body);
}

describe.skipIf(!hasRecordings)('recorded exchanges with Anthropic, through its SDK', () => {
  test.each(rowsOf('counted'))(
    '%s: the event carries the usage of the wire, the application its reply',
    async (_, row) => {
      const seen = await replay(row);
      const call = await heard.only();
      expect(call).toMatchObject({ status: 'ok', usageSource: 'provider', requestId: 'req_1' });
      expect(call.reading.usageRaw).toEqual(row.expected_usage);
      expect(call.reading.responseModel).toBe(row.response_model);
      const { body, events } = replyOf(row);
      const isShown = (event: unknown): boolean => object(event)?.type !== 'ping';
      expect(seen).toEqual(events?.filter(isShown) ?? body);
    },
  );

  test.each(rowsOf('completed'))('%s: a completion without counts is estimated', async (_, row) => {
    await replay(row);
    expect(await heard.only()).toMatchObject({ operation: 'text_completion', usageSource: 'estimated' });
  });

  test.each(rowsOf('refused'))('%s: a refusal consumed nothing', async (_, row) => {
    await expect(replay(row)).rejects.toThrow(String(row.status));
    expect(await heard.only()).toMatchObject({
      status: 'error',
      errorType: String(row.status),
      consumedNothing: true,
    });
  });

  test.each(rowsOf('free'))('%s: costs nothing and is no event', async (_, row) => {
    await replay(row).catch((error: unknown) => expect(error).toMatchObject({ status: row.status }));
    await heard.count(0);
  });

  test('the recordings are many, and few are spoilt', () => {
    expect(rowsOf('counted').length).toBeGreaterThan(100);
    expect(rowsOf('spoilt').length).toBeLessThanOrEqual(SPOILT.size);
  });
});
