import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/base/errors.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../../src/receiver/receiver.ts';
import type { OtlpReceiverOptions } from '../../src/receiver/receiver-options.ts';
import { serve } from '../../src/receiver/serve.ts';
import { MemorySink } from '../../src/sinks/memory.ts';
import { CHAT, CHAT_COST, post, protobufCalls, Sender } from './spans.ts';

let folder: string;
let ledger: SqliteLedger;
let receive: OtlpReceiver;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-receiver-'));
  ledger = new SqliteLedger({ path: join(folder, 'costs.db'), durability: 'batch' });
});
afterEach(async () => {
  await receive.shutdown();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: Partial<OtlpReceiverOptions> = {}): void {
  receive = createOtlpReceiver({ sinks: [ledger], windowMs: 20, ...options });
}

async function events(): Promise<CostEvent[]> {
  return await Array.fromAsync(ledger.events());
}

describe('takes spans', () => {
  test('as protobuf, and has them in the ledger before it answers', async () => {
    start();
    const response = await receive(post(protobufCalls(3)));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-protobuf');
    // An empty ExportTraceServiceResponse: everything was taken.
    expect((await response.bytes()).length).toBe(0);
    const kept = await events();
    expect(kept.map(({ cost }) => cost.amount)).toEqual([CHAT_COST, CHAT_COST, CHAT_COST]);
    expect(kept[0]).toMatchObject({
      provider: 'openai',
      requestModel: 'gpt-4o',
      usage: { inputTokens: 1000 },
    });
    expect(receive.health()).toMatchObject({ status: 'ok', requests: 1, spans: 3, events: 3 });
  });

  test('as JSON, packed with gzip', async () => {
    start();
    const sender = new Sender();
    sender.span().end();
    const headers = { 'content-type': 'application/json; charset=utf-8', 'content-encoding': 'gzip' };
    const response = await receive(post(gzipSync(sender.json()), headers));
    expect([response.status, await response.json()]).toEqual([200, {}]);
    expect(await events()).toMatchObject([{ cost: { amount: CHAT_COST } }]);
  });

  test.each([
    ['protobuf', ProtobufExporter],
    ['JSON', JsonExporter],
  ] as const)("from OpenTelemetry's own exporter of %s, over a socket", async (_, Exporter) => {
    start({ tokens: ['secret'] });
    const served = await serve(receive, { port: 0, host: '127.0.0.1' });
    const sender = new Sender();
    sender.span().end();
    const exporter = new Exporter({
      url: `${served.url}/v1/traces`,
      headers: { authorization: 'Bearer secret' },
      compression: 'gzip' as never,
    });
    const result = await new Promise((resolve) => exporter.export(sender.take(), resolve));
    expect(result).toMatchObject({ code: 0 });
    await exporter.shutdown();
    await served.close();
    expect(await events()).toHaveLength(1);
  });

  test('again without counting twice', async () => {
    start();
    const body = protobufCalls(2);
    await receive(post(body));
    await receive(post(body));
    expect(await events()).toHaveLength(2);
  });

  test('of which those that are no spans are counted and said', async () => {
    start();
    const bad = { traceId: 'zz', spanId: '00', name: 'x' };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [bad, null, 3] }] }] });
    const response = await receive(post(body, { 'content-type': 'application/json' }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      partialSuccess: {
        rejectedSpans: 3,
        errorMessage: expect.stringContaining('3 spans have no valid trace id'),
      },
    });
    expect(receive.health()).toMatchObject({ spans: 0, rejected: 3 });
  });
});

describe('for whom', () => {
  test('the sender says it in its own attributes', async () => {
    start();
    await receive(
      post(protobufCalls(1, { ...CHAT, 'costspan.customer': 'acme', 'costspan.context.feature': 'chat' })),
    );
    expect(await events()).toMatchObject([
      { customer: 'acme', context: { feature: 'chat' }, attributionSource: 'span' },
    ]);
  });

  test('else an option says where, and a default', async () => {
    start({ spanAttributes: { customer: ['user.id'], context: ['session.id'] }, defaultCustomer: 'house' });
    await receive(post(protobufCalls(1, { ...CHAT, 'user.id': 'u-1', 'session.id': 's-1' })));
    await receive(post(protobufCalls(1)));
    expect((await events()).map(({ customer, context }) => [customer, context])).toEqual([
      ['u-1', { id: 's-1' }],
      ['house', {}],
    ]);
  });

  test("the spans of our own instrumentations keep their event's id, and those of receipts are none", async () => {
    start();
    const sender = new Sender();
    const own = {
      ...CHAT,
      'costspan.event.id': 'event-1',
      'costspan.customer': 'acme',
      'costspan.usage.source': 'provider',
    };
    sender.span({ ...own, 'costspan.cost.status': 'priced' }).end();
    sender.span({ ...own, 'costspan.event.id': 'event-2', 'costspan.usage.source': 'none' }).end();
    await receive(post(sender.protobuf()));
    expect(await events()).toMatchObject([{ id: 'event-1', customer: 'acme', cost: { amount: CHAT_COST } }]);
  });
});

test('bills a call once that several layers saw, also when the outer one comes first and in another request', async () => {
  start({ windowMs: 200 });
  const sender = new Sender();
  const outer = sender.span({ ...CHAT }, '@vendor/instrumentation-langchain');
  const inner = sender.span({ ...CHAT, 'gen_ai.response.id': 'r1' }, '@vendor/instrumentation-openai', outer);
  inner.end();
  const innerBody = sender.protobuf();
  outer.end();
  const outerBody = sender.protobuf();
  const outerAnswer = receive(post(outerBody));
  await receive(post(innerBody));
  expect((await outerAnswer).status).toBe(200);
  expect(await events()).toMatchObject([{ responseId: 'r1' }]);
  expect(receive.health().suppressed).toEqual({ billedDescendant: 1 });
});

test('knows from the ledger what was billed of a trace before it was started again', async () => {
  start();
  const sender = new Sender();
  const outer = sender.span(CHAT, '@vendor/instrumentation-langchain');
  sender.span(CHAT, '@vendor/instrumentation-openai', outer).end();
  await receive(post(sender.protobuf()));
  outer.end();
  start();
  await receive(post(sender.protobuf()));
  expect(await events()).toHaveLength(1);
  expect(receive.health().suppressed).toEqual({ sameCall: 1 });
});

describe('refuses', () => {
  test.each([
    ['another path', () => post('', {}, '/v1/logs'), 404],
    ['GET', () => new Request('http://localhost/v1/traces'), 405],
    ['another content type', () => post('x', { 'content-type': 'text/plain' }), 415],
    ['another encoding', () => post('x', { 'content-encoding': 'br' }), 415],
    ['a body that is no gzip', () => post('x', { 'content-encoding': 'gzip' }), 400],
    ['a truncated request', () => post(protobufCalls(1).slice(0, -5)), 400],
    ['JSON that is none', () => post('{', { 'content-type': 'application/json' }), 400],
    ['JSON that is no object', () => post('[]', { 'content-type': 'application/json' }), 400],
    ['a body over the limit', () => post(protobufCalls(40)), 413],
    [
      'a body that unpacks beyond the limit',
      () => post(gzipSync(Buffer.alloc(100_000)), { 'content-encoding': 'gzip' }),
      413,
    ],
  ])('%s', async (_, request, status) => {
    start({ maxBodyBytes: 4_000 });
    const response = await receive(request());
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBeNull();
    expect(receive.health().refused).toEqual({ [status]: 1 });
    expect(await events()).toEqual([]);
  });

  test.each([
    [{}, 401],
    [{ authorization: 'Bearer wrong' }, 401],
    [{ authorization: 'Basic one' }, 401],
    [{ authorization: 'Bearer one' }, 200],
    [{ authorization: 'bearer two' }, 200],
  ])('by token: %j is answered %i', async (headers, status) => {
    start({ tokens: ['one', 'two'] });
    expect((await receive(post(protobufCalls(1), headers))).status).toBe(status);
  });

  test('what it cannot keep: the sender shall come back, and nothing is lost then', async () => {
    start();
    let failing = true;
    const { health } = ledger;
    ledger.health = () => (failing ? { ...health.call(ledger), status: 'failing' } : health.call(ledger));
    const body = protobufCalls(1);
    const response = await receive(post(body));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    failing = false;
    expect((await receive(post(body))).status).toBe(200);
    expect(await events()).toHaveLength(1);
  });

  test('more requests at one time than it may hold', async () => {
    start({ maxRequests: 1 });
    const slow = new ReadableStream({ start: () => undefined });
    const first = new Request('http://localhost/v1/traces', {
      method: 'POST',
      body: slow,
      headers: { 'content-type': 'application/x-protobuf' },
      duplex: 'half',
    });
    void receive(first);
    const response = await receive(post(protobufCalls(1)));
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
  });

  test('everything after shutdown', async () => {
    start();
    await receive.shutdown();
    expect((await receive(post(protobufCalls(1)))).status).toBe(503);
  });
});

test('without a ledger a request is acknowledged when the sinks have it', async () => {
  const sink = new MemorySink();
  start({ sinks: [sink] });
  expect((await receive(post(protobufCalls(2)))).status).toBe(200);
  expect(sink.events).toHaveLength(2);
});

test.each([
  [{}, /sinks must be a list of at least one sink/],
  [{ sinks: [{}] }, /a sink needs a write/],
  [{ sinks: [new MemorySink()], token: 'x' }, /Did you mean 'tokens'/],
  [{ sinks: [new MemorySink()], tokens: ['a b'] }, /'tokens'/],
  [{ sinks: [new MemorySink()], maxBodyBytes: 0 }, /'maxBodyBytes'/],
])('refuses the options %j', (options, message) => {
  start();
  expect(() => createOtlpReceiver(options as never)).toThrow(ConfigError);
  expect(() => createOtlpReceiver(options as never)).toThrow(message);
});

describe('survives whatever is sent', () => {
  const statuses = [200, 400, 413, 415];
  const whole = protobufCalls(5);

  test('bytes', async () => {
    start();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(statuses).toContain((await receive(post(Uint8Array.from(bytes)))).status);
      }),
      { numRuns: 200 },
    );
  });

  test('a request that was cut, or in which bytes changed', async () => {
    start();
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255), end: fc.nat(whole.length) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const { at, to } of changes) bytes[at] = to;
        const response = await receive(post(bytes.slice(0, changes[0]?.end)));
        expect(statuses).toContain(response.status);
      }),
      { numRuns: 200 },
    );
  });

  test('JSON of any shape', async () => {
    start();
    const json = { 'content-type': 'application/json' };
    const value = fc.record(
      {
        stringValue: fc.jsonValue({ maxDepth: 2 }),
        intValue: fc.jsonValue({ maxDepth: 2 }),
        arrayValue: fc.jsonValue({ maxDepth: 2 }),
      },
      { requiredKeys: [] },
    );
    const attribute = fc.record({
      key: fc.constantFrom(...Object.keys(CHAT), 'ai.operationId', '__proto__'),
      value: fc.oneof(value, fc.jsonValue({ maxDepth: 2 })),
    });
    const span = fc.record({
      traceId: fc.oneof(fc.constant('ab'.repeat(16)), fc.jsonValue({ maxDepth: 2 })),
      spanId: fc.oneof(fc.constant('cd'.repeat(8)), fc.jsonValue({ maxDepth: 2 })),
      startTimeUnixNano: fc.oneof(fc.constant('1700000000000000000'), fc.jsonValue({ maxDepth: 2 })),
      attributes: fc.oneof(fc.array(attribute), fc.jsonValue({ maxDepth: 2 })),
      events: fc.jsonValue({ maxDepth: 2 }),
    });
    const request = fc.record({
      resourceSpans: fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.array(
          fc.record({
            resource: fc.jsonValue({ maxDepth: 2 }),
            scopeSpans: fc.array(fc.record({ scope: fc.jsonValue({ maxDepth: 2 }), spans: fc.array(span) })),
          }),
        ),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, fc.jsonValue({ maxDepth: 2 })), async (given) => {
        const body =
          JSON.stringify(given, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)) ?? '';
        expect(statuses).toContain((await receive(post(body, json))).status);
      }),
      { numRuns: 100 },
    );
    expect(receive.health().refused[500]).toBeUndefined();
  });

  test('nesting without end', async () => {
    start();
    const deep = `{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":${'{"arrayValue":{"values":['.repeat(20_000)}${']}}'.repeat(20_000)}}]}}]}`;
    expect(statuses).toContain((await receive(post(deep, { 'content-type': 'application/json' }))).status);
    // Field 1, length-delimited, 30,000 times in itself.
    let bytes = new Uint8Array();
    for (let depth = 0; depth < 2_000; depth++)
      bytes = Uint8Array.from([10, ...varint(bytes.length), ...bytes]);
    expect(statuses).toContain((await receive(post(bytes))).status);
  });
});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
