import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CostEventJson } from '../../src/metering/cost-event.ts';
import { HttpSink } from '../../src/sinks/http.ts';
import { costEvent } from '../ledger/events.ts';
import { testSink } from './contract.ts';
import { Receiver } from './receiver.ts';

let receiver: Receiver;

beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await receiver.stop();
});

function sink(options: object = {}): HttpSink {
  return new HttpSink({ url: receiver.url, ...options });
}

function bodies(): string[] {
  return receiver.requests.map(({ body }) => body);
}

const fail = (): void => {
  receiver.answer = () => 503;
};

testSink('HttpSink with a JSON array', async () => ({
  sink: sink(),
  arrived: () => bodies().flatMap((body) => JSON.parse(body) as CostEventJson[]),
  fail,
}));

testSink('HttpSink with NDJSON, compressed', async () => ({
  sink: sink({ format: 'ndjson', gzip: true }),
  arrived: () =>
    bodies().flatMap((body) =>
      body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as CostEventJson),
    ),
  fail,
}));

testSink('HttpSink with CloudEvents', async () => ({
  sink: sink({ format: 'cloudevents' }),
  arrived: () =>
    bodies().flatMap((body) => (JSON.parse(body) as { data: CostEventJson }[]).map(({ data }) => data)),
  fail,
}));

describe('a request', () => {
  test('names its content and carries the headers it was given', async () => {
    await sink({ headers: { 'x-tenant': 'a', 'x-late': () => 'b', 'x-absent': () => undefined } }).write([
      costEvent(),
    ]);
    await sink({ format: 'ndjson', gzip: true }).write([costEvent()]);
    await sink({ format: 'cloudevents' }).write([costEvent()]);
    const headers = receiver.requests.map((request) => request.headers);
    expect(headers.map((each) => each['content-type'])).toEqual([
      'application/json',
      'application/x-ndjson',
      'application/cloudevents-batch+json',
    ]);
    expect(headers[0]).toMatchObject({ 'x-tenant': 'a', 'x-late': 'b' });
    expect(headers[0]).not.toHaveProperty('x-absent');
    expect(headers[1]).toMatchObject({ 'content-encoding': 'gzip' });
  });

  test('takes its token from the environment, at each attempt', async () => {
    const http = sink({ tokenEnv: 'BILLING_TOKEN' });
    vi.stubEnv('BILLING_TOKEN', 'first');
    await http.write([costEvent()]);
    vi.stubEnv('BILLING_TOKEN', 'second');
    await http.write([costEvent()]);
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      'Bearer second',
    ]);
  });

  test.each([
    ['50%off', '50%off'],
    ['100%25', '100%'],
    ['%zz%C3%BC', '%zzü'],
  ])('a password %s in the address is sent as %s', async (written, sent) => {
    const url = receiver.url.replace('http://', `http://billing:${written}@`);
    await new HttpSink({ url }).write([costEvent()]);
    const [, credentials = ''] = receiver.requests[0]?.headers.authorization?.split(' ') ?? [];
    expect(Buffer.from(credentials, 'base64').toString()).toBe(`billing:${sent}`);
  });

  test('takes user and password out of the address', async () => {
    await sink({ url: receiver.url.replace('//', '//user:p%40ss@') }).write([costEvent()]);
    // base64 of user:p@ss
    expect(receiver.requests[0]?.headers.authorization).toBe('Basic dXNlcjpwQHNz');
  });

  test('is a CloudEvent with our id as its id', async () => {
    const event = costEvent({ service: 'support api' });
    await sink({ format: 'cloudevents' }).write([
      event,
      costEvent({ kind: 'adjustment', adjusts: event.id, customer: null }),
    ]);
    const [first, second] = JSON.parse(bodies()[0] ?? '') as Record<string, unknown>[];
    expect(first).toEqual({
      specversion: '1.0',
      id: event.id,
      source: '/costspan/support%20api',
      type: 'costspan.cost.v1',
      subject: 'acme',
      time: '2026-11-20T10:00:00.000Z',
      datacontenttype: 'application/json',
      data: JSON.parse(JSON.stringify(event)),
    });
    expect(second).toMatchObject({ type: 'costspan.adjustment.v1' });
    expect(second).not.toHaveProperty('subject');
  });

  test('has the body that map and envelope make, without the events map leaves out', async () => {
    await sink({
      map: (event: { customer: string; cost: { amount: string } }) =>
        event.customer === 'acme' ? { who: event.customer, usd: event.cost.amount } : undefined,
      envelope: (items: unknown[]) => ({ tracked: items }),
    }).write([costEvent(), costEvent({ customer: 'globex' })]);
    expect(bodies()).toEqual(['{"tracked":[{"who":"acme","usd":"0.0035"}]}']);
    await sink({ map: () => undefined }).write([costEvent()]);
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('an answer', () => {
  test('that is no success is handed on with status, body and Retry-After', async () => {
    receiver.answer = () => ({
      status: 422,
      body: '{"error":"customer unknown"}',
      headers: { 'retry-after': '3' },
    });
    await expect(sink().write([costEvent()])).rejects.toMatchObject({
      status: 422,
      response: '{"error":"customer unknown"}',
      retryAfterMs: 3000,
    });
  });

  test('may give Retry-After as a date', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString();
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': date } });
    const error: unknown = await sink()
      .write([costEvent()])
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 503 });
    expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(50_000);
    expect((error as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test('that never comes is a failure without status', async () => {
    receiver.answer = () => () => {};
    const error: unknown = await sink({ timeoutMs: 50 })
      .write([costEvent()])
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining('no answer within 50 ms') });
    expect(error).not.toHaveProperty('status');
  });

  test('from nobody names the address, without what is secret in it', async () => {
    const http = new HttpSink({ url: 'http://user:secret@127.0.0.1:9/events?key=secret' });
    const error: unknown = await http.write([costEvent()]).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('POST http://127.0.0.1:9/events failed');
    expect(String(error)).not.toContain('secret');
  });

  test('that points elsewhere is not followed', async () => {
    receiver.answer = () => ({ status: 307, headers: { location: 'http://127.0.0.1:9/' } });
    await expect(sink().write([costEvent()])).rejects.toMatchObject({ status: 307 });
  });
});

test('a wrong option is refused with the name of the right one', () => {
  expect(() => new HttpSink({ endpoint: 'x' } as never)).toThrow("Did you mean 'url'?");
  expect(() => new HttpSink({ url: 'billing.example.com' })).toThrow(
    "expected 'url' to be an http or https address",
  );
  expect(() => sink({ format: 'xml' })).toThrow("'json', 'ndjson', 'cloudevents'");
  expect(() => sink({ map: 'x' })).toThrow("'map' to be a function");
  expect(() => sink({ format: 'ndjson', envelope: () => ({}) })).toThrow('Choose one');
});
