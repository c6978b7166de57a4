import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { matchEndpoint, relativePath } from '../../../src/wire/endpoint.ts';
import { identifyHost } from '../../../src/providers/host.ts';
import { openaiEndpoints } from '../../../src/wire/openai/endpoints.ts';
import { OpenAIInstrumentation } from '../../../src/instrumentations/openai/instrumentation.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { ProviderServer } from '../../support/provider-server.ts';
import { hasRecordings, type Recording, recordings, requestOf } from '../../support/recordings.ts';

/**
 * Everything recorded at the addresses of OpenAI's API, at OpenAI and at the hosts that speak it. Cohere's own API has
 * the same addresses for other replies.
 */
const replayed = recordings().filter(
  ({ method, url, file }) =>
    method.toUpperCase() === 'POST' && isBillable(url) && !file.startsWith('cohere.'),
);

const instrumentation = new OpenAIInstrumentation();
instrumentation.manuallyInstrument(OpenAI);
let server: ProviderServer;
let heard: HeardCalls;

beforeAll(async () => {
  server = await ProviderServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  heard = new HeardCalls();
});
afterEach(() => heard[Symbol.dispose]());

describe.skipIf(!hasRecordings)('recorded traffic, through the SDK', () => {
  test.each(replayed.map((recording) => [`${recording.file} ${recording.id}`, recording] as const))(
    '%s is what it was, and is one call with the usage of the wire',
    async (_, recording) => {
      server.answer((_request, reply) => {
        const { 'content-type': type = 'application/json' } = recording.response_headers;
        reply.writeHead(recording.status, { 'content-type': type, 'x-request-id': 'req_1' });
        reply.end(bodyOf(recording));
      });
      const { provider } = identifyHost(recording.url);
      instrumentation.setConfig({ providers: { '127.0.0.1': { provider, includeUsage: false } } });
      instrumentation.disable();
      const bare = await call(recording);
      expect(heard.calls).toEqual([]);
      instrumentation.enable();
      expect(await call(recording)).toEqual(bare);
      if (isReceipt(recording)) return expect(heard.calls).toEqual([]);
      const settled = await heard.only();
      expect(settled).toMatchObject({ provider });
      if (recording.status >= 400) {
        expect(settled).toMatchObject({ status: 'error', usageSource: 'none', consumedNothing: true });
      } else {
        expect(settled.reading.usageRaw ?? null).toEqual(recording.expected_usage);
      }
    },
  );
});

function isBillable(url: string): boolean {
  const endpoint = matchEndpoint(openaiEndpoints, 'POST', url);
  return endpoint !== undefined && endpoint.free !== true;
}

/** A background response or a run under way: its usage comes with a later read. */
function isReceipt({ file, expected_usage: usage, response_body: body, stream }: Recording): boolean {
  if (usage !== null || stream || !/responses|runs/.test(file)) return false;
  return /"status":\s*"(queued|in_progress|requires_action)"/.test(body);
}

/** What an application sees of the exchange: its data or its events, and how it failed. */
async function call(recording: Recording): Promise<unknown> {
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${server.url}/v1`, maxRetries: 0 });
  const { stream } = recording;
  const body = requestOf(recording) ?? { model: recording.request_model };
  const seen: unknown[] = [];
  try {
    const reply: unknown = await client.post(relativePath(recording.url), { body, stream });
    if (stream) for await (const event of reply as AsyncIterable<unknown>) seen.push(event);
    else seen.push(reply);
    return { seen };
  } catch (error) {
    return { seen, error: String(error) };
  }
}

function bodyOf(recording: Recording): string | Buffer {
  const { response_body: body, response_body_type: type } = recording;
  return type === 'base64' ? Buffer.from(body, 'base64') : body;
}
