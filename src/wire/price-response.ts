import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { freeCost, unpricedCost } from '../pricing/cost.ts';
import { checkedPrices, costOf } from '../pricing/cost-of.ts';
import { defaultPriceList } from '../pricing/shipped/default-price-list.ts';
import type { Cost, PriceList, PriceQuery } from '../pricing/price.ts';
import { canonicalProvider } from '../providers/spelling.ts';
import { type RawReading, readRawReply } from './read-reply.ts';
import { type JsonObject, known } from '../base/read.ts';

/** What is known about a call beside its reply. */
export interface PriceResponseOptions {
  /** OTel's well-known provider name, or the host's owner. Default: the owner of the `url`'s host, else `openai`. */
  readonly provider?: string;
  /** The full address that was called; it may hold the model, the region and the kind of call. */
  readonly url?: string;
  /** Default: `POST`. */
  readonly method?: string;
  /** The request body: where a reply is sound or says no model, it says what was bought. */
  readonly request?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** When the call was made. Default: now. */
  readonly at?: Date;
  /** The reply is a line of a batch's results. */
  readonly batch?: boolean;
  /** The model, where neither reply, request nor address names it. */
  readonly model?: string;
  /** The tier that served the call, where the reply does not say. */
  readonly serviceTier?: string;
  /** Azure: `global`, `datazone` or `regional`. */
  readonly deploymentType?: string;
  /** Where the cloud ran it: Vertex `us-east5`. Default: what the address says. */
  readonly region?: string;
  /** Default: `defaultPriceList`. */
  readonly prices?: PriceList | readonly PriceList[];
}

const OPTIONS = [
  'provider',
  'url',
  'method',
  'request',
  'headers',
  'at',
  'batch',
  'model',
  'serviceTier',
  'deploymentType',
  'region',
  'prices',
] as const satisfies readonly (keyof PriceResponseOptions)[];

/**
 * What a raw reply costs, offline and without any instrumentation: the parsed JSON body, the list of a finished
 * stream's events, the response inside a batch output line (with `batch: true`), or `{}` and the `request` where
 * the reply is no JSON.
 *
 * @throws {ConfigError} for options that nobody reads, or an `at` that is no valid Date. Never for the body.
 * @example
 * const body = { model: 'gpt-4o-2024-08-06', object: 'chat.completion', usage: { prompt_tokens: 1000, completion_tokens: 100 } };
 * priceResponse(body, { provider: 'openai' }).amount; // '0.0035'
 */
export function priceResponse(body: unknown, options: PriceResponseOptions = {}): Cost {
  checkOptions('priceResponse', options, OPTIONS);
  checkedPrices('priceResponse', options.prices ?? defaultPriceList);
  const at = options.at ?? new Date();
  if (!(at instanceof Date) || Number.isNaN(at.getTime())) {
    throw new ConfigError(`priceResponse: at must be a valid Date, got ${describe(options.at)}.`);
  }
  const { url, method, request, headers } = options;
  const provider = options.provider === undefined ? undefined : canonicalProvider(options.provider);
  const raw = readRawReply({ body, ...known({ url, method, request, headers, provider }) });
  if (raw.free) return freeCost(`${raw.operation} is free of charge`);
  const { reading } = raw;
  if (reading.pending === true) return unpricedCost('a receipt: the usage comes with a later reply');
  if (reading.freeReason !== undefined && reading.usage === undefined) return freeCost(reading.freeReason);
  if (reading.usageFault !== undefined) return unpricedCost(reading.usageFault);
  if (reading.usage === undefined && reading.errorType !== undefined) {
    return freeCost(`nothing was consumed: ${reading.errorType}`);
  }
  return costOf(reading.usage ?? {}, queryOf(raw, at, options), options.prices ?? defaultPriceList);
}

function queryOf(raw: RawReading, at: Date, options: PriceResponseOptions): PriceQuery {
  const { reading } = raw;
  return {
    provider: raw.provider,
    at,
    ...known({
      operation: raw.operation,
      requestModel: raw.requestModel ?? options.model,
      responseModel: reading.responseModel,
      serviceTier: reading.serviceTier ?? options.serviceTier,
      batch: options.batch,
      speed: reading.speed,
      inferenceGeo: reading.inferenceGeo,
      serverAddress: options.url === undefined ? undefined : URL.parse(options.url)?.hostname,
      region: options.region ?? locationIn(options.url),
      deploymentType: options.deploymentType,
      parameters: reading.parameters,
      reported: reading.reported,
      freeReason: reading.freeReason,
    }),
  };
}

/** Vertex' resource path names the location: `…/projects/p/locations/us-east5/publishers/…`. */
function locationIn(url: string | undefined): string | undefined {
  return url === undefined ? undefined : /\/locations\/([a-z0-9-]+)\//.exec(url)?.[1];
}
