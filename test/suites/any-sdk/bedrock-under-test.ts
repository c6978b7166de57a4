import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { BedrockInstrumentation } from '../../../src/index.ts';
import type {
  CallStyle,
  Client,
  ClientOptions,
  Options,
  ProviderUnderTest,
} from '../../instrumentations/contract/provider-under-test.ts';
import { caught } from '../../support/caught.ts';
import { json } from '../../support/provider-server.ts';
import { all } from '../../support/waiting.ts';
import { eventStreamMessage } from './internet.ts';

const modelId = 'anthropic.claude-3-5-sonnet-20240620-v1:0';
const messages = [{ role: 'user' as const, content: [{ text: 'Hello' }] }];
const REQUEST = { modelId, messages };
// The cache stands beside the input on this wire: 600 + 400 = 1 000.
const counted = { inputTokens: 600, cacheReadInputTokens: 400, outputTokens: 50, totalTokens: 1050 };
const delta = (text: string): object => ({ contentBlockDelta: { contentBlockIndex: 0, delta: { text } } });

/** The client of AWS, as the contract calls it. */
export function bedrockUnderTest(): ProviderUnderTest {
  const instrumentation = new BedrockInstrumentation({ enabled: false });
  const connect = ({ url, ...options }: ClientOptions, Class = BedrockRuntimeClient): Client =>
    new Class({
      region: 'us-east-1',
      endpoint: url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      retryStrategy: new ConfiguredRetryStrategy((options.maxRetries ?? 0) + 1, 1),
      // Its default speaks HTTP/2, which the loopback server does not.
      requestHandler: new NodeHttpHandler({
        throwOnRequestTimeout: true,
        ...(options.timeout !== undefined && { requestTimeout: options.timeout }),
      }),
    });
  return {
    name: '@aws-sdk/client-bedrock-runtime',
    instrumentation,
    prepare: () => instrumentation.manuallyInstrument(BedrockRuntimeClient),
    patched: { owner: BedrockRuntimeClient.prototype, names: ['send'] },
    connect,
    create: (client, params, { signal }: Options = {}) => {
      const { stream, ...rest } = params as typeof REQUEST & { readonly stream?: true };
      const options = signal === undefined ? {} : { abortSignal: signal };
      if (stream !== true) return bedrock(client).send(new ConverseCommand(rest), options);
      return streamOf(bedrock(client).send(new ConverseStreamCommand(rest), options));
    },
    params: REQUEST,
    streamParams: { ...REQUEST, stream: true },
    reply: {
      output: { message: { role: 'assistant', content: [{ text: 'Hello' }] } },
      stopReason: 'end_turn',
      usage: counted,
      metrics: { latencyMs: 1 },
    },
    events: () => [
      { messageStart: { role: 'assistant' } },
      delta('Hel'),
      delta('lo'),
      { contentBlockStop: { contentBlockIndex: 0 } },
      { messageStop: { stopReason: 'end_turn' } },
      { metadata: { usage: counted, metrics: { latencyMs: 1 } } },
    ],
    errorEvent: { modelStreamErrorException: { message: 'The model broke off.' } },
    stream: { contentType: 'application/vnd.amazon.eventstream', encode: encoded, end: '' },
    usage: { inputTokens: 1000, cacheReadTokens: 400, outputTokens: 50 },
    isText: (event) => (event as ConverseStreamOutput).contentBlockDelta?.delta?.text !== undefined,
    free: {
      page: { inputTokens: 3 },
      call: (client) =>
        bedrock(client).send(new CountTokensCommand({ modelId, input: { converse: { messages } } })),
    },
    can: {
      subclass: (options) => {
        class Ours extends BedrockRuntimeClient {}
        return connect(options, Ours);
      },
      retries: true,
      timeout: true,
      streamsFromFirstChunk: true,
    },
    styles: STYLES,
  };
}

/** The stream stands in a reply; the promise stays the SDK's. */
async function streamOf(
  reply: Promise<{ readonly stream?: AsyncIterable<unknown> | undefined }>,
): Promise<unknown> {
  return (await reply).stream;
}

/** An event has one key: its type. */
function encoded(event: unknown): Uint8Array {
  const [[type, payload] = ['', {}]] = Object.entries(event as object) as [string, unknown][];
  return eventStreamMessage(type, payload, type.endsWith('Exception') ? 'exception' : 'event');
}

const body = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
});
const usage = { inputTokens: 1000, cacheReadTokens: 400, outputTokens: 50 };
const claude = { input_tokens: 600, cache_read_input_tokens: 400, output_tokens: 50 };

function chunk(event: object): Uint8Array {
  return eventStreamMessage('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64') });
}

const claudeStream = [
  chunk({
    type: 'message_start',
    message: { id: 'm', model: 'claude', usage: { ...claude, output_tokens: 1 } },
  }),
  chunk({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } }),
  chunk({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 50 } }),
  chunk({ type: 'message_stop' }),
];

const STYLES: Readonly<Record<string, CallStyle>> = {
  'a refusal that the SDK has a class for is named by it': {
    answer: json({ message: 'Too many requests' }, 429, { 'x-amzn-errortype': 'ThrottlingException' }),
    run: (client) => caught(() => bedrock(client).send(new InvokeModelCommand({ modelId, body }))),
    calls: [{ status: 'error', errorType: 'ThrottlingException', consumedNothing: true }],
  },
  'InvokeModel with the vendor’s own body is one call': {
    answer: json({ id: 'm', type: 'message', content: [{ type: 'text', text: 'Hello' }], usage: claude }),
    run: async (client) => {
      const reply = await bedrock(client).send(new InvokeModelCommand({ modelId, body }));
      return reply.body.transformToString();
    },
    calls: [{ status: 'ok', usageSource: 'provider', usage }],
  },
  'InvokeModelWithResponseStream is one call': {
    answer: (_request, reply) =>
      void reply
        .writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
        .end(Buffer.concat(claudeStream)),
    run: async (client) =>
      all(
        (await bedrock(client).send(new InvokeModelWithResponseStreamCommand({ modelId, body }))).body ??
          none(),
      ),
    calls: [{ status: 'ok', usageSource: 'provider', usage }],
  },
  'InvokeModelWithResponseStream that is left is one aborted call': {
    answer: (_request, reply) =>
      void reply
        .writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
        .write(Buffer.concat(claudeStream.slice(0, 2))),
    run: async (client) => {
      const reply = await bedrock(client).send(new InvokeModelWithResponseStreamCommand({ modelId, body }));
      for await (const event of reply.body ?? none()) return event;
      return undefined;
    },
    calls: [{ status: 'aborted', usageSource: 'estimated' }],
  },
};

async function* none(): AsyncGenerator<never> {}

function bedrock(client: Client): BedrockRuntimeClient {
  return client as BedrockRuntimeClient;
}
