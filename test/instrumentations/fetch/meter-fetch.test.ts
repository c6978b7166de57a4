import { afterEach, describe, expect, test, vi } from 'vitest';
import { meterFetch } from '../../../src/instrumentations/fetch/meter-fetch.ts';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { HeardCalls } from '../../support/heard-calls.ts';

const CHAT = 'https://api.openai.com/v1/chat/completions';
const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const reply = { id: 'chatcmpl-1', model: 'gpt-4o-2024-08-06', choices: [], usage };
const request = (body: object = {}): RequestInit => ({
  method: 'POST',
  body: JSON.stringify({ model: 'gpt-4o', messages: [], ...body }),
});

/** A provider that answers with this, and what it was sent. */
function provider(answer: () => Response = () => Response.json(reply)) {
  const sent: { input: unknown; init: RequestInit | undefined }[] = [];
  const fetch = vi.fn((input: unknown, init?: RequestInit) => {
    sent.push({ input, init });
    return Promise.resolve(answer());
  }) as unknown as typeof globalThis.fetch;
  return { sent, fetch };
}

describe('a request to a provider', () => {
  test('is one call, with the model, the usage and the customer', async () => {
    using heard = new HeardCalls();
    const metered = meterFetch(provider().fetch);
    await withCustomer('acme', async () => (await metered(CHAT, request())).json());
    expect(await heard.only()).toMatchObject({
      provider: 'openai',
      operation: 'chat',
      request: { model: 'gpt-4o' },
      reading: { responseModel: 'gpt-4o-2024-08-06', responseId: 'chatcmpl-1' },
      consumed: { kind: 'counted', usage: { inputTokens: 7, outputTokens: 3 } },
      status: 'ok',
      attribution: { customer: 'acme' },
    });
  });

  test('brings the provider’s own response', async () => {
    const response = Response.json(reply, { status: 201, headers: { 'x-own': '1' } });
    const metered = meterFetch(provider(() => response).fetch);
    const got = await metered(CHAT, request());
    expect(got).toBe(response);
    expect(got).toBeInstanceOf(Response);
    expect([got.status, got.headers.get('x-own'), got.bodyUsed]).toEqual([201, '1', false]);
    expect(await got.clone().json()).toEqual(reply);
    expect(await got.text()).toBe(JSON.stringify(reply));
  });

  test('is sent as the application made it', async () => {
    const { sent, fetch } = provider();
    const init = Object.freeze(request());
    await meterFetch(fetch)(CHAT, init);
    expect(sent).toEqual([{ input: CHAT, init }]);
    expect(sent[0]?.init).toBe(init);
  });

  test.each<[string, () => NonNullable<RequestInit['body']>]>([
    ['bytes', () => new TextEncoder().encode(request().body as string)],
    ['a blob', () => new Blob([request().body as string])],
    ['a stream', () => new Blob([request().body as string]).stream()],
  ])('may have %s as its body', async (_title, body) => {
    using heard = new HeardCalls();
    let received = '';
    const fetch = (async (_input: unknown, init?: RequestInit) => {
      received = await new Response(init?.body).text();
      return Response.json(reply);
    }) as typeof globalThis.fetch;
    await (await meterFetch(fetch)(CHAT, { method: 'POST', body: body(), duplex: 'half' })).json();
    expect(received).toBe(request().body);
    expect((await heard.only()).request.model).toBe('gpt-4o');
  });

  test('may be a Request', async () => {
    using heard = new HeardCalls();
    const { sent, fetch } = provider();
    const asked = new Request(CHAT, request());
    await (await meterFetch(fetch)(asked)).json();
    expect(sent[0]?.input).toBe(asked);
    expect((await heard.only()).request.model).toBe('gpt-4o');
  });

  test('that is refused is an event of its own, and free', async () => {
    using heard = new HeardCalls();
    const metered = meterFetch(provider(() => Response.json({ error: {} }, { status: 429 })).fetch);
    expect((await metered(CHAT, request())).status).toBe(429);
    expect(await heard.only()).toMatchObject({
      status: 'error',
      errorType: '429',
      consumed: { kind: 'nothing' },
    });
  });

  test('that fails fails with the very error', async () => {
    using heard = new HeardCalls();
    const error = new TypeError('fetch failed');
    const metered = meterFetch(() => Promise.reject(error));
    await expect(metered(CHAT, request())).rejects.toBe(error);
    expect((await heard.only()).status).toBe('error');
  });
});

describe('a stream', () => {
  const chunks = (asked: boolean) =>
    [
      { choices: [{ delta: { content: 'Hi' } }], ...(asked ? { usage: null } : {}) },
      { choices: [{ delta: {}, finish_reason: 'stop' }], ...(asked ? { usage: null } : {}) },
      ...(asked ? [{ choices: [], usage }] : []),
    ].map((chunk) => `data: ${JSON.stringify({ id: 'c', model: 'gpt-4o', ...chunk })}\n\n`);

  test('is asked for its usage on a copy, and shows the application none of it', async () => {
    using heard = new HeardCalls();
    let asked = '';
    const fetch = ((_input: unknown, init?: RequestInit) => {
      asked = init?.body as string;
      const body = [...chunks(asked.includes('include_usage')), 'data: [DONE]\n\n'].join('');
      return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    }) as typeof globalThis.fetch;
    const init = request({ stream: true });
    const text = await (await meterFetch(fetch)(CHAT, init)).text();
    expect(JSON.parse(asked)).toEqual({
      ...(JSON.parse(init.body as string) as object),
      stream_options: { include_usage: true },
    });
    expect(text).toBe([...chunks(false), 'data: [DONE]\n\n'].join(''));
    expect((await heard.only()).consumed).toMatchObject({
      kind: 'counted',
      usage: { inputTokens: 7, outputTokens: 3 },
    });
  });
});

describe('everything else passes untouched and unread', () => {
  test.each<[string, string, RequestInit | undefined]>([
    ['an unknown host', 'https://example.com/v1/chat/completions', request()],
    ['a free endpoint', 'https://api.openai.com/v1/models', undefined],
    ['an own machine', 'http://localhost:3000/v1/chat/completions', request()],
    ['a relative address', '/v1/chat/completions', request()],
  ])('%s', async (_title, url, init) => {
    using heard = new HeardCalls();
    const response = Response.json(reply);
    const { sent, fetch } = provider(() => response);
    expect(await meterFetch(fetch)(url, init)).toBe(response);
    expect(Object.getOwnPropertyNames(response)).toEqual([]);
    expect(sent).toEqual([{ input: url, init }]);
    expect(heard.calls).toEqual([]);
  });

  test('a host that the user named does not', async () => {
    using heard = new HeardCalls();
    const metered = meterFetch(provider().fetch, { providers: { 'llm.internal': 'self_hosted' } });
    await (await metered('http://llm.internal/v1/chat/completions', request())).json();
    expect((await heard.only()).provider).toBe('self_hosted');
  });

  test('nor a path that no table lists, when its reply carries usage', async () => {
    using heard = new HeardCalls();
    const metered = meterFetch(provider().fetch);
    await (await metered('https://api.openai.com/v1/some/new/thing', request())).json();
    expect(await heard.only()).toMatchObject({ operation: 'unknown', consumed: { kind: 'counted' } });
  });
});

describe('a fetch below another one', () => {
  test('meters a request once', async () => {
    using heard = new HeardCalls();
    const metered = meterFetch(meterFetch(provider().fetch));
    await (await metered(CHAT, request())).json();
    expect((await heard.only()).provider).toBe('openai');
  });
});

afterEach(() => vi.restoreAllMocks());

test.each<[string, () => unknown, RegExp]>([
  ['no function', () => meterFetch('fetch' as never), /expected a fetch function, got 'fetch'/],
  [
    'an unknown option',
    () => meterFetch(fetch, { provider: {} } as never),
    /unknown option 'provider'. Did you mean 'providers'/,
  ],
  [
    'a wrong refusal',
    () => meterFetch(fetch, { refusal: 'throw' as never }),
    /'refusal' to be reject or response/,
  ],
])('%s is refused', (_title, make, message) => {
  expect(make).toThrow(message);
});
