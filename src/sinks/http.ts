import { ConfigError } from '../base/errors.ts';
import {
  callable,
  flag,
  type KindsOf,
  oneOf,
  optionsOf,
  positive,
  required,
  text,
  wholeAbove0,
} from '../base/options.ts';
import { fromEnvironment } from '../base/environment.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink } from '../delivery/sink.ts';
import { httpAddress, httpHeaders } from './check.ts';
import { type HeaderValue, post } from './post.ts';
import { SinkError } from '../delivery/sink-error.ts';

/** Options of `HttpSink`. */
export interface HttpSinkOptions {
  /** Where to post. */
  readonly url: string;
  /** Fixed values, or functions asked at each attempt: `{ authorization: () => `Bearer ${process.env.TOKEN}` }`. */
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  /** The environment variable with the token for `authorization: Bearer …`, read at each attempt. */
  readonly tokenEnv?: string;
  /**
   * `json` (default): an array of events in their JSON form. `ndjson`: one per line. `cloudevents`: a CloudEvents
   * 1.0 batch with the event as `data`.
   */
  readonly format?: 'json' | 'ndjson' | 'cloudevents';
  /** What is sent for an event; `undefined` leaves it out. Default: its JSON form. */
  readonly map?: (event: CostEvent) => unknown;
  /** What is sent for a batch of the above: `(items) => ({ tracked: items })`. Default: the items. */
  readonly envelope?: (items: readonly unknown[]) => unknown;
  /** For receivers that answer 2xx and refuse in the body: why something in the batch was refused, or undefined. */
  readonly refusal?: (answer: string) => string | undefined;
  /** The most events in one request. Default: what delivery is set to, 100. */
  readonly batchSize?: number;
  /** Default: `false`. */
  readonly gzip?: boolean;
  /** Default: 10,000. */
  readonly timeoutMs?: number;
  /** The name in `health()` and in the outbox. Default: `http`. */
  readonly name?: string;
}

const CONTENT_TYPES = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  cloudevents: 'application/cloudevents-batch+json',
} as const;

const OPTIONS: KindsOf<HttpSinkOptions> = {
  url: required(httpAddress),
  headers: httpHeaders,
  tokenEnv: text,
  format: oneOf('json', 'ndjson', 'cloudevents'),
  map: callable,
  envelope: callable,
  refusal: callable,
  batchSize: wholeAbove0,
  gzip: flag,
  timeoutMs: positive,
  name: text,
};

/**
 * Posts events to an address. Any 2xx is success; delivery repeats on network errors, 408, 425, 429 and 5xx,
 * pauses on 401 and 403, and sets the one refused event aside on other 4xx.
 *
 * @throws {ConfigError} for a wrong option.
 * @example
 * new HttpSink({ url: 'https://billing.example.com/events', tokenEnv: 'BILLING_TOKEN' });
 */
export class HttpSink implements CostEventSink {
  readonly name: string;
  readonly durable = true;
  declare readonly batchSize?: number;
  readonly #options: HttpSinkOptions;
  readonly #headers: Readonly<Record<string, HeaderValue>>;

  constructor(options: HttpSinkOptions) {
    this.#options = checked(options);
    this.name = options.name ?? 'http';
    if (options.batchSize !== undefined) this.batchSize = options.batchSize;
    const { headers = {}, tokenEnv } = options;
    this.#headers =
      tokenEnv === undefined
        ? headers
        : { authorization: () => bearer(fromEnvironment(tokenEnv)), ...headers };
  }

  async write(events: readonly CostEvent[]): Promise<void> {
    const { format = 'json', gzip = false, timeoutMs = 10_000, url } = this.#options;
    const items = events.flatMap((event) => this.#item(event));
    if (items.length === 0) return;
    const answer = await post({
      url,
      headers: this.#headers,
      contentType: CONTENT_TYPES[format],
      body: this.#body(items),
      gzip,
      timeoutMs,
    });
    const refusal = this.#options.refusal?.(answer.text());
    if (refusal !== undefined) {
      throw new SinkError(`the receiver refused: ${refusal}`, { status: 422, response: answer.text() });
    }
  }

  #item(event: CostEvent): unknown[] {
    const { map, format } = this.#options;
    const item = map === undefined ? event : map(event);
    if (item === undefined) return [];
    return [format === 'cloudevents' ? toCloudEvent(event, item) : item];
  }

  #body(items: readonly unknown[]): string {
    const { envelope, format } = this.#options;
    if (envelope !== undefined) return JSON.stringify(envelope(items));
    if (format === 'ndjson') return items.map((item) => `${JSON.stringify(item)}\n`).join('');
    return JSON.stringify(items);
  }
}

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
function toCloudEvent(event: CostEvent, data: unknown): object {
  return {
    specversion: '1.0',
    id: event.id,
    source: `/costspan/${encodeURIComponent(event.service ?? 'unknown_service')}`,
    type: event.kind === 'adjustment' ? 'costspan.adjustment.v1' : 'costspan.cost.v1',
    ...(event.customer === null || event.customer === '' ? {} : { subject: event.customer }),
    time: event.timestamp.toISOString(),
    datacontenttype: 'application/json',
    data,
  };
}

function bearer(token: string | undefined): string | undefined {
  return token === undefined ? undefined : `Bearer ${token}`;
}

function checked(given: HttpSinkOptions): HttpSinkOptions {
  const options = optionsOf('new HttpSink', given, OPTIONS);
  if (options.envelope !== undefined && options.format === 'ndjson') {
    throw new ConfigError(
      `new HttpSink: 'envelope' makes one body of a batch, 'ndjson' one line per event. Choose one.`,
    );
  }
  return options;
}
