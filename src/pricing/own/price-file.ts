import type { Decimal } from '../../base/decimal.ts';

/**
 * A user's own prices: the shape of `costspan.prices.yaml` (there in snake_case) and of the object given in code.
 * Money is decimal text; a number is read as it prints.
 *
 * @example
 * const prices: PriceFile = {
 *   name: 'acme-2026-11',
 *   models: [{ provider: 'self_hosted', model: 'llama-3.3-70b', prices: { input: '0.20', output: '0.60' } }],
 *   aliases: [{ provider: 'azure.ai.openai', model: 'support-bot', is: 'gpt-4o' }],
 *   discounts: [{ name: 'enterprise', percent: '15', provider: 'openai' }],
 * };
 */
export interface PriceFile {
  /** Kept on every event priced from it. Default: `user-prices`. */
  readonly name?: string;
  /** Of every price in the file. Default: `USD`. */
  readonly currency?: string;
  readonly models?: readonly UserModel[];
  readonly aliases?: readonly UserAlias[];
  readonly discounts?: readonly UserDiscount[];
  readonly services?: readonly UserService[];
  readonly rateCards?: readonly UserRateCard[];
  readonly currencies?: readonly UserCurrencyRate[];
}

/** From when until when something holds, as ISO 8601 instants; the end is exclusive. */
export interface Validity {
  readonly validFrom?: string;
  readonly validTo?: string;
}

export type Amount = Decimal | number;

/** A model of one's own, or one's own price for a known model: a whole card, nothing is filled in from elsewhere. */
export interface UserModel extends Validity {
  readonly provider: string;
  /**
   * The name, which also serves its dated builds (`gpt-4o-mini` serves `gpt-4o-mini-2024-07-18`, and no sibling), or a
   * beginning with `*`. The closest row counts, and of those the newest that holds.
   */
  readonly model: string;
  /** Per meter: dollars per million tokens or characters, else per one (`request`, `session_seconds`, …). */
  readonly prices?: Readonly<Record<string, Amount | UserPrice>>;
  /** Billed nothing, and why. */
  readonly free?: string;
}

export interface UserPrice {
  readonly price: Amount;
  /** How many units the price is for. */
  readonly per?: Amount;
  /** Prices of the whole request once its input is longer than `inputTokens`. */
  readonly above?: readonly { readonly inputTokens: number; readonly price: Amount }[];
}

/**
 * What a name on the wire does not say of itself: a deployment, an ARN or a fine-tune that costs what another
 * model costs, the type of an Azure deployment, the region of a cloud.
 */
export interface UserAlias {
  readonly provider: string;
  /** Compared whole with the requested and the replied model; a trailing `*` stands for anything. */
  readonly model: string;
  /** The model whose price applies. Default: the call's own. */
  readonly is?: string;
  /** Its provider, when it is another. */
  readonly isProvider?: string;
  /** Azure: `global`, `datazone` or `regional`. */
  readonly deploymentType?: string;
  readonly region?: string;
}

/** A negotiated discount on list prices. Give `percent` (15 = 15 % off) or `factor` (`'0.85'`). */
export interface UserDiscount extends Validity {
  readonly name: string;
  readonly percent?: Amount;
  readonly factor?: Amount;
  readonly provider?: string;
  /** Names as in `UserModel.model`. Default: every model. */
  readonly models?: readonly string[];
  /** Default: every line item. */
  readonly meters?: readonly string[];
}

/** A service no SDK patch sees, for `recordUsage`. */
export interface UserService extends Validity {
  readonly service: string;
  /** Per quantity that `recordUsage` is given. */
  readonly prices: Readonly<Record<string, UserServicePrice | Amount>>;
}

export interface UserServicePrice {
  readonly price: Amount;
  readonly per?: Amount;
  /** A smaller quantity is billed as this much. */
  readonly minimum?: Amount;
  /** Quantities are rounded to multiples of this: `'60'` bills seconds by the minute. */
  readonly increment?: Amount;
  /** How quantities are rounded to the increment. Default: `up`. */
  readonly rounding?: 'up' | 'down' | 'nearest';
}

/** What one's own customers pay. The first card whose `when` fits a call applies. */
export interface UserRateCard extends Validity {
  readonly name: string;
  readonly when?: UserRateCardScope;
  /** Percent on top of the cost: `'20'` charges 1.2 times the cost. */
  readonly markup?: Amount;
  /** A fee per call. */
  readonly fixed?: Amount;
  /** Prices per quantity instead of, or beside, a share of the cost. */
  readonly prices?: Readonly<Record<string, UserChargePrice>>;
  /** The least a call is charged. */
  readonly minimum?: Amount;
  /** Default: the file's. */
  readonly currency?: string;
}

export interface UserRateCardScope {
  readonly customer?: string;
  readonly plan?: string;
  readonly feature?: string;
  readonly provider?: string;
  readonly models?: readonly string[];
  /** Values that context entries must have. */
  readonly context?: Readonly<Record<string, string>>;
}

export interface UserChargePrice {
  readonly price: Amount;
  readonly per?: Amount;
  /** Units of the period that cost nothing. */
  readonly included?: Amount;
  /** Prices from a volume of the period on; each unit costs what its place in the volume says. */
  readonly tiers?: readonly { readonly above: Amount; readonly price: Amount }[];
}

/** A dated rate: one `from` is `rate` `to`. */
export interface UserCurrencyRate extends Validity {
  readonly from: string;
  readonly to: string;
  readonly rate: Amount;
}
