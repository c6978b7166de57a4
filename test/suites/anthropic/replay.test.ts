import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AnthropicInstrumentation } from '../../../src/instrumentations/anthropic/instrumentation.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { ProviderServer } from '../../support/provider-server.ts';
import { hasRecordings, type Recording, recordings, requestOf } from '../../support/recordings.ts';

const instrumentation = new AnthropicInstrumentation();
instrumentation.manuallyInstrument(AnthropicBedrock);
const authClient = {
  projectId: 'my-project',
  getRequestHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer google' })),
};
const aws = { awsAccessKey: 'AKIA', awsSecretKey: 'secret', awsRegion: 'us-east-1', maxRetries: 0 };

const rows = recordings((file) => /^(?:bedrock\.invoke|vertex-anthropic)/.test(file))
  .filter((recording) => /anthropic/.test(recording.url) && recording.expected_usage !== null)
  // Text completions of Claude 2: the SDK's Bedrock client has no method for them.
  .filter((recording) => requestOf(recording)?.['messages'] !== undefined)
  .map((recording) => [`${recording.file} ${recording.id}`, recording] as const);

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

/** Sends the recorded request through the cloud's client; the server gives the recorded bytes. */
async function replay(recording: Recording): Promise<void> {
  const { response_body: body, response_headers: headers, response_body_type: type, status } = recording;
  server.answer((_request, response) => {
    response.writeHead(status, { 'content-type': headers['content-type'] ?? 'application/json' });
    response.end(type === 'aws-eventstream-base64' ? Buffer.from(body, 'base64') : body);
  });
  const { anthropic_version: _, ...asked } = requestOf(recording) ?? {};
  const model = /\/models?\/([^/:]+(?::\d+)?)/.exec(decodeURIComponent(recording.url))?.[1] ?? '';
  const baseURL = server.url;
  const client = isVertex(recording)
    ? new AnthropicVertex({ region: 'us-east5', authClient: authClient as never, baseURL, maxRetries: 0 })
    : new AnthropicBedrock({ ...aws, baseURL });
  const reply = await client.messages.create({ ...asked, model, stream: recording.stream } as never);
  if (!recording.stream) return;
  for await (const event of reply as AsyncIterable<unknown>) expect(event).toBeTruthy();
}

function isVertex({ file }: Recording): boolean {
  return file.startsWith('vertex');
}

describe.skipIf(!hasRecordings)(
  'recorded exchanges with Claude on Bedrock and Vertex, through their clients',
  () => {
    test.each(rows)('%s: the event carries the usage of the wire', async (_, recording) => {
      await replay(recording);
      const call = await heard.only();
      expect(call).toMatchObject({
        provider: isVertex(recording) ? 'gcp.vertex_ai' : 'aws.bedrock',
        status: 'ok',
        usageSource: 'provider',
      });
      expect(call.reading.usageRaw).toEqual(recording.expected_usage);
    });

    test('there are some', () => expect(rows.length).toBeGreaterThan(5));
  },
);
