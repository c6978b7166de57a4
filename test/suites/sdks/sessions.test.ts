import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { OpenAIInstrumentation } from '../../../src/instrumentations/openai/instrumentation.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { response } from '../../support/wire.ts';

const require = createRequire(import.meta.url);

interface Socket {
  on(name: string, listener: (...values: never[]) => void): void;
  send(data: string): void;
}
interface SocketServer extends Socket {
  address(): AddressInfo;
  close(): void;
}
interface Session {
  on(name: string, listener: (event: { type: string; response?: { id: string } }) => void): void;
  send(event: object): void;
  close(): void;
}
const { WebSocketServer } = require('ws') as { WebSocketServer: new (options: object) => SocketServer };

const exporter = new InMemorySpanExporter();
const instrumentation = new OpenAIInstrumentation();
let server: SocketServer;
let heard: HeardCalls;

beforeAll(async () => {
  new NodeSDK({
    // The SDK holds spans back until it has detected the resource of the process.
    autoDetectResources: false,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  }).start();
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise<void>((resolve) => {
    server.on('listening', resolve);
  });
  // Answers every `response.create` under the id that was asked for.
  server.on('connection', (socket: Socket) => {
    socket.on('message', (data: Buffer) => {
      const asked = JSON.parse(String(data)) as { type: string; id: string; usage?: false };
      const answer = { ...response, id: asked.id };
      const say = (event: object): void => socket.send(JSON.stringify(event));
      say({ type: 'response.created', response: { ...answer, usage: null, status: 'in_progress' } });
      say({ type: 'response.output_text.delta', response_id: asked.id, item_id: 'msg_1', delta: 'Hi' });
      if (asked.usage !== false) say({ type: 'response.completed', response: answer });
    });
  });
});
afterAll(() => server.close());
beforeEach(() => {
  heard?.[Symbol.dispose]();
  heard = new HeardCalls();
  exporter.reset();
});

describe('a responses WebSocket of openai 7', () => {
  const { OpenAI } = require('openai-7') as { OpenAI: new (options: object) => unknown };
  const { ResponsesWS } = require('openai-7/resources/responses/ws') as {
    ResponsesWS: new (client: unknown) => Session;
  };
  instrumentation.manuallyInstrument(require('openai-7/core/EventEmitter'));
  const connect = (): Session =>
    new ResponsesWS(
      new OpenAI({ apiKey: 'sk-test', baseURL: `http://127.0.0.1:${server.address().port}/v1` }),
    );

  test('is one call an answer, each billed to who asked for it', async () => {
    const session = withCustomer('opener', () => connect());
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      session.on('event', ({ type, response: { id } = { id: '' } }) => {
        seen.push(type);
        if (type !== 'response.completed') return;
        if (id === 'resp_a')
          return withCustomer('acme', () => session.send({ type: 'response.create', id: 'resp_b' }));
        return resolve();
      });
    });
    session.send({ type: 'response.create', id: 'resp_a' });
    await done;
    session.close();
    await heard.count(2);
    expect(seen).toEqual([
      'response.created',
      'response.output_text.delta',
      'response.completed',
      'response.created',
      'response.output_text.delta',
      'response.completed',
    ]);
    const call = { status: 'ok', usageSource: 'provider', usage: { inputTokens: 1000, outputTokens: 50 } };
    expect(heard.calls).toMatchObject([
      { ...call, attribution: { customer: 'opener' }, request: { model: 'gpt-4.1-2025-04-14' } },
      { ...call, attribution: { customer: 'acme' } },
    ]);
    expect(exporter.getFinishedSpans().map((span) => span.spanContext().spanId)).toEqual(
      heard.calls.map((each) => each.spanId),
    );
  });

  test('that is closed in the middle of an answer is one aborted call', async () => {
    const session = withCustomer('acme', () => connect());
    session.on('event', ({ type }) => {
      if (type === 'response.output_text.delta') session.close();
    });
    session.send({ type: 'response.create', id: 'resp_c', usage: false });
    expect(await heard.only()).toMatchObject({ status: 'aborted', attribution: { customer: 'acme' } });
  });
});

describe.each([
  ['openai-4', 'openai-4/lib/EventEmitter', 'openai-4/beta/realtime/internal-base'],
  ['openai-5', 'openai-5/lib/EventEmitter', 'openai-5/realtime/internal-base'],
  ['openai-6', 'openai-6/lib/EventEmitter', 'openai-6/realtime/internal-base'],
  ['openai-7', 'openai-7/lib/EventEmitter', 'openai-7/realtime/internal-base'],
])('a realtime session of %s', (_name, emitterModule, realtimeModule) => {
  test('bills answers and transcriptions, each with its own model', async () => {
    instrumentation.manuallyInstrument(require(emitterModule));
    const { OpenAIRealtimeEmitter } = require(realtimeModule) as {
      OpenAIRealtimeEmitter: new () => Session & { url: URL; _emit(name: string, event: object): void };
    };
    await withCustomer('acme', async () => {
      const session = new OpenAIRealtimeEmitter();
      session.url = new URL('wss://api.openai.com/v1/realtime?model=gpt-realtime');
      session.on('event', () => undefined);
      session._emit('event', {
        type: 'session.created',
        session: {
          model: 'gpt-realtime',
          audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } },
        },
      });
      session._emit('event', {
        type: 'conversation.item.input_audio_transcription.completed',
        item_id: 'item_1',
        usage: { type: 'tokens', input_tokens: 14, output_tokens: 5, total_tokens: 19 },
      });
      session._emit('event', { type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } });
      session._emit('event', {
        type: 'response.done',
        response: {
          id: 'resp_1',
          status: 'completed',
          usage: {
            input_tokens: 132,
            output_tokens: 121,
            total_tokens: 253,
            input_token_details: { text_tokens: 119, audio_tokens: 13, cached_tokens: 64 },
            output_token_details: { text_tokens: 30, audio_tokens: 91 },
          },
        },
      });
    });
    await heard.count(2);
    expect(heard.calls).toMatchObject([
      {
        provider: 'openai',
        operation: 'transcription',
        request: { model: 'gpt-4o-transcribe' },
        usage: { inputTokens: 14, outputTokens: 5 },
      },
      {
        provider: 'openai',
        operation: 'chat',
        serverAddress: 'api.openai.com',
        request: { model: 'gpt-realtime' },
        // 132 in, 13 of it audio, 64 cached; 121 out, 91 of it audio.
        usage: {
          inputTokens: 132,
          inputAudioTokens: 13,
          cacheReadTokens: 64,
          outputTokens: 121,
          outputAudioTokens: 91,
        },
      },
    ]);
    for (const call of heard.calls) expect(call.attribution.customer).toBe('acme');
  });
});
