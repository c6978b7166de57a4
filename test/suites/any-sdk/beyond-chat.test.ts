import { mkdtempSync, readFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  ApplyGuardrailCommand,
  BedrockRuntimeClient,
  ConverseCommand,
  CountTokensCommand,
  InvokeModelWithBidirectionalStreamCommand,
  StartAsyncInvokeCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { GoogleGenAI as GoogleGenAI1 } from 'genai1';
import { GoogleGenAI } from 'genai3';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  attributeBatch,
  BedrockInstrumentation,
  type CostEvent,
  CostSpanProcessor,
  GoogleGenAIInstrumentation,
  withCustomer,
} from '../../../src/index.ts';
import { eventStreamMessage, Internet } from './internet.ts';

const internet = await Internet.start();
const heard: CostEvent[] = [];
const processor = new CostSpanProcessor({
  sinks: [{ write: (events) => void heard.push(...events) }],
  delivery: 'sync',
});
const google = new GoogleGenAIInstrumentation();
const bedrock = new BedrockInstrumentation();

beforeAll(async () => {
  for (const major of [1, 3]) google.manuallyInstrument(await import(`genai${major}`));
  bedrock.manuallyInstrument(BedrockRuntimeClient);
});
afterAll(async () => {
  google.disable();
  bedrock.disable();
  await processor.shutdown();
  await internet.stop();
});
beforeEach(() => {
  heard.length = 0;
});

async function only(call: () => Promise<unknown>): Promise<CostEvent> {
  await withCustomer('acme', call);
  await new Promise(setImmediate);
  expect(heard).toHaveLength(1);
  expect(heard[0]).toMatchObject({ customer: 'acme', status: 'ok' });
  return heard[0]!;
}

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const plain = new BedrockRuntimeClient({
  region: 'us-east-1',
  endpoint: internet.server.url,
  credentials,
  requestHandler: new NodeHttpHandler(),
});

describe('Bedrock', () => {
  test('a bidirectional session is one event with its last totals, and its streams stay the application’s', async () => {
    const totals = (input: number, output: number): object => ({
      event: {
        usageEvent: {
          totalInputTokens: input,
          totalOutputTokens: output,
          totalTokens: input + output,
          details: {
            total: {
              input: { speechTokens: input - 5, textTokens: 5 },
              output: { speechTokens: output, textTokens: 0 },
            },
          },
        },
      },
    });
    const server = http2.createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
      const said = [{ event: { textOutput: { content: 'Paris.' } } }, totals(20, 10), totals(50, 30)];
      for (const each of said) {
        const bytes = Buffer.from(JSON.stringify(each)).toString('base64');
        response.write(eventStreamMessage('chunk', { bytes }));
      }
      response.end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new BedrockRuntimeClient({ region: 'us-east-1', endpoint, credentials });
    const sent: string[] = [];
    async function* speak(): AsyncGenerator<{ chunk: { bytes: Uint8Array } }> {
      for (const word of ['{"event":{"sessionStart":{}}}', '{"event":{"sessionEnd":{}}}']) {
        sent.push(word);
        yield { chunk: { bytes: new TextEncoder().encode(word) } };
      }
    }
    let events = 0;
    const event = await only(async () => {
      const modelId = 'amazon.nova-sonic-v1:0';
      const reply = await client.send(
        new InvokeModelWithBidirectionalStreamCommand({ modelId, body: speak() }),
      );
      for await (const each of reply.body!) events += each.chunk === undefined ? 0 : 1;
    });
    client.destroy();
    server.close();
    expect(events).toBe(3);
    expect(sent).toHaveLength(2);
    expect(event).toMatchObject({
      provider: 'aws.bedrock',
      operation: 'live_session',
      requestModel: 'amazon.nova-sonic-v1:0',
      usage: { inputTokens: 50, inputAudioTokens: 45, inputTextTokens: 5, outputTokens: 30 },
    });
  });

  test('an asynchronous video is billed by the seconds that were asked for', async () => {
    const event = await only(() =>
      plain.send(
        new StartAsyncInvokeCommand({
          modelId: 'amazon.nova-reel-v1:1',
          modelInput: {
            taskType: 'TEXT_VIDEO',
            textToVideoParams: { text: 'a secret' },
            videoGenerationConfig: { durationSeconds: 6, dimension: '1280x720' },
          },
          outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://videos' } },
        }),
      ),
    );
    expect(event).toMatchObject({ operation: 'video_generation', usage: { outputVideoSeconds: 6 } });
    expect(JSON.stringify(event)).not.toContain('secret');
  });

  test('a guardrail applied by itself is billed by its units', async () => {
    const event = await only(() =>
      plain.send(
        new ApplyGuardrailCommand({
          guardrailIdentifier: 'g1',
          guardrailVersion: '1',
          source: 'INPUT',
          content: [{ text: { text: 'hi' } }],
        }),
      ),
    );
    expect(event).toMatchObject({
      operation: 'guardrail',
      usage: { guardrailTopicUnits: 2, guardrailContentUnits: 3 },
    });
  });

  test('a command that is retried is one event', async () => {
    let attempts = 0;
    const client = new BedrockRuntimeClient({
      region: 'us-east-1',
      credentials,
      requestHandler: {
        handle: () => {
          const usage = { inputTokens: 20, outputTokens: 30, totalTokens: 50 };
          const isRefused = ++attempts === 1;
          const reply = isRefused ? { message: 'slow down' } : { stopReason: 'end_turn', usage };
          return Promise.resolve({
            response: {
              statusCode: isRefused ? 503 : 200,
              headers: { 'content-type': 'application/json' },
              body: Readable.from([Buffer.from(JSON.stringify(reply))]),
            },
          });
        },
      },
    });
    const event = await only(() =>
      client.send(new ConverseCommand({ modelId: 'amazon.nova-lite-v1:0', messages: [] })),
    );
    expect(attempts).toBe(2);
    expect(event).toMatchObject({ retries: 1, usage: { inputTokens: 20, outputTokens: 30 } });
  });

  test('counting tokens is free', async () => {
    const input = { converse: { messages: [{ role: 'user' as const, content: [{ text: 'hi' }] }] } };
    await plain.send(new CountTokensCommand({ modelId: 'anthropic.claude-sonnet-4-20250514-v1:0', input }));
    expect(heard).toEqual([]);
  });
});

describe('@google/genai', () => {
  const client = new GoogleGenAI({ apiKey: 'test' });

  test('cached content is unpriced when it is made, and says why', async () => {
    const event = await only(() =>
      client.caches.create({ model: 'gemini-2.5-flash', config: { contents: 'long text', ttl: '3600s' } }),
    );
    expect(event).toMatchObject({
      operation: 'create_cache',
      requestModel: 'gemini-2.5-flash',
      usageRaw: { totalTokenCount: 4096 },
      cost: { status: 'unpriced', reason: expect.stringMatching(/billed by the hours it is kept/) },
    });
  });

  test('is left as it was when the instrumentation is switched off, and seen again when it is on', async () => {
    const ask = (): Promise<unknown> =>
      client.models.generateContent({ model: 'gemini-2.5-flash', contents: 'hi' });
    await only(ask);
    google.disable();
    await ask();
    google.enable();
    expect(heard).toHaveLength(1);
    await ask();
    expect(heard).toHaveLength(2);
  });

  test('a stream with an error inside is one failed call, at once', async () => {
    const asked = client.models.generateContentStream({ model: 'broken', contents: 'hi' });
    await expect(async () => {
      for await (const chunk of await asked) void chunk;
    }).rejects.toThrow(/overloaded/);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toMatchObject({ status: 'error', usageSource: 'estimated' });
  });

  test('a call that the SDK retries is one event', async () => {
    const retrying = new GoogleGenAI({ apiKey: 'test', httpOptions: { retryOptions: { attempts: 3 } } });
    internet.refuseNext();
    const event = await only(() =>
      retrying.models.generateContent({ model: 'gemini-2.5-flash', contents: 'hi' }),
    );
    expect(event).toMatchObject({ usage: { inputTokens: 120, outputTokens: 30 } });
  });

  test('automatic function calling is one event per hop', async () => {
    await withCustomer('acme', async () => {
      const reply = await client.models.generateContent({
        model: 'gemini-2.5-flash',
        contents: 'How is the weather?',
        config: {
          tools: [
            {
              tool: () => Promise.resolve({ functionDeclarations: [{ name: 'weather' }] }),
              callTool: () =>
                Promise.resolve([{ functionResponse: { name: 'weather', response: { it: 'sunny' } } }]),
            },
          ],
        },
      });
      expect(reply.text).toBe('Paris.');
    });
    await new Promise(setImmediate);
    expect(heard.map(({ customer, usage }) => [customer, usage.inputTokens])).toEqual([
      ['acme', 120],
      ['acme', 120],
    ]);
  });

  // From 3 on for Vertex alone.
  test('images are billed by the piece, videos by their seconds, which the request says', async () => {
    const { models } = new GoogleGenAI1({ apiKey: 'test' });
    const image = await only(() =>
      models.generateImages({ model: 'imagen-4.0-generate-001', prompt: 'a secret' }),
    );
    expect(image).toMatchObject({ operation: 'image_generation', usage: { outputImages: 1 } });
    heard.length = 0;
    const video = await only(() =>
      models.generateVideos({
        model: 'veo-3.0-generate-001',
        prompt: 'a secret',
        config: { durationSeconds: 4 },
      }),
    );
    expect(video).toMatchObject({ operation: 'video_generation', usage: { outputVideoSeconds: 4 } });
    expect(JSON.stringify([image, video])).not.toContain('secret');
  });

  test('each line of a batch is one event at the batch rate, for whom it was handed in', async () => {
    await withCustomer('acme', () =>
      client.batches.create({
        model: 'gemini-2.5-flash',
        src: [{ contents: [{ parts: [{ text: 'a secret' }] }] }],
      }),
    );
    expect(heard).toEqual([]);
    attributeBatch('batches/b1', { one: 'globex' });
    for (const reader of ['other', 'another']) {
      const batch = await withCustomer(reader, () => client.batches.get({ name: 'batches/b1' }));
      expect(batch.dest?.inlinedResponses).toHaveLength(3);
    }
    await new Promise(setImmediate);
    // A batch halves $0.30 and $2.50, and not the cache: 20 × $0.15/M + 100 × $0.03/M + 30 × $1.25/M.
    expect(heard.map(({ customer, cost, status }) => [customer, status, cost.status, cost.amount])).toEqual([
      ['globex', 'ok', 'priced', '0.0000435'],
      ['acme', 'ok', 'priced', '0.0000435'],
      ['acme', 'error', 'free', '0'],
    ]);
    expect(heard[0]?.timestamp).toEqual(new Date('2026-11-30T00:00:00Z'));
  });

  test('a batch whose results are in a file is billed when the file is read', async () => {
    await withCustomer('acme', () => client.batches.get({ name: 'batches/b2' }));
    const downloadPath = join(mkdtempSync(join(tmpdir(), 'costspan-batch-')), 'results.jsonl');
    await withCustomer('acme', () => client.files.download({ file: 'files/results-b2', downloadPath }));
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(readFileSync(downloadPath, 'utf8').trim().split('\n')).toHaveLength(2);
    expect(heard.map(({ customer, usage }) => [customer, usage.inputTokens])).toEqual([
      ['acme', 120],
      ['acme', 120],
    ]);
  });

  test('an interaction is one event', async () => {
    const event = await only(() =>
      client.interactions.create({ model: 'gemini-2.5-flash', input: 'What is the capital of France?' }),
    );
    // 110 in and 10 of a tool's, 20 out and 10 of thoughts.
    expect(event).toMatchObject({
      provider: 'gcp.gemini',
      usage: { inputTokens: 120, outputTokens: 30, reasoningTokens: 10 },
    });
  });
});
