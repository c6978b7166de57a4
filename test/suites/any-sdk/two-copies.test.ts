import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { GoogleGenAI, Models } from 'genai3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as first from '../../../src/index.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { json, ProviderServer } from '../../support/provider-server.ts';

// Two copies of this package in one process, as two versions that libraries bring along.

let second: typeof first;
let server: ProviderServer;

beforeAll(async () => {
  vi.resetModules();
  second = await import('../../../src/index.ts');
  server = await ProviderServer.start();
});
afterAll(() => server.stop());

interface Instrumentation {
  enable(): void;
  disable(): void;
}

/** In turns: both, each alone, none; what is heard of a client that was there all along. */
async function heardInTurns(
  copies: readonly Instrumentation[],
  ask: () => Promise<unknown>,
): Promise<number[]> {
  const counts: number[] = [];
  for (const on of [[0, 1], [0], [], [1], [0], [1, 0]]) {
    using heard = new HeardCalls();
    for (const copy of copies) copy.disable();
    for (const index of on) copies[index]?.enable();
    await ask();
    await heard.count(on.length === 0 ? 0 : 1);
    counts.push(heard.calls.length);
  }
  for (const copy of copies) copy.disable();
  return counts;
}

describe('two copies make one call of a command, whichever of them is on', () => {
  test('of Bedrock', async () => {
    server.answer(
      json({
        output: {},
        stopReason: 'end_turn',
        usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
      }),
    );
    const copies = [first, second].map((copy) => {
      const each = new copy.BedrockInstrumentation({ enabled: false });
      each.manuallyInstrument(BedrockRuntimeClient);
      return each;
    });
    const client = new BedrockRuntimeClient({
      region: 'us-east-1',
      endpoint: server.url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: new NodeHttpHandler(),
    });
    const ask = (): Promise<unknown> => client.send(new ConverseCommand({ modelId: 'm', messages: [] }));
    expect(await heardInTurns(copies, ask)).toEqual([1, 1, 0, 1, 1, 1]);
  });

  test('of Gemini', async () => {
    server.answer(json({ candidates: [], usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 } }));
    const copies = [first, second].map((copy) => {
      const each = new copy.GoogleGenAIInstrumentation({ enabled: false });
      each.manuallyInstrument({ GoogleGenAI, Models });
      return each;
    });
    const client = new GoogleGenAI({ apiKey: 'secret-key', httpOptions: { baseUrl: server.url } });
    const ask = (): Promise<unknown> =>
      client.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hi' });
    expect(await heardInTurns(copies, ask)).toEqual([1, 1, 0, 1, 1, 1]);
  });
});
