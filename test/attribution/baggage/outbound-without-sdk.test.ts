import { describe, expect, it } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { get, listen, loadHttp } from './http.ts';
import { arrivals, cost, EXPECTED } from './outbound.ts';

describe('requests of an application without any SDK', () => {
  it('tell allowed hosts alike', async () => {
    cost();
    expect(await arrivals()).toEqual(EXPECTED);
  });

  it('keep a baggage header that the application wrote itself', async () => {
    cost();
    const http = loadHttp();
    const server = http.createServer((request, response) => response.end(request.headers.baggage));
    await using listening = await listen(server);
    const headers = { baggage: 'plan=pro' };
    await withCustomer('acme', async () => {
      expect(await get(http, listening.url, headers)).toMatch(/^plan=pro,costspan\.customer=acme,/);
      expect(await (await fetch(listening.url, { headers })).text()).toMatch(
        /^plan=pro, costspan\.customer=acme,/,
      );
    });
  });
});
