import type { Decimal } from '../../../base/decimal.ts';
import type { Meter, Rates } from '../../rate-card.ts';

/**
 * What the catalogue lacks or has wrong, as reviewed data. Every row says where it was read and from which
 * instant it holds; a row goes when the catalogue has caught up (a test finds it).
 */
export interface OverlayRow {
  /** OTel's provider name. */
  readonly provider: string | readonly string[];
  /** Instant from which the row holds, ISO 8601. Absent = as long as the model exists. */
  readonly validFrom?: string;
  /** Instant at which it ends (exclusive). */
  readonly validTo?: string;
  /** The address of the page where the figures were read. */
  readonly source: string;
  /** The day on which they were read there. Default: `OVERLAY_REVIEWED`. */
  readonly asOf?: string;
}

/** Prices of models. */
export interface ModelRow extends OverlayRow {
  /**
   * Names after `readModelId`. A build suffix (`-2025-04-14`) may follow, another name may not; a trailing `*`
   * stands for anything.
   */
  readonly models: readonly string[];
  /** `models` names the operation of calls that name no model. */
  readonly isOperation?: true;
  /**
   * `card`: these rates alone. `extra`: these rates over the catalogue's. `default`: these rates where the card
   * has none; also for fine-tuned models.
   */
  readonly kind: 'card' | 'extra' | 'default';
  readonly rates?: Rates;
  /** Rates the card lacks and that follow from one it has, at every context length. */
  readonly derived?: readonly DerivedRate[];
  /** The model is billed nothing, and why. */
  readonly free?: string;
  /** Details billed at the rate of their total, unless the card has a rate for them. */
  readonly shared?: readonly Meter[];
  /** Reported and not billed on this model. */
  readonly unbilled?: readonly Meter[];
  /** Only for calls whose parameters have one of these values; `''` = the call does not say. */
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  readonly fineTuned?: boolean;
  /** Worth saying on a cost that uses one of the row's rates: what the price assumes. */
  readonly note?: string;
}

/** `{ meter: 'cache_write_1h', from: 'input', factor: '2' }` */
export interface DerivedRate {
  readonly meter: Meter;
  readonly from: Meter;
  readonly factor: Decimal;
}

/** What a circumstance of the call does to the price. Of the rows about one circumstance the first that fits counts. */
export interface ConditionRow extends OverlayRow {
  readonly circumstance: Circumstance;
  /** The value of the circumstance this row is about: `batch`, `fast`, `us`, `eu`, `peak`. */
  readonly value: string;
  /** Default: every model of the provider. Names as in `ModelRow.models`; a trailing `*` stands for anything. */
  readonly models?: readonly string[];
  /** On every token meter, or on `meters`. */
  readonly factor?: Decimal;
  readonly meters?: readonly Meter[];
  /** Prices instead of a factor. */
  readonly rates?: Rates;
  /** Worth saying on the cost: an assumption, a free quota that is not seen from one call. */
  readonly note?: string;
  /** No price can be known under this circumstance, and why. */
  readonly unpriced?: string;
}

/**
 * `tier`: the tier that served the call, batch among them. `speed`, `geo`: Anthropic's fields. `host`: a
 * regional host. `deployment`: Azure's deployment type. `place`: where Vertex ran it. `hour`: a daily price window.
 */
export type Circumstance = 'tier' | 'speed' | 'geo' | 'host' | 'deployment' | 'place' | 'hour';
