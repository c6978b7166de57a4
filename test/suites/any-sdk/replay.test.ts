import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  BedrockInstrumentation,
  type CostEvent,
  CostSpanProcessor,
  GoogleGenAIInstrumentation,
  ProviderFetchInstrumentation,
  withCustomer,
} from '../../../src/index.ts';
import { readRawReply } from '../../../src/wire/read-reply.ts';
import { hasRecordings, type Recording, recordings, replyOf } from '../../support/recordings.ts';
import { recordedReply } from '../../support/recorded-reply.ts';

// Every recorded exchange of these providers that was billed, through the provider's own SDK; where there is none for
// JavaScript, through a plain `fetch`. The only fake thing is what answers.

const FILES = /^(?:google|vertex|bedrock|mistral|cohere|groq|ollama|xai)/;

/** What a recorder kept compressed or cut off cannot be sent again. */
const isWhole = ({ response_body_type: type }: Recording): boolean =>
  ['json', 'sse', 'ndjson', 'aws-eventstream-base64'].includes(type);

const billed = recordings((file) => FILES.test(file)).filter(
  (each) => each.expected_usage !== null && each.status < 400,
);

/** Recordings whose event does not say `expected_usage` word for word, and why. Its quantities are the wire's all the same. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  'the SDK hands over the fields that its model of the API has, and drops others': [
    '0078a6488f823719',
    '011ed1dc637ffc85',
    '019a5aa48003deed',
    '023a0de4d4796a89',
    '033e32f7a6004302',
    '05f787501445c5c0',
    '24f0bd8d14fe2bb6',
    '3ee728545bdeb152',
  ],
  'expected are the units of the guardrail alone, which stand beside the tokens': ['269bdfd023f61a27'],
  'expected is one count of several that stand on top of the reply': [
    '10ce3c045f1269d1',
    '167e9baf6a46fe14',
    '0cf9c25f3e3a4ba9',
    '1afd92d529922d3f',
    '3c7a96fbbe62e2b8',
    '4ad928de9843501f',
    '4e1df99d07f25e7d',
    '2e4100aad7319195',
    '312d811ba0fec9c3',
  ],
  'prose of the provider is not kept': ['19f5c2af641bc127', '2849b22e63bdc0fe', '41f8bfaf8110427a'],
  'the batch has two lines, each an event': ['1119c9bc0d61aacb'],
};
const EXCEPT = new Set(Object.values(EXCEPTIONS).flat());
const BATCH = '1119c9bc0d61aacb';

let answer: Recording | undefined;
const original = globalThis.fetch;
globalThis.fetch = () =>
  answer === undefined
    ? Promise.reject(new Error('nothing is replayed'))
    : Promise.resolve(recordedReply(answer));
const net = new ProviderFetchInstrumentation({ providers: { 'recorded.internal': 'self_hosted' } });
// Some SDKs keep the `fetch` that they find.
const { callOf, urlOf } = await import('./recorded-calls.ts');
const heard: CostEvent[] = [];
const processor = new CostSpanProcessor({
  sinks: [{ write: (events) => void heard.push(...events) }],
  delivery: 'sync',
});
const google = new GoogleGenAIInstrumentation();
const bedrock = new BedrockInstrumentation();

beforeAll(async () => {
  google.manuallyInstrument(await import('genai3'));
  bedrock.manuallyInstrument(BedrockRuntimeClient);
});
afterAll(async () => {
  for (const each of [net, google, bedrock]) each.disable();
  globalThis.fetch = original;
  await processor.shutdown();
});
beforeEach(() => {
  heard.length = 0;
});

async function plainFetch(recording: Recording): Promise<void> {
  const { request_body: body, request_model: model, stream } = recording;
  const asked = typeof body === 'object' && body !== null ? body : { model };
  const reply = await fetch(urlOf(recording), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...asked, ...(stream ? { stream } : {}) }),
  });
  await reply.arrayBuffer();
}

/** What the wire's reader finds in the recorded bytes. */
function usageOnTheWire(recording: Recording): unknown {
  const { body, events } = replyOf(recording);
  const { response_headers: headers, method } = recording;
  return readRawReply({ body: events ?? body, url: urlOf(recording), method, headers }).reading.usage;
}

describe.skipIf(!hasRecordings)('a recorded exchange, through the real SDK', () => {
  const whole = billed.filter(isWhole);

  test('is one of many, of every provider', () => {
    expect(billed.length - whole.length).toBe(0);
    expect(whole.length).toBeGreaterThan(200);
    expect(whole.filter((each) => callOf(each) !== undefined).length).toBeGreaterThan(150);
  });

  test.each(whole.map((each) => [`${each.file} ${each.id}`, each] as const))(
    '%s gives one event that equals the wire',
    async (_title, recording) => {
      answer = recording;
      let problem: unknown;
      const call = callOf(recording) ?? (() => plainFetch(recording));
      // What an SDK makes of an odd reply is the application's business.
      await withCustomer('acme', async () => await call()).catch((error: unknown) => (problem = error));
      await new Promise(setImmediate);
      expect(heard, String(problem)).toHaveLength(recording.id === BATCH ? 2 : 1);
      const [event] = heard;
      expect(event).toMatchObject({ customer: 'acme', usageSource: 'provider' });
      if (!EXCEPT.has(recording.id)) return expect(event?.usageRaw).toEqual(recording.expected_usage);
      expect(event?.usageRaw).not.toEqual(recording.expected_usage);
      if (recording.id !== BATCH) expect(event?.usage).toEqual(usageOnTheWire(recording));
      return undefined;
    },
  );
});
