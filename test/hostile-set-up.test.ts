import { diag, DiagLogLevel, type Span, type TracerProvider } from '@opentelemetry/api';
import { TracerProvider as SdkTracerProvider } from '@opentelemetry/sdk-trace';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  ConfigError,
  type CostEvent,
  CostSpanProcessor,
  type CostSpanProcessorConfig,
  HttpSink,
  JsonlSink,
  MemorySink,
  OpenAIInstrumentation,
  OTLPLogSink,
  type PriceList,
  withCustomer,
} from '../src/index.ts';
import { json, ProviderServer, sse } from './support/provider-server.ts';
import { chatChunks, chatChunksWithUsage, chatCompletion } from './support/wire.ts';

// What surrounds us fails in every way it can: the call and its event are none the worse.
const instrumentation = new OpenAIInstrumentation();
const unhandled = vi.fn();
const fail = (): never => {
  throw new Error('not ours');
};
let server: ProviderServer;
let client: OpenAI;

beforeAll(async () => {
  instrumentation.manuallyInstrument(OpenAI);
  server = await ProviderServer.start();
  server.answer(json(chatCompletion));
  client = new OpenAI({ apiKey: 'sk-test', baseURL: `${server.url}/v1`, maxRetries: 0 });
  process.on('unhandledRejection', unhandled);
});
afterAll(async () => {
  process.off('unhandledRejection', unhandled);
  instrumentation.disable();
  await server.stop();
});
afterEach(() => {
  diag.disable();
});

/** One call; the only event it became. */
async function call(
  config: CostSpanProcessorConfig = {},
  customer: string | undefined = 'acme',
): Promise<CostEvent | undefined> {
  server.answer(json(chatCompletion));
  const sink = new MemorySink();
  const processor = new CostSpanProcessor({ delivery: 'sync', ...config, sinks: [sink] });
  const request = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hello' }] };
  const reply = await withCustomer(customer, { feature: 'chat' }, () =>
    client.chat.completions.create(request),
  );
  expect(reply.choices[0]?.message.content).toBe('Hello there');
  await new Promise(setImmediate);
  await processor.shutdown();
  expect(unhandled).not.toHaveBeenCalled();
  expect(sink.events).toHaveLength(1);
  return sink.events[0];
}

test.each<[string, unknown]>([
  ['throws', fail],
  ['rejects', () => Promise.reject(new Error('not ours'))],
  ['answers with a number', () => 42],
  ['answers with an amount that is none', () => ({ status: 'priced', amount: 'NaN', lineItems: [] })],
])('a price list that %s leaves the call unpriced', async (_title, price) => {
  const list = { name: 'mine', price } as PriceList;
  expect((await call({ prices: list }))?.cost).toMatchObject({ status: 'unpriced', lineItems: [] });
});

test('a rate card that throws charges nothing', async () => {
  const event = await call({ prices: { name: 'mine', price: () => undefined, charge: fail } });
  expect(event?.cost.amount).toBe('0.005615');
  expect(event).not.toHaveProperty('charge');
});

test('what is no price list is refused when it is given', () => {
  for (const prices of ['mine.yaml', [null], {}, [{ name: 'mine' }]])
    expect(() => new CostSpanProcessor({ prices: prices as never })).toThrow(ConfigError);
});

test('callbacks that return rejected promises cause no unhandled rejection', async () => {
  const rejects = (): never => Promise.reject(new Error('not ours')) as never;
  expect((await call({ redact: { transform: rejects } }))?.customer).toBe('acme');
  expect((await call({ resolveCustomer: rejects }, ''))?.customer).toBeNull();
});

test('a logger that throws breaks no call', async () => {
  const logger = { error: fail, warn: fail, info: fail, debug: () => undefined, verbose: () => undefined };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  expect((await call({ prices: { name: 'mine', price: fail } }))?.cost.status).toBe('unpriced');
});

const tracer = new SdkTracerProvider().getTracer('test');
const broken = (name: keyof Span): TracerProvider => ({
  getTracer: () => ({
    ...tracer,
    startSpan: (...args) => Object.assign(tracer.startSpan(...args), { [name]: fail }),
  }),
});

test.each<[string, TracerProvider]>([
  ['that starts no spans', { getTracer: () => ({ startSpan: fail, startActiveSpan: fail }) }],
  ['whose spans have no ids', broken('spanContext')],
  ['whose spans take no attributes', broken('setAttributes')],
  ['whose spans do not end', broken('end')],
])('a tracer %s loses no event', async (_title, provider) => {
  instrumentation.setTracerProvider(provider);
  expect((await call())?.cost.amount).toBe('0.005615');
});

test('a stream that outlives the last processor is one estimated event, and reads on', async () => {
  server.answer(sse(chatChunksWithUsage));
  const sink = new MemorySink();
  const processor = new CostSpanProcessor({ sinks: [sink] });
  const stream = await client.chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
  });
  let chunks = 0;
  for await (const _ of stream) if (++chunks === 2) await processor.shutdown();
  expect(chunks).toBe(chatChunks.length);
  expect(sink.events).toMatchObject([{ status: 'partial', usageSource: 'estimated' }]);
});

test.each<[string, () => unknown]>([
  ["'service'", () => new CostSpanProcessor({ service: 5 as never })],
  ["'resolveCustomer'", () => new CostSpanProcessor({ resolveCustomer: 'acme' as never })],
  ["'defaultCustomer'", () => new CostSpanProcessor({ defaultCustomer: '' })],
  ["'context'", () => new CostSpanProcessor({ context: ['chat'] as never })],
  ["'copyToSpans'", () => new CostSpanProcessor({ copyToSpans: true as never })],
  ["'headers'", () => new HttpSink({ url: 'http://localhost', headers: 'x: y' as never })],
  ["'timeoutMs'", () => new HttpSink({ url: 'http://localhost', timeoutMs: Number.NaN })],
  ["'daily'", () => new JsonlSink({ path: 'costs.jsonl', daily: 'yes' as never })],
  ["'gzip'", () => new OTLPLogSink({ gzip: 'yes' as never })],
])('a wrong value for %s is refused when it is given', (name, construct) => {
  expect(construct).toThrow(ConfigError);
  expect(construct).toThrow(`expected ${name} to be`);
});

test('a key that cannot be sent is not quoted in the error', () => {
  const make = (): unknown =>
    new HttpSink({ url: server.url, headers: { authorization: 'Bearer SECRET\nKEY' } });
  expect(make).toThrow("the header 'authorization'");
  expect(make).not.toThrow('SECRET');
});

const text = JSON.stringify(chatCompletion);
const type = { 'content-type': 'application/json' };

test.each<[string, object, string]>([
  [
    'whose headers cannot be listed',
    {
      ok: true,
      status: 200,
      headers: { get: (name: string) => new Headers(type).get(name), entries: () => Object.entries(type) },
      json: () => Promise.resolve(chatCompletion),
      text: () => Promise.resolve(text),
    },
    'provider',
  ],
  ['that is frozen', Object.freeze(new Response(text, { headers: type })), 'estimated'],
])('a reply of an own fetch %s is one event', async (_title, response, usageSource) => {
  const sink = new MemorySink();
  const processor = new CostSpanProcessor({ delivery: 'sync', sinks: [sink] });
  const own = client.withOptions({ fetch: () => Promise.resolve(response as Response) });
  const promise = own.chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  });
  if (usageSource === 'provider') expect(await promise).toMatchObject({ id: 'chatcmpl-123' });
  else expect(await (await promise.asResponse()).text()).toBe(text);
  await processor.shutdown();
  expect(sink.events).toMatchObject([{ status: 'ok', usageSource }]);
});
