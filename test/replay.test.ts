import Anthropic from '@anthropic-ai/sdk';
import { NodeSDK } from '@opentelemetry/sdk-node';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  AnthropicInstrumentation,
  type CostEvent,
  CostSpanProcessor,
  OpenAIInstrumentation,
  priceResponse,
} from '../src/index.ts';
import { SqliteLedger } from '../src/ledger/sqlite/sqlite-ledger.ts';
import { object } from '../src/base/read.ts';
import { hasRecordings, type Recording, recordings, replyOf } from './support/recordings.ts';

// Every recorded exchange that these SDKs can make, through the real SDK and the README's set-up; the only fake
// thing is a `fetch` that answers with the recorded bytes.
const ledger = new SqliteLedger({ path: ':memory:' });
const openaiInstrumentation = new OpenAIInstrumentation();
const anthropicInstrumentation = new AnthropicInstrumentation();
openaiInstrumentation.manuallyInstrument(OpenAI);
anthropicInstrumentation.manuallyInstrument(Anthropic);
const heard: CostEvent[] = [];
const sdk = new NodeSDK({
  instrumentations: [openaiInstrumentation, anthropicInstrumentation],
  spanProcessors: [
    new CostSpanProcessor({
      sinks: [ledger, { write: (batch) => void heard.push(...batch) }],
      delivery: 'sync',
    }),
  ],
});

beforeAll(() => sdk.start());
afterAll(() => sdk.shutdown());
beforeEach(() => {
  heard.length = 0;
});

/** The provider's side: the recorded reply, in pieces as a network would bring it. */
function recordedFetch({ status, stream, response_headers: headers, response_body: body }: Recording) {
  return (): Promise<Response> => {
    const bytes = Buffer.from(body);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, index) =>
      bytes.subarray(index * 1000, index * 1000 + 1000),
    );
    const {
      'content-encoding': _encoding,
      'content-length': _length,
      'transfer-encoding': _transfer,
      ...kept
    } = headers;
    // Some recorders dropped the headers.
    const type = { 'content-type': stream ? 'text/event-stream' : 'application/json' };
    return Promise.resolve(
      new Response(ReadableStream.from(pieces), { status, headers: { ...type, ...kept } }),
    );
  };
}

/** Makes the call as an application would; what the SDK makes of an odd reply is the application's business. */
async function replay(recording: Recording): Promise<CostEvent> {
  const { url, endpoint } = recording;
  const path = `/${endpoint.replaceAll('.', '/')}`;
  const body = { model: recording.request_model ?? 'unknown', ...object(recording.request_body) };
  const fetch = recordedFetch(recording);
  // Placeholders stand for hosts of the recorders' own.
  const { origin, pathname } = new URL(url.replace(/^<\w+>/, 'http://llm.internal/v1'));
  const options = { apiKey: 'sk-test', maxRetries: 0, fetch, logLevel: 'off' as const, timeout: 60_000 };
  const call =
    endpoint === 'messages'
      ? new Anthropic({
          ...options,
          baseURL: `${origin}${pathname.replace(/\/v1\/messages$/, '')}`,
        }).messages.create(body as never)
      : new OpenAI({ ...options, baseURL: `${origin}${pathname.slice(0, pathname.lastIndexOf(path))}` }).post(
          path,
          {
            body: { ...body, ...(recording.stream ? { stream: true } : {}) },
            stream: recording.stream,
          },
        );
  try {
    const reply: unknown = await call;
    if (recording.stream) for await (const event of reply as AsyncIterable<unknown>) void event;
  } catch (error) {
    // An error reply is an error for the application; the event must be there all the same.
    if (recording.status < 400 && !isErrorInside(error)) throw error;
  }
  expect(heard).toHaveLength(1);
  return heard[0]!;
}

function isErrorInside(error: unknown): boolean {
  return error instanceof OpenAI.APIError || error instanceof Anthropic.APIError;
}

const REPLAYED =
  /^(?!bedrock\.|google\.|vertex|cohere\.|ollama\.api)[\w()-]+\.(?:chat\.completions|completions|responses|embeddings|messages)$/;
/** Azure's prompt filter refuses with status 200. */
const REFUSED = 'error_body_with_2xx';
/** A receipt for work that goes on in the background is billed when the work is read. */
const isReceipt = ({ flags }: Recording): boolean => flags.includes('responses_status_queued');
/** Bodies a recorder kept compressed or cut off cannot be sent again. */
const isWhole = ({ response_body_type: type }: Recording): boolean => type === 'json' || type === 'sse';

describe.skipIf(!hasRecordings)('a recorded exchange, replayed through the real SDK', () => {
  const all = recordings((file) => REPLAYED.test(file)).filter(
    (recording) => isWhole(recording) && !isReceipt(recording) && !recording.url.endsWith('/api/embed'),
  );

  test('is one of many', () => {
    expect(all.length).toBeGreaterThan(400);
  });

  test.each(all.map((recording) => [`${recording.file} ${recording.id}`, recording] as const))(
    '%s gives one event that equals the wire',
    async (_name, recording) => {
      const event = await replay(recording);
      if (recording.expected_usage !== null) {
        expect(event.usageRaw).toEqual(recording.expected_usage);
        expect(event.usageSource).toBe('provider');
        const { body, events } = replyOf(recording);
        const offline = priceResponse(body ?? events, {
          provider: event.provider,
          url: recording.url,
          request: { model: recording.request_model },
          at: event.timestamp,
        });
        expect(offline.amount).toBe(event.cost.amount);
      } else if (recording.status >= 400 || recording.flags.includes(REFUSED)) {
        expect(event).toMatchObject({
          status: 'error',
          usage: {},
          usageSource: 'none',
          cost: { status: 'free', amount: '0' },
        });
      } else {
        expect(event.usageSource).not.toBe('provider');
        expect(event.cost.status).not.toBe('free');
      }
    },
  );
});
