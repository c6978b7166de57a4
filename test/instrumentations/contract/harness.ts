import { SpanKind } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { type Answer, json, ProviderServer, type SeenRequest } from '../../support/provider-server.ts';
import { tick } from '../../support/waiting.ts';
import type { Client, ClientOptions, ProviderUnderTest } from './provider-under-test.ts';

/** One SDK in front of a provider's server on loopback, and the calls that are heard of it. */
export class Harness {
  readonly provider: ProviderUnderTest;
  /** What is heard of a call that went well. */
  readonly complete: object;
  readonly params: object;
  readonly streamParams: object;
  server!: ProviderServer;
  heard!: HeardCalls;
  /** What the SDK has where it is patched, before it ever was. */
  pristine!: PropertyDescriptorMap;

  /** Within a `describe`: starts and stops with it. */
  constructor(provider: ProviderUnderTest) {
    this.provider = provider;
    this.complete = { status: 'ok', usageSource: 'provider', usage: provider.usage };
    this.params = deepFreeze(provider.params);
    this.streamParams = deepFreeze(provider.streamParams);
    beforeAll(async () => {
      startOpenTelemetry();
      this.pristine = Object.getOwnPropertyDescriptors(provider.patched.owner);
      provider.prepare?.();
      this.server = await ProviderServer.start();
    });
    afterAll(async () => {
      provider.instrumentation.disable();
      await this.server.stop();
    });
    beforeEach(() => {
      this.heard = new HeardCalls();
      exporter.reset();
    });
    afterEach(() => this.heard[Symbol.dispose]());
  }

  readonly connect = (options: Partial<ClientOptions> = {}): Client =>
    this.provider.connect({ url: this.server.url, maxRetries: 0, ...options });

  readonly create = (client: Client, params: object, options?: { signal?: AbortSignal }): Promise<unknown> =>
    this.provider.create(client, params, options);

  /** The same, as a stream. */
  readonly stream = async (
    client: Client,
    options?: { signal?: AbortSignal },
  ): Promise<AsyncIterable<unknown>> =>
    (await this.provider.create(client, this.streamParams, options)) as AsyncIterable<unknown>;

  /** Answers with the whole reply. */
  readonly whole: Answer = (request, reply) => json(this.provider.reply)(request, reply);

  /** Answers with the whole stream. */
  readonly streamed: Answer = async (request, reply) => {
    reply.writeHead(200, this.streamHeaders);
    for (const event of this.provider.events(request)) {
      reply.write(this.encode(event));
      await tick();
    }
    reply.end(this.provider.stream.end);
  };

  /** Sends the stream up to its text, then nothing more, and never ends. */
  readonly endless: Answer = async (request, reply) => {
    reply.writeHead(200, this.streamHeaders);
    for (const event of this.provider.events(request)) {
      reply.write(this.encode(event));
      await tick();
      if (this.provider.isText(event)) return;
    }
  };

  /** Sends text as fast as it is taken, up to 64 MB; notes on the request whether all of it was. */
  readonly flood: Answer = async (request, reply) => {
    reply.writeHead(200, this.streamHeaders);
    const events = this.provider.events(request);
    const text = events.findIndex((event) => this.provider.isText(event));
    for (const event of events.slice(0, text)) reply.write(this.encode(event));
    const event = this.encode(events[text]);
    const block = Buffer.alloc(event.length * 1_000, event);
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

  readonly encode = (event: unknown): Buffer => Buffer.from(this.provider.stream.encode(event));

  get streamHeaders(): Record<string, string> {
    const { contentType } = this.provider.stream;
    return { 'content-type': contentType, 'x-request-id': 'req_1', 'request-id': 'req_1' };
  }

  /** The application's view, bare and instrumented, and the calls recorded meanwhile. */
  readonly expectSame = async (
    answer: Answer,
    run: (client: Client) => Promise<unknown>,
    calls: readonly object[],
    options: Partial<ClientOptions> = {},
  ): Promise<void> => {
    const { instrumentation } = this.provider;
    instrumentation.disable();
    this.server.answer(answer);
    const bare = { seen: await run(this.connect(options)), sent: this.server.requests.map(shown) };
    expect(this.heard.calls).toEqual([]);
    began.clear();
    instrumentation.enable();
    this.server.answer(answer);
    const seen = await withCustomer('acme', () => run(this.connect(options)));
    const patched = { seen, sent: this.server.requests.map(shown) };
    expect(patched).toEqual(bare);
    await this.heard.count(calls.length);
    for (const [index, call] of calls.entries()) expect(this.heard.calls[index]).toMatchObject(call);
    for (const call of this.heard.calls) expect(call.attribution.customer).toBe('acme');
    // An SDK may trace itself: its spans may end late, and what is no call of a model has spans, too.
    const ended = exporter
      .getFinishedSpans()
      .filter(({ kind, attributes }) => kind === SpanKind.CLIENT && 'gen_ai.operation.name' in attributes)
      .map((span) => span.spanContext().spanId)
      .filter((spanId) => began.has(spanId));
    expect(new Set(ended)).toEqual(new Set(this.heard.calls.map((call) => call.spanId)));
    expect(ended).toHaveLength(calls.length);
  };

  /** Aborts a stream by its own controller where it has one, else by the signal that it was asked for with. */
  readonly abort = (stream: AsyncIterable<unknown>, own: AbortController): void =>
    (this.provider.can.stream?.(stream).controller ?? own).abort();

  readonly isAborted = (stream: AsyncIterable<unknown>): boolean | undefined =>
    this.provider.can.stream?.(stream).controller.signal.aborted;

  /** Forgets what was heard, for a second look in the same test. */
  forget(): void {
    this.heard.calls.length = 0;
    exporter.reset();
  }

  /** Nothing is heard without us; with us, a call that was given up is heard once it is garbage. */
  readonly isUnheard = (): boolean =>
    this.provider.instrumentation.isEnabled() && this.heard.calls.length === 0;
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
  if (started) return;
  started = true;
  // A resource that is still being detected holds back the first spans, past the end of the first test.
  const resource = { autoDetectResources: false };
  new NodeSDK({ ...resource, spanProcessors: [new SimpleSpanProcessor({ exporter }), beginnings] }).start();
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

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  }
  return Object.freeze(value);
}
