import type { Decimal } from '../base/decimal.ts';
import type { Usage } from '../usage/usage.ts';

/** Everything about one call that may decide its price. */
export interface PriceQuery {
  /** OTel's well-known provider name, or the host's owner: `openai`, `aws.bedrock`, `openrouter`. */
  readonly provider: string;
  readonly operation?: string;
  readonly requestModel?: string;
  readonly responseModel?: string;
  /** When the call was made; the price of that instant applies. */
  readonly at: Date;
  /** The tier that served the call, as the reply says it: `default`, `flex`, `priority`, `batch`, `ON_DEMAND_FLEX`. */
  readonly serviceTier?: string;
  /** Read from a batch's results. */
  readonly batch?: boolean;
  /** Anthropic `usage.speed`. */
  readonly speed?: string;
  /** Anthropic `usage.inference_geo`. */
  readonly inferenceGeo?: string;
  /** The host that was called: regional hosts cost more at some providers. */
  readonly serverAddress?: string;
  /** Where the cloud ran it, when the caller can say: Vertex `us-east5`, Bedrock `eu-central-1`. */
  readonly region?: string;
  /** Azure: `global`, `datazone` or `regional`; not on the wire. */
  readonly deploymentType?: string;
  /** Price inputs of one provider's own (`search_context_size`, image `size` and `quality`, video resolution, …). */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What the provider says it charges, to the last digit; it wins over every list. */
  readonly reported?: ReportedCost;
  /** Why we are not billed although the call worked (`billed to the customer's own organization`). */
  readonly freeReason?: string;
}

/** The facts of a call that only matter to its price, kept with the event so that it can be priced again. */
export type PriceInputs = Pick<
  PriceQuery,
  'batch' | 'speed' | 'inferenceGeo' | 'region' | 'deploymentType' | 'parameters'
>;

/** A cost that came with the reply. */
export interface ReportedCost {
  readonly amount: Decimal;
  readonly currency: string;
}

/** One disjoint share of a call and what it costs. `amount` = quantity × unitPrice ÷ per × multipliers, exactly. */
export interface LineItem {
  /** `input`, `cache_read`, `cache_write_5m`, `output`, `input_audio`, `web_search`, `request`, … */
  readonly meter: string;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  /** How many units the unit price is for: `'1000000'` tokens, `'1000'` searches. */
  readonly per: Decimal;
  readonly amount: Decimal;
  readonly multipliers?: readonly Multiplier[];
  /** The model that did this share, when it is not the model of the call. */
  readonly model?: string;
}

/** `{ name: 'batch', factor: '0.5' }` */
export interface Multiplier {
  readonly name: string;
  readonly factor: Decimal;
}

/** Which dated fact the amounts come from; enough to replay them. */
export interface PriceReference {
  /** `genai-prices@0.1.8`, `costspan-overlay@…`, the name of a user's own list, or `provider`. */
  readonly list: string;
  /** `openai/gpt-4o` */
  readonly id: string;
  readonly validFrom?: string;
  readonly validTo?: string;
}

/**
 * What a call costs.
 *
 * `priced`: amount and line items are exact. `free`: nothing is billed and `amount` is `'0'`. `unpriced`: no
 * price is known for something that was consumed; `amount` is absent, `reason` says what is missing, and the
 * event can be priced later.
 */
export interface Cost {
  readonly status: 'priced' | 'free' | 'unpriced';
  readonly currency?: string;
  readonly amount?: Decimal;
  /** `provider`: taken from the reply. `local`: from a price list. */
  readonly source?: 'provider' | 'local';
  readonly lineItems: readonly LineItem[];
  readonly price?: PriceReference;
  /** Why the cost is free or unpriced. */
  readonly reason?: string;
  /** Oddities worth seeing: `cache_write split does not add up: 120 tokens priced as 5m`. */
  readonly notes?: readonly string[];
  /** Our own figure, kept beside an amount the provider reported. */
  readonly local?: Cost;
}

/**
 * Where prices come from: the port that `defaultPriceList` and a user's own prices implement.
 *
 * @example
 * const free: PriceList = { name: 'in-house@1', price: (usage, query) => query.provider === 'self_hosted'
 *   ? { status: 'free', currency: 'USD', amount: '0', lineItems: [], reason: 'own hardware' } : undefined };
 */
export interface PriceList {
  /** Name and version, kept on every event priced from it. */
  readonly name: string;
  /** The cost of this usage, or undefined when this list does not know the model. Never throws. */
  price(usage: Usage, query: PriceQuery): Cost | undefined;
  /** The cost of a service no SDK patch sees; undefined when this list does not define it. Never throws. */
  priceService?(service: string, quantities: ServiceQuantities, at: Date): Cost | undefined;
  /** What the customer pays for a call; undefined when this list has no rate card for it. Never throws. */
  charge?(subject: ChargeSubject): Charge | undefined;
}

/** What `recordUsage` was given: `{ minutes: 3.5, requests: 1 }`. Decimal text keeps digits a number would lose. */
export type ServiceQuantities = Readonly<Record<string, number | Decimal>>;

/** One call, as far as it decides what a customer pays for it. */
export interface ChargeSubject {
  readonly cost: Cost;
  readonly usage: Usage;
  readonly at: Date;
  readonly customer?: string | null;
  /** Context entries; `plan` and `feature` are read from here. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly provider?: string;
  readonly model?: string;
  /** Quantities beside the usage's: a rate card may price `requests` or a service's own units. */
  readonly quantities?: Readonly<Record<string, number | Decimal>>;
}

/** What the customer pays for a call: apart from what it cost us. */
export interface Charge {
  /** `uncharged`: a card applies and the amount cannot be told; `reason` says why. */
  readonly status: 'charged' | 'uncharged';
  readonly currency?: string;
  readonly amount?: Decimal;
  readonly lineItems: readonly LineItem[];
  readonly rateCard: string;
  readonly reason?: string;
}
