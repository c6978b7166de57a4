import { channel } from 'node:diagnostics_channel';
import { expect, onTestFinished, test } from 'vitest';
import { writeOnOutboundRequests } from '../../../src/attribution/baggage/outbound-requests.ts';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { cost } from './outbound.ts';

/** What `node:http` and undici publish of a request, and what is written on it. */
function http(fields: object = {}, headers: Record<string, unknown> = {}): Record<string, unknown> {
  const request = {
    method: 'GET',
    protocol: 'http:',
    host: '127.0.0.1',
    headersSent: false,
    getHeader: (name: string) => headers[name],
    setHeader: (name: string, value: unknown) => void (headers[name] = value),
    ...fields,
  };
  withCustomer('acme', () => channel('http.client.request.created').publish({ request }));
  return headers;
}

function undici(fields: object = {}): string[] {
  const added: string[] = [];
  const request = {
    method: 'GET',
    origin: 'http://127.0.0.1',
    headers: [],
    addHeader: (name: string, value: string) => void added.push(`${name}: ${value}`),
    ...fields,
  };
  withCustomer('acme', () => channel('undici:request:create').publish({ request }));
  return added;
}

test('a request to an allowed host is told who pays, and nobody else’s is', () => {
  cost();
  expect(http().baggage).toMatch(/^costspan\.customer=acme/);
  expect(undici()).toEqual([expect.stringMatching(/^baggage: costspan\.customer=acme/)]);
  expect(http({ host: 'elsewhere.test' }).baggage).toBeUndefined();
  expect(undici({ origin: 'https://elsewhere.test' })).toEqual([]);
});

test.each([
  ['that has left', () => http({ headersSent: true })],
  ['that opens a tunnel', () => http({ method: 'CONNECT' })],
  ['over a socket file', () => http({ socketPath: '/var/run/docker.sock' })],
  ['to nowhere', () => http({ host: 'not a host' })],
  ['of which nothing is known', () => http({ getHeader: undefined })],
])('a request %s is left as it is', (_what, make) => {
  cost();
  expect(make().baggage).toBeUndefined();
});

test.each([
  ['that opens a tunnel', { method: 'CONNECT' }],
  ['to nowhere', { origin: 'not a host' }],
  ['that nobody can add to', { addHeader: undefined }],
])('a request of undici %s is left as it is', (_what, fields) => {
  cost();
  expect(undici(fields)).toEqual([]);
});

test('what the application says itself stays, and an attribution it wrote is not written again', () => {
  cost();
  expect(http({}, { baggage: 'plan=pro' }).baggage).toMatch(/^plan=pro,costspan\.customer=acme/);
  expect(http({}, { baggage: ['plan=pro', 'a=b'] }).baggage).toMatch(/^plan=pro,a=b,costspan\.customer=acme/);
  const own = 'costspan.customer=globex';
  expect(http({}, { baggage: own }).baggage).toBe(own);
  expect(undici({ headers: ['Baggage', own] })).toEqual([]);
  expect(undici({ headers: ['accept', 'baggage', 'baggage', 'plan=pro'] })).toHaveLength(1);
  // Old versions have their headers as lines.
  expect(undici({ headers: `accept: */*\r\nBaggage: ${own}\r\n` })).toEqual([]);
  expect(undici({ headers: 'accept: */*\r\n' })).toHaveLength(1);
});

test('the port that is asked for is the one that must be allowed', () => {
  cost();
  expect(http({}, { host: '127.0.0.1:8080' }).baggage).toMatch(/acme/);
  expect(http({ protocol: 'https:' }).baggage).toMatch(/acme/);
  expect(http({ host: '::1' }).baggage).toBeUndefined();
});

test('who asked for it stops it; as long as one does, it goes on', () => {
  const [first, second] = [writeOnOutboundRequests(), writeOnOutboundRequests()];
  onTestFinished(first);
  cost();
  second();
  expect(http().baggage).toMatch(/acme/);
});
