import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GoogleGenAIInstrumentation, withCustomer } from '../../../src/index.ts';
import { HeardCalls } from '../../support/heard-calls.ts';

interface Session {
  sendClientContent(params: object): void;
  close(): void;
}
interface Client {
  readonly live: { connect(params: object): Promise<Session> };
}
type Client_ = new (options: object) => Client;

const SECRET = 'Say the magic word';
const instrumentation = new GoogleGenAIInstrumentation();
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
let heard: HeardCalls;

/** 40 in, 30 of them audio; 60 of audio out. */
const usageMetadata = {
  promptTokenCount: 40,
  responseTokenCount: 60,
  totalTokenCount: 100,
  promptTokensDetails: [
    { modality: 'AUDIO', tokenCount: 30 },
    { modality: 'TEXT', tokenCount: 10 },
  ],
  responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 60 }],
};

beforeAll(async () => {
  if (server.address() === null) await once(server, 'listening');
  // As Google's: binary frames; each turn brings audio, and its last message the counts. "hang up" gets no counts.
  server.on('connection', (socket) => {
    const say = (message: object): void => socket.send(Buffer.from(JSON.stringify(message)));
    socket.on('message', (data: Buffer) => {
      const asked = String(data);
      if (asked.includes('"setup"')) return say({ setupComplete: {} });
      const part = { inlineData: { mimeType: 'audio/pcm', data: 'AAAA' } };
      say({ serverContent: { modelTurn: { parts: [part] } } });
      say({ serverContent: { modelTurn: { parts: [part] } } });
      if (!asked.includes('hang up')) say({ serverContent: { turnComplete: true }, usageMetadata });
    });
  });
});
afterAll(() => {
  server.close();
  instrumentation.disable();
});
beforeEach(() => {
  heard?.[Symbol.dispose]();
  heard = new HeardCalls();
});

describe.each([1, 2, 3])('a Live session of @google/genai %d', async (major) => {
  const module = (await import(`genai${major}`)) as { GoogleGenAI: Client_ };
  instrumentation.manuallyInstrument(module);

  /** What the application sees of a session; resolves with the messages once `until` of them came. */
  const talk = async (text: string, until: number, options: object = {}): Promise<readonly object[]> => {
    const client = new module.GoogleGenAI({
      apiKey: 'test',
      httpOptions: { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      ...options,
    });
    const messages: object[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const callbacks = {
      onmessage: (message: object): void => {
        messages.push(message);
        if (messages.length === until) resolve();
      },
    };
    const params = { model: 'gemini-live-2.5-flash-preview', callbacks };
    const session = await client.live.connect(params);
    expect(params).toStrictEqual({ model: 'gemini-live-2.5-flash-preview', callbacks });
    session.sendClientContent({ turns: `${SECRET} ${text}` });
    await promise;
    session.close();
    return messages;
  };

  test('is one event a turn, with its audio apart', async () => {
    const messages = await withCustomer('acme', () => talk('please', 4));
    expect(messages.map((message) => Object.keys(message).filter((key) => key !== 'usageMetadata'))).toEqual([
      ['setupComplete'],
      ['serverContent'],
      ['serverContent'],
      ['serverContent'],
    ]);
    const call = await heard.only();
    expect(call).toMatchObject({
      provider: 'gcp.gemini',
      operation: 'live_session',
      status: 'ok',
      usageSource: 'provider',
      attribution: { customer: 'acme' },
      request: { model: 'gemini-live-2.5-flash-preview', stream: true },
      serverAddress: '127.0.0.1',
      usage: { inputTokens: 40, inputAudioTokens: 30, outputTokens: 60, outputAudioTokens: 60 },
    });
    expect(JSON.stringify(call)).not.toMatch(/magic|apiKey|AAAA/);
  });

  test('that is closed in the middle of an answer is one aborted call', async () => {
    await withCustomer('acme', () => talk('hang up', 3));
    expect(await heard.only()).toMatchObject({ status: 'aborted', attribution: { customer: 'acme' } });
  });
});
