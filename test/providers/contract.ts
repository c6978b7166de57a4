import { SpanKind } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCustomer } from '../../src/attribution/scope.ts';
import type { StainlessInstrumentation } from '../../src/providers/stainless/stainless-instrumentation.ts';
import type { Usage } from '../../src/usage/usage.ts';
import { HeardCalls } from '../support/heard-calls.ts';
import { type Answer, json, ProviderServer, type SeenRequest, sseEvent } from '../support/provider-server.ts';

/** What the SDKs' clients have in common, as far as the contract uses it. */
export interface SdkClient {
  post(path: string, options: object): SdkPromise<unknown>;
  withOptions?(options: object): SdkClient;
}

export interface SdkPromise<T> extends Promise<T> {
  withResponse(): Promise<{ data: T; response: Response }>;
  asResponse(): Promise<Response>;
}

export interface SdkStream extends AsyncIterable<unknown> {
  readonly controller: AbortController;
  tee(): [SdkStream, SdkStream];
  toReadableStream(): ReadableStream;
}

export interface ClientOptions {
  readonly url: string;
  readonly maxRetries?: number;
  readonly timeout?: number;
}

/** One SDK, and how its calls are made and answered. */
export interface ProviderUnderTest {
  /** `openai 7`. */
  readonly name: string;
  readonly instrumentation: StainlessInstrumentation;
  /** What `manuallyInstrument` is given: the client class. */
  readonly Client: new (options: never) => SdkClient;
  connect(options: ClientOptions, Client?: ProviderUnderTest['Client']): SdkClient;
  /** The same billable call, whole and streamed. */
  create(client: SdkClient, params: object, options?: object): SdkPromise<unknown>;
  readonly path: string;
  readonly params: object;
  readonly streamParams: object;
  readonly reply: object;
  /** What the provider's stream says to this request. */
  events(request: SeenRequest): readonly object[];
  /** An event with which the provider reports a failure inside a stream. */
  readonly errorEvent: object;
  readonly done: boolean;
  /** What every complete call consumed. */
  readonly usage: Usage;
  /** `web`: replies are fetch's own; `node`: those of `node-fetch`. */
  readonly body: 'web' | 'node';
  /** An event that carries text, to stop at. */
  isText(event: unknown): boolean;
  /** A free call that pages through a list. */
  list?(client: SdkClient): AsyncIterable<unknown>;
  /** A page of it. */
  readonly page?: object;
  /** Ways of calling that only this SDK has. */
  readonly styles?: Readonly<Record<string, CallStyle>>;
}

/** One way of calling: what the server answers, what the application does and sees, what must be recorded. */
export interface CallStyle {
  readonly answer: Answer;
  /** What the application sees; the same with and without instrumentation. */
  readonly run: (client: SdkClient, params: object) => Promise<unknown>;
  readonly calls: readonly object[];
}

const exporter = new InMemorySpanExporter();
/** Spans started since the instrumentation was enabled. */
const began = new Set<string>();
const beginnings: SpanProcessor = {
  onStart: (span) => void began.add(span.spanContext().spanId),
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
/** Once for all SDKs of a file: OpenTelemetry's globals are set once. */
let started = false;
function startOpenTelemetry(): void {
  if (!started) new NodeSDK({ spanProcessors: [new SimpleSpanProcessor({ exporter }), beginnings] }).start();
  started = true;
}

/** Runs the promises of every provider against one SDK: each row first bare, then instrumented. */
export function testProvider(provider: ProviderUnderTest): void {
  describe.each([provider])('$name', () => {
    const { instrumentation, Client } = provider;
    const complete = { status: 'ok', usageSource: 'provider', usage: provider.usage };
    const params = deepFreeze(provider.params);
    const streamParams = deepFreeze(provider.streamParams);
    let server: ProviderServer;
    let heard: HeardCalls;

    beforeAll(async () => {
      startOpenTelemetry();
      instrumentation.manuallyInstrument(Client);
      server = await ProviderServer.start();
    });
    afterAll(async () => {
      instrumentation.disable();
      await server.stop();
    });
    beforeEach(() => {
      heard = new HeardCalls();
      exporter.reset();
    });
    afterEach(() => heard[Symbol.dispose]());

    const connect = (options: Partial<ClientOptions> = {}): SdkClient =>
      provider.connect({ url: server.url, maxRetries: 0, ...options });
    const whole = json(provider.reply);
    const streamed: Answer = (request, reply) => sendEvents(request, reply, provider);

    /** The application's view, bare and instrumented, and the calls recorded meanwhile. */
    async function expectSame(
      answer: Answer,
      run: (client: SdkClient) => Promise<unknown>,
      calls: readonly object[],
      options: Partial<ClientOptions> = {},
    ): Promise<void> {
      instrumentation.disable();
      server.answer(answer);
      const bare = { seen: await run(connect(options)), sent: server.requests.map(shown) };
      expect(heard.calls).toEqual([]);
      began.clear();
      instrumentation.enable();
      server.answer(answer);
      const seen = await withCustomer('acme', () => run(connect(options)));
      const patched = { seen, sent: server.requests.map(shown) };
      expect(patched).toEqual(bare);
      await heard.count(calls.length);
      for (const [index, call] of calls.entries()) expect(heard.calls[index]).toMatchObject(call);
      for (const call of heard.calls) expect(call.attribution.customer).toBe('acme');
      // An SDK may trace itself: its spans may end late, and what is no call of a model has spans, too.
      const ended = exporter
        .getFinishedSpans()
        .filter(({ kind, attributes }) => kind === SpanKind.CLIENT && 'gen_ai.operation.name' in attributes)
        .map((span) => span.spanContext().spanId)
        .filter((spanId) => began.has(spanId));
      expect(new Set(ended)).toEqual(new Set(heard.calls.map((call) => call.spanId)));
      expect(ended).toHaveLength(calls.length);
    }

    describe('a reply', () => {
      test('awaited is one call, and the promise is the SDK’s own', () =>
        expectSame(
          whole,
          async (client) => {
            const promise = provider.create(client, params);
            return { class: promise.constructor, data: await promise };
          },
          [complete],
        ));

      test('awaited twice is one call and one object', () =>
        expectSame(
          whole,
          async (client) => {
            const promise = provider.create(client, params);
            const [first, second] = [await promise, await promise];
            expect(first).toBe(second);
            return first;
          },
          [complete],
        ));

      test('that nobody awaits is sent and recorded', () =>
        expectSame(
          whole,
          async (client) => {
            void provider.create(client, params);
            expect(await within(() => server.requests.length === 1)).toBe(true);
            await collect(() => instrumentation.isEnabled() && heard.calls.length === 0);
          },
          [complete],
        ));

      test('comes with its response', () =>
        expectSame(
          whole,
          async (client) => {
            const { data, response } = await provider.create(client, params).withResponse();
            return { data, status: response.status, class: response.constructor };
          },
          [complete],
        ));

      for (const read of ['json', 'text', 'arrayBuffer'] as const) {
        test(`that the application reads itself with ${read}() is recorded with its usage`, () =>
          expectSame(
            whole,
            async (client) => {
              const response = await provider.create(client, params).asResponse();
              const before = response.bodyUsed;
              const data: unknown = await response[read]();
              return { class: response.constructor, before, data, after: response.bodyUsed };
            },
            [complete],
          ));
      }

      test('whose response was looked at first can still be parsed', () =>
        expectSame(
          whole,
          async (client) => {
            const promise = provider.create(client, params);
            const { status } = await promise.asResponse();
            return { status, data: await promise };
          },
          [complete],
        ));

      test('whose response is cloned can be read twice', () =>
        expectSame(
          whole,
          async (client) => {
            const response = await provider.create(client, params).asResponse();
            const copy = response.clone();
            return [await copy.json(), await response.json()];
          },
          [complete],
        ));

      test('whose body nobody reads is one call of unknown consumption', () =>
        expectSame(
          whole,
          async (client) => {
            const { status } = await provider.create(client, params).asResponse();
            await collect(() => instrumentation.isEnabled() && heard.calls.length === 0);
            return status;
          },
          [{ usageSource: 'estimated' }],
        ));

      test('to post() is the same call', () =>
        expectSame(whole, (client) => client.post(provider.path, { body: params }), [complete]));

      test('to a client with other options is the same call', () =>
        expectSame(
          whole,
          async (client) => {
            const other = client.withOptions?.({ timeout: 5_000 }) ?? client;
            return provider.create(other, params);
          },
          [complete],
        ));

      test('to a subclass is the same call', () =>
        expectSame(whole, () => {
          class Ours extends Client {}
          return provider.create(provider.connect({ url: server.url, maxRetries: 0 }, Ours), params);
        }, [complete]));

      test('to an endpoint nobody listed is recorded when it carries usage, and only then', async () => {
        await expectSame(whole, (client) => client.post('/brand/new', { body: params }), [
          { operation: 'unknown', usageSource: 'provider' },
        ]);
        heard.calls.length = 0;
        exporter.reset();
        await expectSame(json({ ok: true }), (client) => client.post('/brand/new', { body: params }), []);
      });
    });

    describe('a stream', () => {
      test('read to its end is one call, chunk by chunk as without us', () =>
        expectSame(
          streamed,
          async (client) => {
            const promise = provider.create(client, streamParams);
            const stream = (await promise) as SdkStream;
            const events = await all(stream);
            return {
              promise: promise.constructor,
              class: stream.constructor,
              events,
              aborted: stream.controller.signal.aborted,
            };
          },
          [complete],
        ));

      test('that nobody awaits is one aborted call once it is garbage', () =>
        expectSame(
          streamed,
          async (client) => {
            void provider.create(client, streamParams);
            expect(await within(() => server.requests.length === 1)).toBe(true);
            await collect(() => instrumentation.isEnabled() && heard.calls.length === 0);
          },
          [{ status: 'aborted', usageSource: 'estimated' }],
        ));

      test('comes with its response', () =>
        expectSame(
          streamed,
          async (client) => {
            const { data, response } = await provider.create(client, streamParams).withResponse();
            return { status: response.status, events: await all(data as SdkStream) };
          },
          [complete],
        ));

      test('split in two is one call', () =>
        expectSame(
          streamed,
          async (client) => {
            const stream = (await provider.create(client, streamParams)) as SdkStream;
            const [left, right] = stream.tee();
            return Promise.all([all(left), all(right)]);
          },
          [complete],
        ));

      test('turned into a ReadableStream is one call', () =>
        expectSame(
          streamed,
          async (client) => {
            const stream = (await provider.create(client, streamParams)) as SdkStream;
            return new Response(stream.toReadableStream()).text();
          },
          [complete],
        ));

      test('iterated twice fails as it does without us', () =>
        expectSame(
          streamed,
          async (client) => {
            const stream = (await provider.create(client, streamParams)) as SdkStream;
            const events = await all(stream);
            return { events, again: await caught(() => all(stream)) };
          },
          [complete],
        ));

      test('the application breaks out of is one aborted call, and the request is let go', () =>
        expectSame(
          endless(provider),
          async (client) => {
            const stream = (await provider.create(client, streamParams)) as SdkStream;
            const seen: unknown[] = [];
            for await (const event of stream) {
              seen.push(event);
              if (provider.isText(event)) break;
            }
            const letGo = await within(() => server.requests[0]?.closed === true);
            return { seen, letGo, aborted: stream.controller.signal.aborted };
          },
          [{ status: 'aborted', usageSource: 'estimated' }],
        ));

      test('in whose loop the application throws is one aborted call, and the error is its own', () =>
        expectSame(
          endless(provider),
          async (client) => {
            const stream = (await provider.create(client, streamParams)) as SdkStream;
            return caught(async () => {
              for await (const event of stream) if (provider.isText(event)) throw new TypeError('mine');
            });
          },
          [{ status: 'aborted', usageSource: 'estimated' }],
        ));

      test('aborted by its controller or by the caller’s signal is one aborted call', async () => {
        const aborting =
          (abort: (stream: SdkStream, own: AbortController) => void) => async (client: SdkClient) => {
            const own = new AbortController();
            const stream = (await provider.create(client, streamParams, { signal: own.signal })) as SdkStream;
            const seen: unknown[] = [];
            const error = await caught(async () => {
              for await (const event of stream) {
                seen.push(event);
                if (provider.isText(event)) abort(stream, own);
              }
            });
            return { seen, error };
          };
        await expectSame(
          endless(provider),
          aborting((stream) => stream.controller.abort()),
          [{ status: 'aborted', usageSource: 'estimated' }],
        );
        heard.calls.length = 0;
        exporter.reset();
        await expectSame(
          endless(provider),
          aborting((_stream, own) => own.abort()),
          [{ status: 'aborted', usageSource: 'estimated' }],
        );
      });

      test('aborted before its first chunk is one aborted call', () =>
        expectSame(
          (_request, reply) => {
            reply.writeHead(200, SSE).flushHeaders();
          },
          async (client) => {
            const stream = (await provider.create(client, streamParams)) as SdkStream;
            setTimeout(() => stream.controller.abort(), 20);
            return caught(() => all(stream));
          },
          [{ status: 'aborted', usageSource: 'estimated' }],
        ));

      test('aborted before its headers is one aborted call', () =>
        expectSame(
          () => undefined,
          async (client) => {
            const own = new AbortController();
            setTimeout(() => own.abort(), 50);
            return caught(() => provider.create(client, streamParams, { signal: own.signal }));
          },
          [{ status: 'aborted' }],
        ));

      test('aborted before it was asked for is one call that consumed nothing', () =>
        expectSame(
          streamed,
          (client) => caught(() => provider.create(client, streamParams, { signal: AbortSignal.abort() })),
          [{ status: 'aborted', usageSource: 'none', consumedNothing: true }],
        ));

      test('whose connection breaks is one partial call, and the error is the SDK’s', () =>
        expectSame(
          async (request, reply) => {
            reply.writeHead(200, SSE);
            for (const event of provider.events(request).slice(0, 4)) {
              reply.write(sseEvent(event));
              await tick();
            }
            await sleep(30);
            reply.destroy();
          },
          async (client) => {
            const stream = (await provider.create(client, streamParams)) as SdkStream;
            const seen: unknown[] = [];
            const error = await caught(async () => {
              for await (const event of stream) seen.push(event);
            });
            return { seen, error };
          },
          [{ status: 'partial', usageSource: 'estimated' }],
        ));

      test('with an error inside is one failed call, and the error is the SDK’s', () =>
        expectSame(
          async (request, reply) => {
            reply.writeHead(200, SSE);
            for (const event of provider.events(request).slice(0, 3)) reply.write(sseEvent(event));
            reply.end(sseEvent(provider.errorEvent));
          },
          async (client) => {
            const stream = (await provider.create(client, streamParams)) as SdkStream;
            const seen: unknown[] = [];
            const error = await caught(async () => {
              for await (const event of stream) seen.push(event);
            });
            return { seen, error };
          },
          [{ status: 'error' }],
        ));

      test('that nobody reads is one aborted call once it is garbage', () =>
        expectSame(
          streamed,
          async (client) => {
            await provider.create(client, streamParams);
            await collect(() => instrumentation.isEnabled() && heard.calls.length === 0);
          },
          [{ status: 'aborted', usageSource: 'estimated' }],
        ));

      test('that nobody reads on is one aborted call once it is garbage', () =>
        expectSame(
          endless(provider),
          async (client) => {
            await (async () => {
              const stream = (await provider.create(client, streamParams)) as SdkStream;
              await stream[Symbol.asyncIterator]().next();
            })();
            await collect(() => instrumentation.isEnabled() && heard.calls.length === 0);
          },
          [{ status: 'aborted', usageSource: 'estimated' }],
        ));

      test('is billed to whom it was made for, whoever reads it', () =>
        expectSame(
          streamed,
          async (client) => {
            const stream = (await provider.create(client, streamParams)) as SdkStream;
            return withCustomer('another', () => all(stream));
          },
          [complete],
        ));

      test('is never read faster than the application reads', () =>
        expectSame(
          flood(provider),
          async (client) => {
            const stream = (await provider.create(client, streamParams)) as SdkStream;
            const iterator = stream[Symbol.asyncIterator]();
            for (let read = 0; read < 3; read++) await iterator.next();
            await sleep(150);
            const drained = server.requests[0]?.drained;
            await iterator.return?.();
            return { drained };
          },
          [{ status: 'aborted' }],
        ));

      test('that the application reads raw is recorded, and its bytes are the provider’s', () =>
        expectSame(
          streamed,
          async (client) => {
            const response = await provider.create(client, streamParams).asResponse();
            return { type: response.headers.get('content-type'), text: await response.text() };
          },
          [{ status: 'ok' }],
        ));

      test('that the application passes on is recorded while it flows', () =>
        expectSame(
          streamed,
          async (client) => {
            const response = await provider.create(client, streamParams).asResponse();
            const passed = new Response(response.body as ReadableStream, { status: response.status });
            return passed.text();
          },
          [{ status: 'ok' }],
        ));

      test('that the application passes on and leaves is one aborted call', () =>
        expectSame(
          endless(provider),
          async (client) => {
            const response = await provider.create(client, streamParams).asResponse();
            for await (const _chunk of response.body as unknown as AsyncIterable<Uint8Array>) break;
            return within(() => server.requests[0]?.closed === true);
          },
          [{ status: 'aborted', usageSource: 'estimated' }],
        ));

      test('that the application passes on is never read faster than it reads', () =>
        expectSame(
          flood(provider),
          async (client) => {
            const response = await provider.create(client, streamParams).asResponse();
            const iterator = (response.body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
            await iterator.next();
            await sleep(150);
            const drained = server.requests[0]?.drained;
            await iterator.return?.();
            return { drained };
          },
          [{ status: 'aborted' }],
        ));
    });

    describe('a failure', () => {
      test('refused is one failed call that consumed nothing, and the error is the SDK’s', () =>
        expectSame(
          json({ error: { message: 'no', type: 'invalid_request_error' } }, 400),
          (client) => caught(() => provider.create(client, params)),
          [{ status: 'error', errorType: '400', usageSource: 'none', consumedNothing: true, retries: 0 }],
        ));

      test('refused again and again is one failed call with its retries', () =>
        expectSame(
          json({ error: { message: 'slow down' } }, 429, { 'retry-after-ms': '1' }),
          (client) => caught(() => provider.create(client, params)),
          [{ status: 'error', errorType: '429', usageSource: 'none', retries: 2 }],
          { maxRetries: 2 },
        ));

      test('that a retry mends is one call', () =>
        expectSame(
          (request, reply) => {
            const busy = json({ error: { message: 'busy' } }, 503, { 'retry-after-ms': '1' });
            return (server.requests.length === 1 ? busy : whole)(request, reply);
          },
          (client) => provider.create(client, params),
          [{ ...complete, retries: 1 }],
          { maxRetries: 2 },
        ));

      test('to connect is one failed call', () =>
        expectSame(
          (_request, reply) => void reply.destroy(),
          (client) => caught(() => provider.create(client, params)),
          [{ status: 'error', usageSource: 'none' }],
        ));

      test('to answer in time is one failed call', () =>
        expectSame(
          () => undefined,
          (client) => caught(() => provider.create(client, params)),
          [{ status: 'error' }],
          { timeout: 60 },
        ));

      test('to send a sound body is one partial call', () =>
        expectSame(
          (_request, reply) =>
            void reply.writeHead(200, { 'content-type': 'application/json' }).end('{"broken'),
          (client) => caught(() => provider.create(client, params)),
          [{ status: 'partial' }],
        ));

      test('that nobody awaits rejects unhandled once, as without us', () =>
        expectSame(
          json({ error: { message: 'no' } }, 400),
          (client) => unhandled(() => void provider.create(client, params)),
          [{ status: 'error' }],
        ));

      test('caught later rejects no more often than without us', () =>
        expectSame(
          json({ error: { message: 'no' } }, 400),
          (client) =>
            unhandled(async () => {
              const promise = provider.create(client, params);
              promise.catch(() => undefined);
              await Promise.allSettled([
                promise,
                promise.then(() => undefined),
                promise.finally(() => undefined),
              ]);
            }),
          [{ status: 'error' }],
        ));
    });

    describe('the instrumentation', () => {
      test('sees a client made before it was enabled, and leaves the SDK as it was when disabled', async () => {
        instrumentation.disable();
        const owner = ownerOf(Client.prototype as object);
        const before = Object.getOwnPropertyDescriptors(owner);
        const client = connect();
        instrumentation.enable();
        server.answer(whole);
        await provider.create(client, params);
        await heard.count(1);
        instrumentation.disable();
        const after = Object.getOwnPropertyDescriptors(owner);
        expect(after['request']?.value).toBe(before['request']?.value);
        expect(after['makeRequest']?.value).toBe(before['makeRequest']?.value);
        expect(Reflect.ownKeys(after)).toEqual(Reflect.ownKeys(before));
        await provider.create(client, params);
        await heard.count(1);
        instrumentation.enable();
        await provider.create(client, params);
        await heard.count(2);
      });

      test('finishes the calls that were under way when it was disabled', async () => {
        instrumentation.enable();
        server.answer(streamed);
        const stream = (await provider.create(connect(), streamParams)) as SdkStream;
        instrumentation.disable();
        await all(stream);
        instrumentation.enable();
        await heard.count(1);
        expect(heard.calls[0]).toMatchObject(complete);
      });

      test('keeps a hundred interleaved customers apart', async () => {
        instrumentation.enable();
        server.answer((request, reply) =>
          (request.body.includes('"stream":true') ? streamed : whole)(request, reply),
        );
        const client = connect();
        await Promise.all(
          Array.from({ length: 100 }, (_, index) =>
            withCustomer(`customer_${index}`, async () => {
              const isWhole = index % 2 === 0;
              const reply = await provider.create(client, isWhole ? params : streamParams);
              if (!isWhole) await all(reply as SdkStream);
            }),
          ),
        );
        await heard.count(100);
        expect(new Set(heard.calls.map((call) => call.attribution.customer)).size).toBe(100);
      });

      test.runIf(provider.list !== undefined)('records nothing for free calls', () =>
        expectSame(json(provider.page), (client) => all(provider.list?.(client) ?? NOTHING), []),
      );
    });

    test.each(Object.entries(provider.styles ?? {}))('%s', (_title, style) =>
      expectSame(style.answer, (client) => style.run(client, params), style.calls),
    );
  });
}

const NOTHING: AsyncIterable<unknown> = { [Symbol.asyncIterator]: () => [][Symbol.iterator]() as never };

const SSE = { 'content-type': 'text/event-stream', 'x-request-id': 'req_1', 'request-id': 'req_1' };

async function sendEvents(
  request: SeenRequest,
  reply: Parameters<Answer>[1],
  provider: ProviderUnderTest,
): Promise<void> {
  reply.writeHead(200, SSE);
  for (const event of provider.events(request)) {
    reply.write(sseEvent(event));
    await tick();
  }
  reply.end(provider.done ? 'data: [DONE]\n\n' : '');
}

/** Sends the stream up to its text, then nothing more, and never ends. */
function endless(provider: ProviderUnderTest): Answer {
  return async (request, reply) => {
    reply.writeHead(200, SSE);
    for (const event of provider.events(request)) {
      reply.write(sseEvent(event));
      await tick();
      if (provider.isText(event)) return;
    }
  };
}

/** Sends text as fast as it is taken, up to 64 MB; notes on the request whether all of it was. */
function flood(provider: ProviderUnderTest): Answer {
  return async (request, reply) => {
    reply.writeHead(200, SSE);
    const events = provider.events(request);
    const text = events.findIndex((event) => provider.isText(event));
    for (const event of events.slice(0, text)) reply.write(sseEvent(event));
    const block = sseEvent(events[text]).repeat(1_000);
    request.drained = false;
    for (let sent = 0; sent < 64_000_000 && !reply.destroyed; sent += block.length) {
      if (reply.write(block)) continue;
      await new Promise<void>((resolve) => {
        const go = (): void => {
          reply.off('drain', go).off('close', go);
          resolve();
        };
        reply.on('drain', go).on('close', go);
      });
    }
    request.drained = !reply.destroyed;
  };
}

/** What a request looks like on the wire, without what differs from one to the next. */
function shown({ method, path, headers, body }: SeenRequest): object {
  const names = Object.keys(headers).filter((name) => name !== 'traceparent');
  let sent: unknown = body;
  if (headers['content-type'] === 'application/json' && body !== '') {
    const { stream_options: options, ...rest } = JSON.parse(body) as Record<string, unknown>;
    sent = JSON.stringify(options) === '{"include_usage":true}' ? rest : { ...rest, options };
  }
  // How long the body is depends on what we asked for.
  return { method, path, headers: names.toSorted(), sent };
}

/** An error as the application can tell it from others. */
async function caught(run: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    return { nothing: await run() };
  } catch (error) {
    const { name, message, status, code, cause } = error as Error & { status?: unknown; code?: unknown };
    return {
      class: (error as Error).constructor,
      name,
      message,
      status,
      code,
      cause: cause instanceof Error ? cause.constructor : cause,
    };
  }
}

/** Every event, in order. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** How many rejections nobody handled while `run` ran, and a while after. */
async function unhandled(run: () => void | Promise<void>): Promise<number> {
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  let count = 0;
  const listener = (): void => void count++;
  process.on('unhandledRejection', listener);
  try {
    await run();
    await sleep(150);
    return count;
  } finally {
    process.off('unhandledRejection', listener);
    for (const other of others) process.on('unhandledRejection', other);
  }
}

/** Collects garbage while `wanted` holds. */
async function collect(wanted: () => boolean): Promise<void> {
  await sleep(20);
  for (let i = 0; i < 300 && wanted(); i++) {
    globalThis.gc?.();
    await sleep(10);
  }
}

/** Whether it comes true in a while. */
async function within(condition: () => boolean): Promise<boolean> {
  const deadline = Date.now() + 1_000;
  while (!condition() && Date.now() < deadline) await sleep(5);
  return condition();
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function tick(): Promise<void> {
  return new Promise(setImmediate);
}

/** The prototype that defines `request`. */
function ownerOf(prototype: object): object {
  return Object.hasOwn(prototype, 'request')
    ? prototype
    : ownerOf(Object.getPrototypeOf(prototype) as object);
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  }
  return Object.freeze(value);
}
