import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureTrustBoundary } from '../../../src/attribution/baggage/trust-boundary.ts';
import { type Running, SERVERS } from './servers.ts';

/** `0` without any SDK; otherwise NodeSDK with its default propagators, and what strangers put in their headers. */
const SETUPS: Readonly<Record<string, IncomingHttpHeaders>> = {
  'without any SDK': {},
  'under NodeSDK, forged and sampled': {
    baggage: 'costspan.customer=evil,costspan.context.path=forged',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
  'under NodeSDK, forged and sampled out': {
    baggage: 'costspan.customer=evil,costspan.context.path=forged',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
  },
};

const instrumentation = new HttpInstrumentation({ ignoreOutgoingRequestHook: () => true, enabled: false });

describe.each(Object.keys(SETUPS))('%s', (setup) => {
  let sdk: NodeSDK | undefined;
  beforeAll(() => {
    if (setup === 'without any SDK') return;
    ensureTrustBoundary();
    instrumentation.enable();
    sdk = new NodeSDK({ instrumentations: [instrumentation] });
    sdk.start();
    createRequire(import.meta.url)('node:http');
  });
  afterAll(async () => await sdk?.shutdown());

  describe.each(Object.entries(SERVERS))('%s', (_, start) => {
    let server: Running;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(async () => await server.close());
    const send = (path: string, headers: IncomingHttpHeaders, body?: object): Promise<string> =>
      ask(`${server.url}${path}`, { ...SETUPS[setup], ...headers }, body);

    it('bills each of 60 concurrent requests to its own customer, plain, with a body and streamed', async () => {
      const replies = Array.from({ length: 60 }, async (_, index) => {
        const org = `org-${index % 12}`;
        const headers = { 'x-org': org };
        if (index % 3 === 0) return [await send('/plain', headers), `${org}:app:plain`];
        if (index % 3 === 1) return [await send('/body', headers, { step: 'b' }), `${org}:app:b`];
        return [await send('/stream', headers), `${org}:app:1;${org}:app:2;${org}:app:3;`];
      });
      for (const [got, expected] of await Promise.all(replies)) expect(got).toBe(expected);
    });

    it('bills nobody when authentication found nobody, whatever the headers claim', async () => {
      expect(await send('/plain', {})).toBe('unattributed:app:plain');
    });

    // Without a context manager there is no active baggage to name anybody in.
    if (setup !== 'without any SDK') {
      it('bills whom the application names in baggage', async () => {
        expect(await send('/baggage', { 'x-org': 'acme' })).toBe('own:app:baggage');
      });
    }
  });
});

/** Over `node:http` with a connection of its own, so that no pool's context gets in between. */
function ask(url: string, headers: IncomingHttpHeaders, body?: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = httpRequest(url, {
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...json },
    });
    request.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
