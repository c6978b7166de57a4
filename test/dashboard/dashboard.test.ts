import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDashboard, type Dashboard, type DashboardOptions } from '../../src/dashboard/dashboard.ts';
import type { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { filledLedger, NOW } from './ledger.ts';

const TOKEN = 'correct-horse';

let ledger: SqliteLedger;
let now = NOW;

beforeEach(async () => {
  now = NOW;
  ledger = await filledLedger();
});
afterEach(() => ledger.shutdown());

function create(options: Partial<DashboardOptions> = {}): Dashboard {
  return createDashboard({ ledger, now: () => now, ...options });
}

function get(
  dashboard: Dashboard,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return dashboard(new Request(`http://localhost${path}`, { headers }));
}

async function codeOf(response: Response): Promise<[number, string]> {
  const { error } = (await response.json()) as { error: { code: string } };
  return [response.status, error.code];
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Over a socket, with any headers: `fetch` does not let a program choose its Host. */
async function over(
  url: string,
  headers: OutgoingHttpHeaders = {},
  method = 'GET',
  body = '',
): Promise<Answered> {
  const asked = send(url, { method, headers });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe('every answer', () => {
  test.each(['/', '/api/meta', '/api/nothing', '/api/events.csv', '/nothing', '/assets/nothing.js'])(
    '%s runs no script of others, is framed by nobody, and is not kept',
    async (path) => {
      const { headers } = await get(create(), path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy.split('; ')).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "script-src 'self'",
          "connect-src 'self'",
          "base-uri 'none'",
          "frame-ancestors 'none'",
        ]),
      );
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s changes nothing and is refused',
    async (method) => {
      const response = await create()(new Request('http://localhost/api/events', { method }));
      expect(await codeOf(response)).toEqual([405, 'METHOD_NOT_ALLOWED']);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    },
  );

  test('HEAD says what GET would, without a body', async () => {
    const response = await create()(new Request('http://localhost/api/meta', { method: 'HEAD' }));
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'application/json; charset=utf-8',
      '',
    ]);
  });

  test('is JSON with a code where there is nothing, or the path leads out', async () => {
    for (const path of [
      '/nothing',
      '/assets/../../package.json',
      '/..%2fpackage.json',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/assets/..%2f..%2fpackage.json',
    ])
      expect(await codeOf(await get(create(), path))).toEqual([404, 'NOT_FOUND']);
  });

  test('is an answer also when the ledger fails', async () => {
    const broken = {
      name: 'broken',
      query: () => Promise.reject(new Error('secret path')),
      events: () => ledger.events(),
      write: () => undefined,
      flush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    const response = await get(createDashboard({ ledger: broken }), '/api/summary');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });
});

describe('without a token', () => {
  test.each(['localhost', 'localhost:4320', '127.0.0.1:4320', '[::1]:4320'])(
    'answers this machine, as %s',
    async (host) => {
      expect((await get(create(), '/api/meta', { host })).status).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'evil.example:4320',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '192.168.1.5',
  ])('is not read through the name %j that somebody else chose', async (host) => {
    const dashboard = create();
    const served = await dashboard.listen();
    expect(await over(`${served.url}/api/meta`, { host })).toMatchObject({
      status: 403,
      body: expect.stringContaining('FOREIGN_HOST'),
    });
    expect(await over(`${served.url}/`, { host })).toMatchObject({ status: 403 });
    await served.close();
  });

  test('does not listen where others reach it', () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'costs.example.com'])
      expect(() => create().listen({ host })).toThrow(`On ${host} anybody could look. Give a token`);
  });

  test('answers under the names it is told, for something in front of it asks who looks', async () => {
    const dashboard = create({ hosts: ['costs.example.com'] });
    expect((await get(dashboard, '/api/meta', { host: 'Costs.example.com:443' })).status).toBe(200);
    expect((await get(dashboard, '/api/meta', { host: 'evil.example' })).status).toBe(403);
  });
});

describe('with a token', () => {
  const bearer = { authorization: `Bearer ${TOKEN}` };

  async function logIn(
    dashboard: Dashboard,
    token: string,
    url = 'http://localhost/login',
  ): Promise<Response> {
    const body = new URLSearchParams({ token });
    return dashboard(new Request(url, { method: 'POST', body }));
  }

  test('a program sends it as a bearer token; nothing is said to others', async () => {
    const dashboard = create({ token: TOKEN });
    expect((await get(dashboard, '/api/meta', { ...bearer, host: 'costs.example.com' })).status).toBe(200);
    for (const authorization of [
      '',
      'Bearer',
      'Bearer wrong',
      `Bearer ${TOKEN}x`,
      `Basic ${TOKEN}`,
      `Bearer ${TOKEN.slice(1)}`,
    ]) {
      const response = await get(dashboard, '/api/summary', { authorization });
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await codeOf(response)).toEqual([401, 'UNAUTHORIZED']);
    }
    expect((await get(dashboard, '/assets/index.js')).status).toBe(401);
  });

  test('a browser gives it once, in a form that needs no script', async () => {
    const dashboard = create({ token: TOKEN });
    const form = await get(dashboard, '/');
    expect(form.status).toBe(401);
    const html = await form.text();
    expect(html).toContain('<form action="login" method="post">');
    expect(html).not.toMatch(/<script|style=|https?:/);
    expect((await get(dashboard, '/login.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
    const done = await logIn(dashboard, TOKEN);
    expect([done.status, done.headers.get('location')]).toEqual([303, './']);
    const cookie = done.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^costspan_dashboard=\S+; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    expect(cookie).not.toContain(TOKEN);
    const session = { cookie: `other=1; ${cookie.split(';')[0]}` };
    expect((await get(dashboard, '/api/meta', session)).status).toBe(200);
    // Twelve hours later, and in another process, it is worth nothing.
    now = new Date(NOW.getTime() + 12 * 3_600_000);
    expect((await get(dashboard, '/api/meta', session)).status).toBe(401);
    now = NOW;
    expect((await get(create({ token: TOKEN }), '/api/meta', session)).status).toBe(401);
  });

  test('the cookie is for encrypted connections alone, where the log-in was one', async () => {
    const done = await logIn(create({ token: TOKEN }), TOKEN, 'https://costs.example.com/login');
    expect(done.headers.get('set-cookie')).toContain('; Secure');
  });

  test('what is not the token logs nobody in', async () => {
    const dashboard = create({ token: TOKEN });
    for (const token of ['', 'wrong', `${TOKEN} `]) {
      const response = await logIn(dashboard, token);
      expect([response.status, response.headers.get('set-cookie')]).toEqual([401, null]);
      expect(await response.text()).toContain('This is not the token.');
    }
    const large = new Request('http://localhost/login', {
      method: 'POST',
      body: `token=${'x'.repeat(10_000)}`,
    });
    expect((await dashboard(large)).status).toBe(401);
  });

  test.each([
    'costspan_dashboard=',
    'costspan_dashboard=99999999999999.',
    'costspan_dashboard=99999999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    `costspan_dashboard=${TOKEN}`,
  ])('the made-up cookie %s is worth nothing', async (cookie) => {
    expect((await get(create({ token: TOKEN }), '/api/meta', { cookie })).status).toBe(401);
  });

  test('it may listen for others', async () => {
    const served = await create({ token: TOKEN }).listen({ host: '0.0.0.0' });
    const url = served.url.replace('0.0.0.0', '127.0.0.1');
    expect(await over(`${url}/api/meta`, { host: 'costs.example.com' })).toMatchObject({ status: 401 });
    expect(await over(`${url}/api/meta`, { host: 'costs.example.com', ...bearer })).toMatchObject({
      status: 200,
    });
    await served.close();
  });
});

describe('mounted in a server of one’s own', () => {
  test('takes what node:http gives, below a path', async () => {
    const dashboard = create({ basePath: '/costs' });
    const server = createServer((request, response) => void dashboard(request, response)).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await over(`${url}/costs/api/meta`)).toMatchObject({ status: 200 });
    // Relative addresses need the slash.
    expect(await over(`${url}/costs`)).toMatchObject({ status: 308, headers: { location: 'costs/' } });
    expect(await over(`${url}/api/meta`)).toMatchObject({ status: 404 });
    const csv = await over(`${url}/costs/api/events.csv`);
    expect(csv.body.split('\r\n')).toHaveLength(13);
    server.close();
  });

  test('finds its way where the framework takes the path away', async () => {
    const dashboard = create();
    const server = createServer((request, response) => {
      // As Express does for app.use('/costs', dashboard).
      Object.assign(request, {
        originalUrl: request.url,
        url: (request.url ?? '').replace(/^\/costs\/?/, '/'),
      });
      void dashboard(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await over(`${url}/costs?a=b`)).toMatchObject({
      status: 308,
      headers: { location: 'costs/?a=b' },
    });
    expect(await over(`${url}/costs/api/meta`)).toMatchObject({ status: 200 });
    server.close();
  });
});

describe('refuses options it cannot use', () => {
  test.each([
    [undefined, 'createDashboard: expected options, such as { ledger }, got undefined.'],
    [{}, "expected 'ledger' to be a ledger, such as new SqliteLedger({ path })"],
    [{ ledgr: 1 }, "Did you mean 'ledger'?"],
    [{ token: 'two words' }, "expected 'token' to be a non-empty word without spaces"],
    [{ token: '' }, "expected 'token' to be a non-empty word without spaces"],
    [{ timeZone: 'Berlin' }, "expected 'timeZone' to be a time zone like 'Europe/Berlin', got 'Berlin'"],
    [{ basePath: 'costs' }, "expected 'basePath' to be a path like '/costs', got 'costs'"],
    [{ hosts: ['a:80'] }, 'a name without a port'],
    [{ budgets: [{}] }, 'a Budget'],
  ])('%j', (options, message) => {
    const given =
      options === undefined || 'ledgr' in options || Object.keys(options).length === 0
        ? options
        : { ledger, ...options };
    expect(() => createDashboard(given as never)).toThrow(message);
  });

  test('a token never stands in a message', () => {
    expect(() => create({ token: 'my secret' })).toThrow(/^((?!my secret).)*$/);
  });
});
