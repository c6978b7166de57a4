import { divide, exact, formatDecimal, sumDecimals } from '../base/decimal.ts';
import type { Decimal } from '../base/decimal.ts';
import { object } from '../base/read.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { LineItem } from '../pricing/price.ts';
import { type CsvValue, toCsv } from './csv.ts';
import { type Window } from './period.ts';
import { type FocusScope, focusFields, modelOf } from './focus-fields.ts';

/** The rows of one day: one per customer, model, token class and price. */
export class FocusRows {
  readonly day: Window;
  readonly #scope: FocusScope;
  readonly #tags: readonly string[];
  readonly #rows = new Map<string, FocusRow>();

  constructor(scope: FocusScope, tags: readonly string[]) {
    this.day = scope.day;
    this.#scope = scope;
    this.#tags = tags;
  }

  add(event: CostEvent): void {
    for (const { key, item, tags, cost, events } of partsOf(event, this.#tags)) {
      const same = this.#rows.get(key);
      if (same === undefined) {
        const fixed = focusFields(event, item, tags, this.#scope);
        this.#rows.set(key, { fixed, quantity: item?.quantity, per: item?.per ?? '1', cost, events });
      } else {
        same.quantity = same.quantity && item && sumDecimals([same.quantity, item.quantity]);
        same.cost = sumDecimals([same.cost, cost]);
        same.events += events;
      }
    }
  }

  /** As CSV, without a header. */
  *csv(): Iterable<string> {
    if (this.#rows.size > 0) yield toCsv([...this.#rows.values()].map(toRecord));
  }
}

/** What a row says, of which the sums are its own and the rest is what its events have in common. */
interface FocusRow {
  readonly fixed: Readonly<Record<string, CsvValue>>;
  quantity: Decimal | undefined;
  readonly per: Decimal;
  cost: Decimal;
  events: number;
}

/** One line item of an event, or the whole of it where it has none; and what tells its row from others of the day. */
interface Part {
  readonly key: string;
  readonly item: LineItem | undefined;
  readonly tags: string;
  readonly cost: Decimal;
  readonly events: number;
}

function partsOf(event: CostEvent, names: readonly string[]): Part[] {
  const { cost, kind, customer, priceInputs, serviceTier, usageSource, provider, operation } = event;
  if (cost.amount === undefined) return [];
  const tags = tagsOf(event, names);
  const shared = [
    kind,
    customer,
    event.attributionSource === undefined,
    provider,
    modelOf(event),
    operation,
    priceInputs?.region,
    priceInputs?.batch,
    serviceTier,
    usageSource === 'estimated',
    cost.currency,
    cost.price?.list,
    tags,
  ];
  if (kind === 'adjustment' || cost.lineItems.length === 0)
    return cost.amount === '0'
      ? []
      : [{ key: JSON.stringify(shared), item: undefined, tags, cost: cost.amount, events: 1 }];
  return cost.lineItems.map((item, index) => ({
    key: JSON.stringify([...shared, item.meter, item.model, item.unitPrice, item.per, item.multipliers]),
    item,
    tags,
    cost: item.amount,
    events: index === 0 ? 1 : 0,
  }));
}

function tagsOf({ context }: CostEvent, names: readonly string[]): string {
  const values: Readonly<Record<string, unknown>> = object(context) ?? {};
  const chosen = names.flatMap((name) => {
    const value = values[name];
    if (value === undefined || value === null) return [];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  return JSON.stringify(Object.fromEntries(chosen));
}

function toRecord({ fixed, quantity, per, cost, events }: FocusRow): CsvValue[] {
  const pricing = quantity === undefined ? undefined : divide(exact(quantity), exact(per));
  const sums: Record<string, CsvValue> = {
    BilledCost: cost,
    EffectiveCost: cost,
    ListCost: cost,
    ContractedCost: cost,
    ConsumedQuantity: quantity,
    PricingQuantity: pricing && formatDecimal(pricing),
    x_EventCount: events,
  };
  return FOCUS_COLUMNS.map((column) => sums[column] ?? fixed[column]);
}

/** FOCUS 1.0, what fits of 1.2, then our own. */
export const FOCUS_COLUMNS: readonly string[] = [
  'AvailabilityZone',
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'CommitmentDiscountCategory',
  'CommitmentDiscountId',
  'CommitmentDiscountName',
  'CommitmentDiscountStatus',
  'CommitmentDiscountType',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'ContractedUnitPrice',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingCurrency',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'RegionName',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'ServiceSubcategory',
  'SkuId',
  'SkuMeter',
  'SkuPriceDetails',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'Tags',
  'x_CustomerId',
  'x_Attribution',
  'x_Operation',
  'x_EventCount',
  'x_Estimated',
  'x_PriceList',
];
