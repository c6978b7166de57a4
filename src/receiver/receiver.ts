import { createRedactor } from '../attribution/redact.ts';
import { copyContext } from '../attribution/context-values.ts';
import type { ResolveOptions } from '../attribution/resolve.ts';
import { showAttribution } from '../attribution/shown.ts';
import { known, object } from '../base/read.ts';
import { warnOnce } from '../base/warn-once.ts';
import type { OpenCall } from '../calls/call.ts';
import type { Suppression } from '../dialects/verdict.ts';
import { SpanMeter } from '../dialects/span-meter.ts';
import type { EndedSpan } from '../dialects/span.ts';
import { createDelivery } from '../delivery/delivery.ts';
import type { Delivery, SinkHealth } from '../delivery/sink.ts';
import type { CostLedger } from '../ledger/ledger.ts';
import { meterCall } from '../metering/meter.ts';
import { unfailingPrices } from '../metering/unfailing-prices.ts';
import { defaultPriceList } from '../pricing/shipped/default-price-list.ts';
import { bearerCheck } from './bearer.ts';
import { answer, type Format, formatOf, refuse } from './answers.ts';
import { checkReceiverOptions, type OtlpReceiverOptions, priceListsOf } from './receiver-options.ts';
import { readOtlpSpans } from './otlp-spans.ts';
import { seenEvent } from './seen-event.ts';
import { BodyError, readBody } from './read-body.ts';

/** How a receiver is doing. Counts are since it was created. */
export interface ReceiverHealth {
  /** `failing`: something is not being kept or delivered and needs a person. */
  readonly status: SinkHealth['status'];
  readonly sinks: readonly SinkHealth[];
  readonly requests: number;
  /** Requests that were refused, by HTTP status. */
  readonly refused: Readonly<Record<number, number>>;
  readonly spans: number;
  /** Spans that could not be read. */
  readonly rejected: number;
  readonly events: number;
  readonly unpriced: number;
  readonly unattributed: number;
  readonly suppressed: Readonly<Partial<Record<Suppression, number>>>;
}

/** Takes OTLP/HTTP requests, wherever they are served. */
export interface OtlpReceiver {
  (request: Request): Promise<Response>;
  health(): ReceiverHealth;
  /** Delivers what is left, and shuts the sinks down. Requests that come later are told to come back. */
  shutdown(): Promise<void>;
}

/**
 * A place to send spans to, from any language: OTLP over HTTP (`POST …/v1/traces`), as protobuf or JSON, packed with
 * gzip or not. Each model call in the spans becomes one cost event. A request is acknowledged when its events are in
 * the ledger, so whoever repeats what was not acknowledged loses nothing, and counts nothing twice.
 *
 * Mount it in any framework that speaks `Request` and `Response`; `costspan receive` serves it.
 *
 * @throws {ConfigError} for an option or a sink it cannot use.
 * @example
 * const receive = createOtlpReceiver({ sinks: [new SqliteLedger({ path: 'costs.db' })], tokens: ['…'] });
 * app.post('/v1/traces', (context) => receive(context.req.raw)); // Hono
 */
export function createOtlpReceiver(options: OtlpReceiverOptions): OtlpReceiver {
  checkReceiverOptions(options);
  const receiver = new Receiver(options);
  return Object.assign((request: Request) => receiver.receive(request), {
    health: () => receiver.health(),
    shutdown: () => receiver.shutdown(),
  });
}

class Receiver {
  readonly #ledger: CostLedger | undefined;
  readonly #delivery: Delivery;
  readonly #meter: SpanMeter;
  readonly #mayEnter: (request: Request) => boolean;
  readonly #maxBodyBytes: number;
  readonly #maxRequests: number;
  readonly #windowMs: number;
  readonly #counts = { requests: 0, spans: 0, rejected: 0, events: 0, unpriced: 0, unattributed: 0 };
  readonly #refused: Record<number, number> = {};
  #inWork = 0;
  #closed = false;

  constructor(options: OtlpReceiverOptions) {
    const { sinks, tokens = [], maxBodyBytes = 16 * 2 ** 20, maxRequests = 32, windowMs = 1_000 } = options;
    this.#ledger = sinks.find((sink): sink is CostLedger => 'query' in sink);
    this.#delivery = createDelivery(sinks, options.delivery);
    this.#mayEnter = tokens.length === 0 ? () => true : bearerCheck(tokens);
    this.#maxBodyBytes = maxBodyBytes;
    this.#maxRequests = maxRequests;
    this.#windowMs = windowMs;
    this.#meter = this.#createMeter(options);
  }

  async receive(request: Request): Promise<Response> {
    this.#counts.requests++;
    const format = formatOf(request);
    const response = await this.#answer(request, format).catch((error: unknown) =>
      error instanceof BodyError
        ? refuse(format, error.status, error.message)
        : refuse(format, 500, 'the request could not be handled.'),
    );
    if (response.status !== 200) this.#refused[response.status] = (this.#refused[response.status] ?? 0) + 1;
    return response;
  }

  health(): ReceiverHealth {
    const sinks = this.#delivery.health();
    const worst = (['failing', 'degraded'] as const).find((status) =>
      sinks.some((sink) => sink.status === status),
    );
    const { suppressed } = this.#meter;
    return { status: worst ?? 'ok', sinks, ...this.#counts, refused: { ...this.#refused }, suppressed };
  }

  async shutdown(): Promise<void> {
    this.#closed = true;
    this.#meter.flush();
    await this.#delivery.shutdown();
  }

  async #answer(request: Request, format: Format | undefined): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (!pathname.endsWith('/v1/traces'))
      return refuse(format, 404, `there is nothing at ${pathname}: traces are sent to …/v1/traces.`);
    if (request.method !== 'POST')
      return refuse(format, 405, 'traces are sent with POST.', { allow: 'POST' });
    if (!this.#mayEnter(request))
      return refuse(format, 401, 'a bearer token is needed: Authorization: Bearer <token>.', {
        'www-authenticate': 'Bearer',
      });
    if (format === undefined)
      return refuse(format, 415, 'expected content-type application/x-protobuf or application/json.');
    if (this.#closed || !this.#canKeep())
      return this.#comeBack(format, 503, 'the ledger cannot keep events now.');
    if (this.#inWork >= this.#maxRequests)
      return this.#comeBack(format, 429, 'too many requests at one time.');
    this.#inWork++;
    try {
      return await this.#take(request, format);
    } finally {
      this.#inWork--;
    }
  }

  async #take(request: Request, format: Format): Promise<Response> {
    const body = await readBody(request, this.#maxBodyBytes);
    const { spans, rejected } = this.#decode(body, format);
    this.#counts.spans += spans.length;
    this.#counts.rejected += rejected;
    await this.#bill(spans);
    if (!(await this.#isKept())) return this.#comeBack(format, 503, 'the events could not be kept.');
    return answer(format, rejected);
  }

  #decode(body: Uint8Array, format: Format): ReturnType<typeof readOtlpSpans> {
    try {
      const decoded = format.codec.decodeRequest(body);
      if (object(decoded) === undefined) throw new TypeError('no object');
      return readOtlpSpans(decoded);
    } catch {
      throw new BodyError(400, `the body is no ExportTraceServiceRequest in ${format.contentType}.`);
    }
  }

  async #bill(spans: readonly EndedSpan[]): Promise<void> {
    for (const span of spans) this.#meter.offer(span);
    this.#meter.decide();
    const traces = new Map(
      spans.filter((span) => this.#meter.waits(span)).map(({ traceId, process }) => [traceId, process]),
    );
    for (const [traceId, process] of traces) await this.#recall(traceId, process);
    for (let waiting = spans; (waiting = waiting.filter((span) => this.#meter.waits(span))).length > 0;) {
      // The windows of these spans are open until then, at the latest.
      await new Promise((resolve) => {
        setTimeout(resolve, this.#windowMs + 1);
      });
      this.#meter.decide();
    }
  }

  /** What was billed of a trace before this process started; the meter itself only remembers its own life. */
  async #recall(traceId: string, process: string | undefined): Promise<void> {
    const events = this.#ledger?.events({ traceId, limit: MAX_RECALLED });
    try {
      for await (const event of events ?? []) {
        const seen = seenEvent(event, process);
        if (seen !== undefined) this.#meter.recall(seen);
      }
    } catch (error) {
      warnOnce('a trace could not be looked up in the ledger.', error);
    }
  }

  #canKeep(): boolean {
    return this.#ledger?.outbox?.available !== false && this.#ledger?.health?.().status !== 'failing';
  }

  /** With a ledger, its word counts; without one, that every sink has taken what it was given. */
  async #isKept(): Promise<boolean> {
    if (this.#ledger !== undefined) {
      await this.#ledger.flush();
      return this.#canKeep();
    }
    await this.#delivery.forceFlush();
    return this.#delivery.health().every(({ pending }) => pending === 0);
  }

  #comeBack(format: Format, status: 429 | 503, message: string): Response {
    return refuse(format, status, message, { 'retry-after': status === 429 ? '1' : '5' });
  }

  #createMeter(options: OtlpReceiverOptions): SpanMeter {
    const { resolveCustomer, defaultCustomer, context, spanAttributes } = options;
    const resolve: ResolveOptions<OpenCall> = known({
      resolveCustomer,
      defaultCustomer,
      staticContext: context && copyContext(context),
    });
    const redact = createRedactor(options.redact);
    const prices = [...priceListsOf(options.prices).map(unfailingPrices), defaultPriceList];
    return new SpanMeter({
      ownSpans: 'billed',
      bounds: { windowMs: this.#windowMs },
      show: (call) => showAttribution(call, resolve, redact),
      bill: (call, { service }) => {
        const event = meterCall(call, { prices, ...known({ service }) });
        this.#counts.events++;
        if (event.cost.status === 'unpriced') this.#counts.unpriced++;
        if (event.attributionSource === undefined) this.#counts.unattributed++;
        this.#delivery.accept(event);
      },
      ...known({ spanAttributes, memory: this.#ledger?.memory }),
    });
  }
}

const MAX_RECALLED = 100;
