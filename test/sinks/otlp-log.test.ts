import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CostEventJson } from '../../src/metering/cost-event.ts';
import { logAttributes, OTLPLogSink } from '../../src/sinks/otlp-log.ts';
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
  return receiver.requests.flatMap(({ body }) => JSON.parse(body).resourceLogs);
}

function logRecords(): LogRecord[] {
  return resourceLogs().flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}

testSink('OTLPLogSink', async () => ({
  sink: new OTLPLogSink({ url: `${receiver.url}/v1/logs` }),
  arrived: () => logRecords().map(({ body }) => JSON.parse(body.stringValue) as CostEventJson),
  fail: () => {
    receiver.answer = () => 503;
  },
}));

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
      'costspan.cost': '0.000000000000000123',
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
    expect(attributes).not.toHaveProperty(['costspan.cost']);
    expect(attributes).not.toHaveProperty(['gen_ai.usage.cost.amount']);
    expect(attributes).toHaveProperty(['costspan.cost.status'], 'unpriced');
  });

  test('is an OTLP record: event name, time of the call, trace, integers as text, one resource per service', async () => {
    const traced = costEvent({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' });
    await new OTLPLogSink({ url: receiver.url + '/v1/logs' }).write([
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

describe('the address', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('comes from the environment that every OpenTelemetry exporter reads', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `${receiver.url}/`);
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'api-key=abc%3D,tenant=x');
    await new OTLPLogSink().write([costEvent()]);
    expect(receiver.requests[0]).toMatchObject({
      path: '/v1/logs',
      headers: { 'api-key': 'abc=', tenant: 'x' },
    });
  });

  test('the one for logs wins, as it is', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:1');
    vi.stubEnv('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', `${receiver.url}/own/path`);
    await new OTLPLogSink({ gzip: true }).write([costEvent()]);
    expect(receiver.requests[0]).toMatchObject({
      path: '/own/path',
      headers: { 'content-encoding': 'gzip' },
    });
  });

  test('a wrong one is refused when the sink is made', () => {
    expect(() => new OTLPLogSink({ url: 'collector' })).toThrow("got 'collector'");
    expect(() => new OTLPLogSink({ endpoint: 'x' } as never)).toThrow("Did you mean 'url'?");
  });
});
