/**
 * The JSON API of the dashboard: the type of every answer. Types alone, so that a page in a browser can import them.
 *
 * Every address is below the dashboard's own, is asked with GET, and answers JSON; where it says CSV, the same address
 * with `.csv` before the `?` (`api/report.csv?by=model`) answers the table as a file.
 *
 * | address | answer | CSV |
 * |---|---|---|
 * | `api/meta` | `Meta`: what this ledger is, its time zone, what can be grouped by | |
 * | `api/summary` | `Summary`: this month beside the month before, forecast, what is unknown | |
 * | `api/spend?by=customer&unit=day&top=8` | `Spend`: amounts over time, stacked, with the largest groups and their share | yes |
 * | `api/report?by=customer,model&limit=100` | `ReportAnswer`: any table, one row per group | yes |
 * | `api/customers?search=ac` | `Customers`: who is registered or seen, with the spend of the period | yes |
 * | `api/customer?customer=acme` | `CustomerAnswer`: one customer | |
 * | `api/margin?customer=acme` | `Margins`: charge and margin beside cost; reads every event of the period | yes |
 * | `api/model?provider=openai&model=gpt-4o` | `ModelAnswer`: one model, its price in force and where that was read | |
 * | `api/cache?provider=openai` | `Caching`: what caching saved per model; reads every event of the period | yes |
 * | `api/budgets?customer=acme` | `Budgets`: how far each budget is used | yes |
 * | `api/budget?id=per-customer&scope.customer=acme` | `BudgetAnswer`: one scope of a budget, with its burn-down | |
 * | `api/delivery` | `DeliveryAnswer`: the sinks, what waits for them, what they refused | yes |
 * | `api/events?order=desc&limit=50` | `Events`: the events themselves, in pages | yes |
 * | `api/sum?min_cost=0.5&within=250` | `Found`: what the events of a filter add up to | |
 * | `api/event?id=019aa1c2-…` | `EventAnswer`: one event, and how its amount came about | |
 *
 * **Filters.** Every address but `meta`, `budgets`, `budget`, `delivery` and `event` takes those of `ledger.events`:
 * `start`, `end` (ISO 8601, `[start, end)`; a day alone begins where `tz` says), `month=2026-11`, `customer`,
 * `unattributed`, `provider`, `model`, `operation`, `service`, `status`, `cost_status`, `unpriced`, `min_cost`,
 * `max_cost`, `id`, `response_id`, `trace_id`, `adjusts`, `context.<name>=<value>` (`*` stands for any text). Flags are
 * `true` or `false`. `is.<dimension>=<value>` asks for one exact value of a dimension (`is.usage_source=estimated`,
 * `is.model=gpt-4o`), `without=<dimension>` for events that have none; several of one dimension mean any of them. `tz=Europe/Berlin` says where days and months
 * begin. Without a period, the month of now is meant, up to now; `events` and `sum` mean all.
 *
 * **From a number to its events.** Whatever has a `filter` can be looked at: `api/events?${filter}` lists the events it
 * is the sum of. It is a query string; the page's own address of the event explorer takes the same.
 *
 * **In parts.** What neither the sums nor the index know is found by reading events: `min_cost`, `max_cost`, `trace_id`,
 * `response_id`, entries of the context, and all of `margin` and `cache`. `events`, `sum`, `margin` and `cache` take
 * `within=250`: they answer what was found in about so many milliseconds, the newest first, and `rest` is the query
 * string that asks the same address for what is left; `null` when there is nothing more. Without `within` one answer
 * holds everything.
 *
 * **Live tail.** Ask for `api/events?order=desc&limit=50` every two seconds and show the ids that are new: what a call
 * that took long adds behind newer ones is found as well.
 *
 * **Errors.** 400 for a filter that nobody reads, 401 without a token, 403 for a foreign `Host`, 404, 405, 500 and 503;
 * each with an `ApiError`.
 */

/** Exact decimal text: `'0.005615'`. Round it once, when it is shown. */
export type Amount = string;
/** `2026-11-20T10:00:00.123Z` */
export type Instant = string;

/** The query string that asks the same address for what `within` left out; `null` when nothing is left. */
export type Rest = string | null;

export interface ApiError {
  readonly error: { readonly code: string; readonly message: string };
}

/** `[start, end)`. An absent side is open. */
export interface PeriodJson {
  readonly start: Instant | null;
  readonly end: Instant | null;
}

/** Sums over calls, in one currency. */
export interface Sums {
  readonly calls: number;
  readonly currency: string;
  /** `null`: there are calls, and not one of them could be priced. */
  readonly amount: Amount | null;
  /** Calls without a price; they are not in `amount`. */
  readonly unpriced: number;
  /** Calls whose usage was estimated, and the part of `amount` that rests on them. */
  readonly estimated: number;
  readonly estimated_amount: Amount;
  readonly errors: number;
  /** `input_tokens`, `output_tokens`, `cache_read_tokens`, …; only those that are known. */
  readonly usage: Readonly<Record<string, number>>;
  readonly cost_per_call: Amount | null;
  /** The events behind these sums, as a query string. */
  readonly filter: string;
}

/** The sums of one value of a dimension. */
export interface Group extends Sums {
  /** `null`: the events do not say. Beside `customer` it is somebody nobody named (`unattributed`), or explicitly nobody. */
  readonly value: string | null;
  readonly unattributed: boolean;
  /** A customer's registered name. */
  readonly name?: string;
  /** The part of its currency's total, `'0.423'`; `null` when unknown. */
  readonly share: Amount | null;
}

export interface Meta {
  readonly version: string;
  /** `sqlite`, `postgres`, … */
  readonly ledger: string;
  readonly now: Instant;
  /** Where days and months begin, unless `tz` says otherwise. */
  readonly time_zone: string;
  /** Whether there is any event; without one the page says what to do next. */
  readonly is_empty: boolean;
  readonly first_event: Instant | null;
  readonly last_event: Instant | null;
  /** What `by` takes, context entries of late calls included: `customer`, `model`, `context.feature`, `day`, … */
  readonly dimensions: readonly string[];
  /** Which screens have something behind them. */
  readonly has: {
    readonly customers: boolean;
    readonly budgets: boolean;
    readonly delivery: boolean;
  };
}

export interface Summary {
  readonly time_zone: string;
  /** The month to now, or the period asked for. */
  readonly period: PeriodJson;
  /** The same days of the month before, or as long a time before the period asked for. */
  readonly before: PeriodJson;
  /** The whole month before. */
  readonly last_month: PeriodJson;
  /** One per currency; empty when there was no call in any of these times. */
  readonly currencies: readonly CurrencySummary[];
}

export interface CurrencySummary {
  readonly currency: string;
  readonly total: Sums;
  readonly before: Sums;
  readonly last_month: Sums;
  /** total ÷ before − 1: `'0.250'` is a quarter more; `null` where nothing was spent before. */
  readonly change: Amount | null;
  /** What the month of now will have cost; `null` when another period was asked for. */
  readonly forecast: ForecastJson | null;
  /** Calls nobody was named for. */
  readonly unattributed: Part;
  /** Calls without a price: their amount is unknown, so they are counted. */
  readonly unpriced: Part;
  /** Calls whose usage was estimated. */
  readonly estimated: Part;
  readonly errors: Part;
}

/** Some of the calls of a total. */
export interface Part {
  readonly calls: number;
  /** The part of the total's calls: `'0.012'`; `null` when there are none. */
  readonly share_of_calls: Amount | null;
  /** `null` where it is unknown. */
  readonly amount: Amount | null;
  readonly share: Amount | null;
  readonly filter: string;
}

export interface ForecastJson {
  readonly period: PeriodJson;
  readonly spent: Amount;
  readonly expected: Amount;
  /** Four times in five the month ends between these. */
  readonly low: Amount;
  readonly high: Amount;
  /** Days of the past that it rests on; below 7 it is little more than a guess. */
  readonly days: number;
  readonly method: string;
}

/** Spend over time, one series per value of `by`. */
export interface Spend {
  readonly time_zone: string;
  readonly period: PeriodJson;
  readonly by: string;
  readonly unit: 'hour' | 'day' | 'week' | 'month';
  /** In order and without gaps. */
  readonly buckets: readonly Bucket[];
  /** Per currency the `top` largest, what nobody was named for, and the rest. */
  readonly series: readonly Series[];
  /** One per currency. */
  readonly totals: readonly Series[];
}

export interface Bucket extends PeriodJson {
  /** `2026-11-20`, `2026-W47`, `2026-11`, `2026-11-20T10:00+01:00`. */
  readonly label: string;
}

/** For the events of one bucket, put the bucket's `start` and `end` into `filter`. */
export interface Series extends Group {
  /** The sum of all other groups: it has no `value`, and its `filter` is that of all groups. */
  readonly is_rest: boolean;
  /** How many groups `is_rest` sums. */
  readonly groups: number;
  /** Per bucket; `'0'` without calls, `null` where no call could be priced. */
  readonly amounts: readonly (Amount | null)[];
  readonly calls_per_bucket: readonly number[];
}

export interface ReportAnswer {
  readonly time_zone: string;
  readonly period: PeriodJson;
  readonly by: readonly string[];
  /** Largest spend first, times in order. */
  readonly rows: readonly ReportRow[];
  /** Rows there are; `limit` may have cut them. */
  readonly count: number;
  readonly totals: readonly Sums[];
}

export interface ReportRow extends Sums {
  /** A value per dimension of `by`. */
  readonly group: Readonly<Record<string, string | null>>;
  readonly unattributed: boolean;
  readonly share: Amount | null;
}

export interface Customers {
  readonly time_zone: string;
  readonly period: PeriodJson;
  /** Largest spend first; registered customers without a call last. */
  readonly rows: readonly CustomerRow[];
  readonly count: number;
}

export interface CustomerRow extends Sums {
  readonly customer: string;
  readonly name: string | null;
  readonly plan: string | null;
  readonly registered: boolean;
  readonly merged_into: string | null;
  readonly share: Amount | null;
}

export interface CustomerAnswer {
  readonly time_zone: string;
  readonly period: PeriodJson;
  readonly customer: {
    readonly key: string;
    readonly name: string | null;
    readonly plan: string | null;
    readonly rate_card: string | null;
    readonly registered: boolean;
  };
  /** One per currency. */
  readonly totals: readonly Sums[];
  readonly models: readonly Group[];
  /** Of the context entry `feature`. */
  readonly features: readonly Group[];
  readonly operations: readonly Group[];
  readonly spend: Spend;
  readonly budgets: readonly BudgetAnswer[];
}

export interface Margins {
  readonly period: PeriodJson;
  readonly rest: Rest;
  readonly rows: readonly MarginJson[];
}

export interface MarginJson {
  readonly customer: string | null;
  readonly unattributed: boolean;
  readonly currency: string;
  readonly calls: number;
  readonly cost: Amount;
  readonly charge: Amount;
  readonly margin: Amount;
  /** margin ÷ charge: `'0.420'`; `null` where nothing was charged. */
  readonly rate: Amount | null;
  /** Calls without a charge, whose cost is in `cost`. */
  readonly uncharged: number;
  readonly unpriced: number;
  readonly filter: string;
}

export interface ModelAnswer {
  readonly time_zone: string;
  readonly period: PeriodJson;
  readonly provider: string;
  readonly model: string;
  /** In force now, from the lists the package ships with; `null` when they do not know the model. */
  readonly price: PriceJson | null;
  /** What the newest priced call was priced from: a list of one's own shows here. */
  readonly used: CostJson['price'];
  readonly totals: readonly Sums[];
  readonly customers: readonly Group[];
  readonly spend: Spend;
}

export interface PriceJson {
  readonly list: string;
  readonly id: string;
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  readonly currency: string;
  readonly free: string | null;
  readonly rates: readonly RateJson[];
  /** Tiers, regions and speeds that change it. */
  readonly conditions: readonly ConditionJson[];
  readonly sources: readonly SourceJson[];
}

export interface RateJson {
  /** `input`, `cache_read`, `output`, … */
  readonly meter: string;
  readonly price: Amount;
  /** How many units the price is for: `'1000000'`. */
  readonly per: Amount;
  /** Other prices above so many input tokens. */
  readonly long_context: readonly { readonly above: number; readonly price: Amount }[];
  readonly note: string | null;
}

export interface ConditionJson {
  readonly circumstance: string;
  readonly value: string;
  readonly factor: Amount | null;
  readonly note: string | null;
}

/** Where a price was read, and when. */
export interface SourceJson {
  readonly list: string;
  readonly source: string;
  readonly as_of: string;
}

export interface Caching {
  readonly period: PeriodJson;
  readonly rest: Rest;
  readonly rows: readonly CachingJson[];
}

export interface CachingJson {
  readonly provider: string;
  readonly model: string;
  readonly currency: string;
  readonly tokens_read: number;
  readonly tokens_written: number;
  readonly saved_by_reading: Amount;
  readonly paid_for_writing: Amount;
  readonly saved: Amount;
  /** Calls with cached tokens whose uncached price is not known. */
  readonly unknown: number;
  readonly filter: string;
}

export interface Budgets {
  readonly rows: readonly BudgetJson[];
  /** Thresholds that webhooks were told, or are to be told, newest first. */
  readonly notices: readonly NoticeJson[];
}

/** One scope of a budget, in its period of now. */
export interface BudgetJson {
  readonly id: string;
  readonly scope: Readonly<Record<string, string>>;
  readonly measure: 'cost' | 'charge' | 'tokens' | 'calls';
  /** Of `cost` and `charge`. */
  readonly currency: string | null;
  readonly action: 'alert' | 'warn' | 'block';
  readonly mode: 'observe' | 'check' | 'hold' | 'strict';
  /** `month`, `total`, `24h`, … */
  readonly period_name: string;
  readonly time_zone: string;
  readonly thresholds: readonly number[];
  readonly period: PeriodJson;
  readonly limit: Amount;
  readonly spent: Amount;
  readonly held: Amount;
  readonly remaining: Amount;
  /** Spent, in percent of the limit. */
  readonly percent: number;
  readonly resets_at: Instant | null;
  /** The events of the scope and period. */
  readonly filter: string;
  /** For `api/budget`: `id=…&scope.customer=…`. */
  readonly query: string;
}

export interface BudgetAnswer extends BudgetJson {
  /** `null` for what the ledger keeps no sums of: charges, and periods without a start. */
  readonly burn_down: readonly BurnPoint[] | null;
}

/** What was spent until the end of a bucket; later buckets are left out. */
export interface BurnPoint extends Bucket {
  readonly spent: Amount;
  /** limit − spent; negative beyond the limit. */
  readonly left: Amount;
}

export interface NoticeJson {
  readonly id: string;
  readonly created_at: Instant;
  readonly attempts: number;
  readonly told: boolean;
}

export interface DeliveryAnswer {
  /** How the ledger itself is doing, in this process; `null` where it does not say. */
  readonly ledger: SinkJson | null;
  /** Of the process the dashboard is mounted in; empty for `costspan dashboard`. */
  readonly sinks: readonly SinkJson[];
  /** What the ledger keeps for other sinks. */
  readonly outbox: readonly OutboxJson[];
  /** The newest hundred. */
  readonly dead_letters: readonly DeadLetterJson[];
}

export interface SinkJson {
  readonly name: string;
  readonly status: 'ok' | 'degraded' | 'failing';
  readonly sent: number;
  readonly pending: number;
  readonly failed: number;
  readonly dead: number;
  readonly dropped: number;
  readonly oldest_pending_age_ms: number | null;
  readonly last_error: string | null;
  readonly last_error_at: Instant | null;
}

export interface OutboxJson {
  readonly sink: string;
  readonly pending: number;
  readonly dead: number;
  readonly oldest: Instant | null;
}

export interface DeadLetterJson {
  readonly sink: string;
  readonly event_id: string;
  readonly failed_at: Instant;
  readonly status: number | null;
  readonly error: string;
  readonly response: string | null;
}

export interface Events {
  readonly time_zone: string;
  /** In the JSON form of the cost event, `schema_version` 1. */
  readonly events: readonly EventJson[];
  /** Give it as `cursor` for the next page; `null` at the end. */
  readonly next_cursor: string | null;
  /** Its answer goes behind this one: `limit` is what is left of the page. */
  readonly rest: Rest;
}

export interface Found {
  readonly time_zone: string;
  readonly period: PeriodJson;
  readonly calls: number;
  /** Calls without a price; they are in no amount. */
  readonly unpriced: number;
  /** One per currency; none where nothing has a price. */
  readonly amounts: readonly { readonly currency: string; readonly amount: Amount }[];
  readonly rest: Rest;
}

/** The fields of an event that a page shows; the answer has them all. */
export interface EventJson {
  readonly id: string;
  readonly schema_version: number;
  readonly kind: 'usage' | 'adjustment' | 'denied';
  readonly adjusts?: string;
  readonly timestamp: Instant;
  readonly duration_ms?: number;
  readonly time_to_first_token_ms?: number;
  readonly customer: string | null;
  /** Absent: nobody was named. */
  readonly attribution_source?: string;
  readonly context?: Readonly<Record<string, string | number | boolean | null>>;
  readonly call_site?: string;
  readonly provider: string;
  readonly operation: string;
  readonly request_model?: string;
  readonly response_model?: string;
  readonly response_id?: string;
  readonly request_id?: string;
  readonly service_tier?: string;
  readonly server_address?: string;
  readonly stream?: boolean;
  readonly status: 'ok' | 'error' | 'aborted' | 'partial';
  readonly error_type: string | null;
  readonly retries?: number;
  readonly usage: Readonly<Record<string, unknown>>;
  readonly usage_source: 'provider' | 'estimated' | 'none';
  readonly cost: CostJson;
  readonly charge?: ChargeJson;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly service?: string;
}

export interface CostJson {
  readonly status: 'priced' | 'free' | 'unpriced';
  readonly currency?: string;
  readonly amount?: Amount;
  readonly source?: 'provider' | 'local';
  readonly line_items: readonly LineItemJson[];
  readonly price: {
    readonly list: string;
    readonly id: string;
    readonly valid_from: string | null;
    readonly valid_to?: string;
  } | null;
  readonly reason?: string;
  readonly notes?: readonly string[];
  /** Our own figure beside an amount the provider reported. */
  readonly local?: CostJson;
}

/** `amount` = quantity × unit_price ÷ per × multipliers, exactly. */
export interface LineItemJson {
  readonly meter: string;
  readonly quantity: Amount;
  readonly unit_price: Amount;
  readonly per: Amount;
  readonly amount: Amount;
  readonly multipliers?: readonly { readonly name: string; readonly factor: Amount }[];
  readonly model?: string;
}

export interface ChargeJson {
  readonly status: 'charged' | 'uncharged';
  readonly currency?: string;
  readonly amount?: Amount;
  readonly line_items: readonly LineItemJson[];
  readonly rate_card: string;
  readonly reason?: string;
}

export interface EventAnswer {
  readonly event: EventJson;
  /** What the call costs by now, adjustments included; `null` while it is unpriced. */
  readonly amount: Amount | null;
  /** The arithmetic in words, as `costspan explain` prints it. */
  readonly explanation: string;
  /** The line items, calculated again from quantity and price, add up to the amount. */
  readonly adds_up: boolean;
  /** Where the price of the built-in lists was read, and when; empty for prices of one's own. */
  readonly sources: readonly SourceJson[];
  /** Later corrections of this event, each with its own arithmetic. */
  readonly adjustments: readonly { readonly event: EventJson; readonly explanation: string }[];
  /** Spans of the same call that others made, and why they were not billed again. */
  readonly suppressed: readonly {
    readonly reason: string;
    readonly name: string;
    readonly scope: string;
    readonly trace_id: string;
    readonly span_id: string;
  }[];
}
