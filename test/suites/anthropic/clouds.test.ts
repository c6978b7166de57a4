import { AnthropicAws } from '@anthropic-ai/aws-sdk';
import { AnthropicBedrock, AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk';
import { AnthropicFoundry } from '@anthropic-ai/foundry-sdk';
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import { AnthropicBedrock as OldBedrock } from 'bedrock-0';
import { AnthropicVertex as OldVertex } from 'vertex-0';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { meterCall } from '../../../src/metering/meter.ts';
import { defaultPriceList } from '../../../src/pricing/shipped/default-price-list.ts';
import { AnthropicInstrumentation } from '../../../src/instrumentations/anthropic/instrumentation.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { json, ProviderServer, sse } from '../../support/provider-server.ts';
import { message, messageEvents } from '../../support/wire.ts';

const authClient = {
  projectId: 'my-project',
  getRequestHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer google' })),
};
const keys = { awsAccessKey: 'AKIA', awsSecretKey: 'secret', awsRegion: 'eu-central-1' };

interface Cloud {
  readonly name: string;
  readonly provider: string;
  readonly region?: string;
  readonly model: string;
  readonly path: RegExp;
  /** (12 × $3 + 500 × $3.75 + 200 × $6 + 5 000 × $0.30 + 210 × $15) / 1 000 000 = $0.007761; regional: × 1.1. */
  readonly amount: string;
  connect(baseURL: string): { messages: AnthropicAws['messages'] };
}

const CLOUDS: readonly Cloud[] = [
  {
    name: 'AnthropicBedrock 1',
    provider: 'aws.bedrock',
    region: 'eu-central-1',
    model: 'eu.anthropic.claude-sonnet-4-6',
    path: /^\/model\/eu\.anthropic\.claude-sonnet-4-6\/invoke/,
    amount: '0.0085371',
    connect: (baseURL) => new AnthropicBedrock({ ...keys, baseURL }) as never,
  },
  {
    name: 'AnthropicBedrock 0',
    provider: 'aws.bedrock',
    region: 'eu-central-1',
    model: 'global.anthropic.claude-sonnet-4-6',
    path: /^\/model\/global\.anthropic\.claude-sonnet-4-6\/invoke/,
    amount: '0.007761',
    connect: (baseURL) => new OldBedrock({ ...keys, baseURL }) as never,
  },
  {
    name: 'AnthropicBedrockMantle',
    provider: 'aws.bedrock',
    region: 'us-east-1',
    model: 'anthropic.claude-sonnet-4-6',
    path: /^\/v1\/messages/,
    amount: '0.0085371',
    connect: (baseURL) => new AnthropicBedrockMantle({ apiKey: 'key', awsRegion: 'us-east-1', baseURL }),
  },
  {
    name: 'AnthropicVertex 1',
    provider: 'gcp.vertex_ai',
    region: 'us-east5',
    model: 'claude-sonnet-4-6',
    path: /\/locations\/us-east5\/publishers\/anthropic\/models\/claude-sonnet-4-6:(rawPredict|streamRawPredict)$/,
    amount: '0.0085371',
    connect: (baseURL) =>
      new AnthropicVertex({ region: 'us-east5', authClient: authClient as never, baseURL }) as never,
  },
  {
    name: 'AnthropicVertex 0',
    provider: 'gcp.vertex_ai',
    region: 'global',
    model: 'claude-sonnet-4-6',
    path: /\/locations\/global\/publishers\/anthropic\/models\/claude-sonnet-4-6:(rawPredict|streamRawPredict)$/,
    amount: '0.007761',
    connect: (baseURL) =>
      new OldVertex({ region: 'global', authClient: authClient as never, projectId: 'p', baseURL }) as never,
  },
  {
    name: 'AnthropicFoundry',
    provider: 'anthropic',
    model: 'claude-sonnet-4-6',
    path: /^\/v1\/messages/,
    amount: '0.007761',
    connect: (baseURL) => new AnthropicFoundry({ apiKey: 'key', baseURL }) as never,
  },
  {
    name: 'AnthropicAws',
    provider: 'anthropic',
    model: 'claude-sonnet-4-6',
    path: /^\/v1\/messages/,
    amount: '0.007761',
    connect: (baseURL) =>
      new AnthropicAws({ apiKey: 'key', workspaceId: 'w', awsRegion: 'us-east-1', baseURL }),
  },
];

const exporter = new InMemorySpanExporter();
const instrumentation = new AnthropicInstrumentation();
const sdk = new NodeSDK({
  // The SDK holds spans back until it has detected the resource of the process.
  autoDetectResources: false,
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
});
let server: ProviderServer;
let heard: HeardCalls;

beforeAll(async () => {
  sdk.start();
  for (const client of [AnthropicAws, AnthropicBedrock, AnthropicVertex, OldBedrock, OldVertex]) {
    instrumentation.manuallyInstrument(client);
  }
  server = await ProviderServer.start();
});
afterAll(async () => {
  await server.stop();
  await sdk.shutdown();
});
beforeEach(() => {
  heard = new HeardCalls();
  exporter.reset();
});
afterEach(() => heard[Symbol.dispose]());

describe.each(CLOUDS)('$name', ({ connect, provider, region, model, path, amount }) => {
  const ask = { model, max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] };

  test.each([['whole'], ['streamed']])(
    '%s: one call with provider, model, region, usage and price',
    async (how) => {
      server.answer(how === 'whole' ? json({ ...message, model }) : sse(eventsOf(model), { done: false }));
      const client = connect(server.url);
      await withCustomer('acme', async () => {
        if (how === 'whole') await client.messages.create(ask);
        else
          for await (const event of await client.messages.create({ ...ask, stream: true }))
            expect(event.type).toBeTruthy();
      });
      const call = await heard.only();
      expect(server.requests[0]?.path).toMatch(path);
      expect(call).toMatchObject({
        provider,
        request: { model },
        status: 'ok',
        usageSource: 'provider',
        usage: { inputTokens: 5712, outputTokens: 210 },
        attribution: { customer: 'acme' },
      });
      expect(call.region).toBe(region);
      expect(meterCall(call, { prices: [defaultPriceList] }).cost).toMatchObject({
        status: 'priced',
        amount,
      });
      const spans = exporter.getFinishedSpans();
      expect(spans.map((span) => span.spanContext().spanId)).toEqual([call.spanId]);
      expect(spans[0]?.attributes).toMatchObject({
        'gen_ai.provider.name': provider,
        'costspan.customer': 'acme',
        'costspan.cost.amount': amount,
      });
    },
  );

  test('left in the middle: one aborted call', async () => {
    server.answer(sse(eventsOf(model), { done: false }));
    for await (const event of await connect(server.url).messages.create({ ...ask, stream: true })) {
      if (event.type === 'content_block_delta') break;
    }
    expect(await heard.only()).toMatchObject({ status: 'aborted', usageSource: 'estimated' });
  });

  test('refused: one failed call', async () => {
    server.answer(json({ type: 'error', error: { type: 'invalid_request_error', message: 'no' } }, 400));
    await expect(connect(server.url).messages.create(ask)).rejects.toThrow('no');
    expect(await heard.only()).toMatchObject({ status: 'error', errorType: '400', usageSource: 'none' });
  });
});

function eventsOf(model: string): readonly object[] {
  return messageEvents.map((event) =>
    'message' in event ? { ...event, message: { ...event.message, model } } : event,
  );
}
