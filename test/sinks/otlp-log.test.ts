import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CostEventJson } from '../../src/metering/cost-event.ts';
import { decodeMessage, encodeMessage } from '../../src/base/protobuf.ts';
import { forgetWarnings } from '../../src/base/warn-once.ts';
import { OTLPLogSink } from '../../src/sinks/otlp-log.ts';
import { LOGS_REQUEST, LOGS_RESPONSE, STATUS } from '../../src/sinks/otlp/messages.ts';
import { logAttributes } from '../../src/sinks/otlp/record.ts';
import { cost, costEvent } from '../ledger/events.ts';
import { testSink } from './contract.ts';
import { Receiver } from './receiver.ts';

let receiver: Receiver;

beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(() => receiver.stop());

interface LogRecord {
  readonly timeUnixNano: string;
  readonly eventName: string;
  readonly body: { stringValue: string };
  readonly attributes: { key: string; value: object }[];
  readonly traceId?: string;
  readonly spanId?: string;
}

function resourceLogs(): { resource: { attributes: object[] }; scopeLogs: { logRecords: LogRecord[] }[] }[] {
  return receiver.requests.flatMap(({ headers, body, bytes }) =>
    headers['content-type'] === 'application/json'
      ? JSON.parse(body).resourceLogs
      : decodeMessage(LOGS_REQUEST, bytes)?.resourceLogs,
  );
}

function logRecords(): LogRecord[] {
  return resourceLogs().flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}

describe.each([{ protocol: 'http/protobuf' }, { protocol: 'http/json' }] as const)(
  'over $protocol',
  ({ protocol }) => {
    testSink('OTLPLogSink', async () => ({
      sink: new OTLPLogSink({ url: `${receiver.url}/v1/logs`, protocol }),
      arrived: () => logRecords().map(({ body }) => JSON.parse(body.stringValue) as CostEventJson),
      fail: () => {
        receiver.answer = () => 503;
      },
    }));
  },
);

describe('a log record', () => {
  test('says what the event says, in flat attributes with exact money', () => {
    const event = costEvent({
      id: '019aa1c2-0000-7000-8000-000000000000',
      context: { feature: 'chat', seats: 3, gone: null },
      finishReasons: ['stop'],
      usage: { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300, webSearchRequests: 1 },
      cost: cost('0.000000000000000123'),
    });
    expect(logAttributes(event)).toEqual({
      'costspan.event.id': '019aa1c2-0000-7000-8000-000000000000',
      'costspan.event.kind': 'usage',
      'costspan.customer': 'acme',
      'costspan.attribution.source': 'scope',
      'costspan.context.feature': 'chat',
      'costspan.context.seats': '3',
      'gen_ai.provider.name': 'openai',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.stream': false,
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.response.id': 'chatcmpl-1',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 2006,
      'gen_ai.usage.cache_read.input_tokens': 1920,
      'gen_ai.usage.output_tokens': 300,
      'costspan.usage.web_search_requests': 1,
      'costspan.usage.source': 'provider',
      'costspan.cost.amount': '0.000000000000000123',
      'costspan.cost.currency': 'USD',
      'costspan.cost.status': 'priced',
      'gen_ai.usage.cost.amount': 0.000000000000000123,
      'gen_ai.usage.cost.currency': 'USD',
      'gen_ai.usage.cost.source': 'local',
      'costspan.status': 'ok',
      'costspan.duration_ms': 800,
      'costspan.retries': 0,
    });
  });

  test('leaves out what nobody knows', () => {
    const attributes = logAttributes(costEvent({ customer: null, cost: cost(undefined) }));
    expect(attributes).not.toHaveProperty(['costspan.customer']);
    expect(attributes).not.toHaveProperty(['costspan.cost.amount']);
    expect(attributes).not.toHaveProperty(['gen_ai.usage.cost.amount']);
    expect(attributes).toHaveProperty(['costspan.cost.status'], 'unpriced');
  });

  test('is an OTLP record: event name, time of the call, trace, integers as text, one resource per service', async () => {
    const traced = costEvent({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' });
    await new OTLPLogSink({ url: receiver.url + '/v1/logs', protocol: 'http/json' }).write([
      traced,
      costEvent({ service: 'billing' }),
    ]);
    const [record] = logRecords();
    expect(record).toMatchObject({
      eventName: 'costspan.cost',
      // 2026-11-20T10:00:00Z in nanoseconds
      timeUnixNano: '1795168800000000000',
      severityNumber: 9,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
    });
    expect(record?.attributes).toContainEqual({
      key: 'gen_ai.usage.input_tokens',
      value: { intValue: '1000' },
    });
    expect(record?.attributes).toContainEqual({
      key: 'gen_ai.usage.cost.amount',
      value: { doubleValue: 0.0035 },
    });
    expect(record?.attributes).toContainEqual({ key: 'gen_ai.request.stream', value: { boolValue: false } });
    expect(resourceLogs().map(({ resource }) => resource.attributes)).toEqual([
      [{ key: 'service.name', value: { stringValue: 'support-api' } }],
      [{ key: 'service.name', value: { stringValue: 'billing' } }],
    ]);
  });
});

test("through the application's logger the record is the same", async () => {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  const event = costEvent({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' });
  await new OTLPLogSink({ logger: provider.getLogger('costspan') }).write([event]);
  const [record] = exporter.getFinishedLogRecords();
  expect(record).toMatchObject({
    eventName: 'costspan.cost',
    severityNumber: 9,
    body: JSON.stringify(event),
    attributes: logAttributes(event),
    spanContext: { traceId: event.traceId, spanId: event.spanId },
  });
  expect(() => new OTLPLogSink({ logger: provider.getLogger('x'), url: 'http://x' })).toThrow('Choose one');
});

describe('as protobuf', () => {
  const event = costEvent({
    customer: 'Ünïcode',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    usage: { inputTokens: 2 ** 53 - 1, outputAudioSeconds: 1.5 },
  });

  test("the record is read like one that OpenTelemetry's own exporter sends", async () => {
    const exporter = new InMemoryLogRecordExporter();
    const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
    await new OTLPLogSink({ logger: provider.getLogger('costspan') }).write([event]);
    const theirs = decodeMessage(
      LOGS_REQUEST,
      ProtobufLogsSerializer.serializeRequest(exporter.getFinishedLogRecords()) ?? new Uint8Array(),
    ) as { resourceLogs: { scopeLogs: { logRecords: LogRecord[] }[] }[] };
    await new OTLPLogSink({ url: receiver.url }).write([event]);
    const [{ observedTimeUnixNano: _, ...ours } = {} as never] = logRecords() as (LogRecord & {
      observedTimeUnixNano: string;
    })[];
    const [record] = theirs.resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) => logRecords),
    );
    const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1);
    expect({ ...ours, attributes: ours.attributes.toSorted(byKey) }).toEqual({
      ...ours,
      ...record,
      observedTimeUnixNano: undefined,
      // Their exporter has no type for a whole amount; ours are doubles always.
      attributes: record?.attributes.toSorted(byKey),
    });
  });

  test.each([
    ['text', { name: 'a', version: '' }],
    ['nothing', {}],
  ])('%s comes back as it was', (_, scope) => {
    const message = { name: [1, 'string'], version: [2, 'string'] } as const;
    expect(decodeMessage(message, encodeMessage(message, scope))).toEqual(scope);
  });

  test.each(['0', '1', '-1', '127', '128', '9223372036854775807', '-9223372036854775808'])(
    'the integer %s comes back as it was',
    (value) => {
      const message = { value: [1, 'int64'] } as const;
      expect(decodeMessage(message, encodeMessage(message, { value }))).toEqual({ value });
    },
  );

  // Where the length takes another byte, and where the buffer grows.
  test.each([0, 1, 127, 128, 4_095, 4_096, 16_383, 16_384, 300_000])(
    'what is nested %i bytes long comes back as it was',
    (length) => {
      const inner = { text: [1, 'string'], last: [2, 'int32'] } as const;
      const message = { inner: [1, inner, true], after: [2, 'bool'] } as const;
      const text = 'é'.repeat(length / 2).padEnd(length - Math.floor(length / 2), 'e');
      expect(Buffer.byteLength(text)).toBe(length);
      const value = { inner: [{ text, last: -7 }, { text: 'z' }], after: true };
      expect(decodeMessage(message, encodeMessage(message, value))).toEqual(value);
    },
  );

  test('what is cut off is no message', () => {
    const bytes = encodeMessage(STATUS, { code: 3, message: 'no' });
    expect(decodeMessage(STATUS, bytes)).toEqual({ code: 3, message: 'no' });
    expect(decodeMessage(STATUS, bytes.subarray(0, -1))).toBeUndefined();
  });

  test('a refusal and a partial success are read', async () => {
    const headers = { 'content-type': 'application/x-protobuf' };
    const sink = new OTLPLogSink({ url: receiver.url });
    receiver.answer = () => ({
      status: 400,
      headers,
      body: encodeMessage(STATUS, { code: 3, message: 'too old' }),
    });
    await expect(sink.write([event])).rejects.toMatchObject({ status: 400, response: 'too old' });
    const partialSuccess = { rejectedLogRecords: '2', errorMessage: 'too young' };
    receiver.answer = () => ({
      status: 200,
      headers,
      body: encodeMessage(LOGS_RESPONSE, { partialSuccess }),
    });
    await expect(sink.write([event])).rejects.toMatchObject({
      status: 400,
      message: 'the receiver rejected 2 log records: too young',
    });
  });
});

describe('the answer', () => {
  test('full success may be empty, JSON without rejections, or protobuf', async () => {
    const sink = new OTLPLogSink({ url: receiver.url });
    for (const body of [
      '',
      '{}',
      '{"partialSuccess":{}}',
      '{"partialSuccess":{"rejectedLogRecords":"0"}}',
      '\n\u0000',
    ]) {
      receiver.answer = () => ({ status: 200, body });
      await expect(sink.write([costEvent()])).resolves.toBeUndefined();
    }
  });

  test('a partial success is a refusal, for delivery to find the offender', async () => {
    receiver.answer = () => ({
      status: 200,
      body: '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}',
    });
    await expect(new OTLPLogSink({ url: receiver.url }).write([costEvent()])).rejects.toMatchObject({
      status: 400,
      message: 'the receiver rejected 1 log records: too old',
    });
  });

  test('Retry-After is handed on', async () => {
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '7' } });
    await expect(new OTLPLogSink({ url: receiver.url }).write([costEvent()])).rejects.toMatchObject({
      status: 429,
      retryAfterMs: 7000,
    });
  });
});

describe('the environment', () => {
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined);
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `${receiver.url}/`);
    forgetWarnings();
  });
  afterEach(() => vi.unstubAllEnvs());

  interface Row {
    readonly env: Record<string, string>;
    readonly options?: ConstructorParameters<typeof OTLPLogSink>[0];
    readonly path?: string;
    readonly headers: Record<string, string | undefined>;
  }
  const ROWS: Record<string, Row> = {
    'the shared address gets the path of logs; nothing is compressed': {
      env: {},
      path: '/v1/logs',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': undefined },
    },
    'an address for logs is taken as it is': {
      env: { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'RECEIVER/own/path' },
      path: '/own/path',
      headers: {},
    },
    'an empty address for logs is none': {
      env: { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: '' },
      path: '/v1/logs',
      headers: {},
    },
    'headers are decoded': {
      env: { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=abc%3D, tenant=x' },
      headers: { 'api-key': 'abc=', tenant: 'x' },
    },
    'an empty list for logs leaves the shared headers': {
      env: { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a', OTEL_EXPORTER_OTLP_LOGS_HEADERS: '' },
      headers: { 'api-key': 'a' },
    },
    'headers for logs are laid over the shared ones, whatever their case': {
      env: { OTEL_EXPORTER_OTLP_HEADERS: 'Api-Key=a,tenant=x', OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'api-key=b' },
      headers: { 'api-key': 'b', tenant: 'x' },
    },
    'a header with a stray percent sign is sent as it is': {
      env: { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=50%off' },
      headers: { 'api-key': '50%off' },
    },
    'headers of the code take their place': {
      env: { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a' },
      options: { headers: { tenant: 'y' } },
      headers: { tenant: 'y', 'api-key': undefined },
    },
    'compression is shared or for logs': {
      env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
      headers: { 'content-encoding': 'gzip' },
    },
    'compression for logs wins': {
      env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'none' },
      headers: { 'content-encoding': undefined },
    },
    'gzip: false of the code wins over both': {
      env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
      options: { gzip: false },
      headers: { 'content-encoding': undefined },
    },
    'the protocol is shared or for logs': {
      env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      headers: { 'content-type': 'application/json' },
    },
    'the protocol for logs wins': {
      env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json' },
      headers: { 'content-type': 'application/json' },
    },
    'grpc is sent as http/protobuf': {
      env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      headers: { 'content-type': 'application/x-protobuf' },
    },
  };

  test.each(Object.entries(ROWS))('%s', async (_, { env, options, path, headers }) => {
    for (const [name, value] of Object.entries(env))
      vi.stubEnv(name, value.replace('RECEIVER', receiver.url));
    await new OTLPLogSink(options).write([costEvent()]);
    const [request] = receiver.requests;
    if (path !== undefined) expect(request?.path).toBe(path);
    for (const [name, value] of Object.entries(headers))
      expect([name, request?.headers[name]]).toEqual([name, value]);
  });

  test('a timeout counts', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '30');
    receiver.answer = () => () => {};
    await expect(new OTLPLogSink().write([costEvent()])).rejects.toThrow('no answer within 30 ms');
  });
});

test.each([
  [{ url: 'collector' }, "got 'collector'"],
  [{ url: 'ftp://collector' }, 'http or https address'],
  [{ endpoint: 'x' }, "Did you mean 'url'?"],
  [{ protocol: 'grpc' }, "'http/protobuf' or 'http/json', got 'grpc'"],
  [{ headers: { 'api key': 'x' } }, "header names, got 'api key'"],
  [{ headers: { 'api-key': 'secret\nsecret' } }, 'contains a line break'],
  [{ headers: { 'api-key': 7 } }, 'a string or a function, got 7'],
])('an option that can never work is refused when the sink is made: %j', (options, message) => {
  expect(() => new OTLPLogSink(options as never)).toThrow(message);
});
