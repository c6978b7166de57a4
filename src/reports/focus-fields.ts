import { exact, formatDecimal, multiply } from '../base/decimal.ts';
import { startOf, startOfNext } from '../base/time-zone.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { LineItem } from '../pricing/price.ts';
import { metersOf } from '../usage/quantities.ts';
import { type CsvValue } from './csv.ts';
import { type Window } from './period.ts';

/** What the rows of one day have in common. */
export interface FocusScope {
  readonly day: Window;
  readonly timeZone: string;
  readonly billingAccount?: string | undefined;
}

/** What a row of a day says of the calls in it, but for the sums: the columns of FOCUS and ours (`x_…`), by name. */
export function focusFields(
  event: CostEvent,
  item: LineItem | undefined,
  tags: string,
  scope: FocusScope,
): Record<string, CsvValue> {
  const shared = sharedOf(event, tags, scope);
  if (item !== undefined) return { ...shared, ...lineFields(event, item) };
  const meter = event.kind === 'adjustment' ? 'Adjustment' : 'Reported Cost';
  return { ...shared, ...skuOf(event, meter), ChargeDescription: `${modelOf(event)} ${meter.toLowerCase()}` };
}

function sharedOf(
  event: CostEvent,
  tags: string,
  { day, timeZone, billingAccount }: FocusScope,
): Record<string, CsvValue> {
  const isAdjustment = event.kind === 'adjustment';
  const account = billingAccount ?? event.provider;
  const unattributed = event.attributionSource === undefined ? 'unattributed' : 'nobody';
  return {
    BillingAccountId: account,
    BillingAccountName: account,
    BillingCurrency: event.cost.currency ?? 'USD',
    PricingCurrency: event.cost.currency ?? 'USD',
    BillingPeriodStart: instant(startOf('month', day.start, timeZone)),
    BillingPeriodEnd: instant(startOfNext('month', day.start, timeZone)),
    ChargePeriodStart: instant(day.start),
    ChargePeriodEnd: instant(day.end),
    ChargeCategory: isAdjustment ? 'Adjustment' : 'Usage',
    ChargeFrequency: isAdjustment ? 'One-Time' : 'Usage-Based',
    InvoiceIssuerName: event.provider,
    ProviderName: event.provider,
    PublisherName: event.provider,
    ServiceCategory: 'AI and Machine Learning',
    ServiceSubcategory: 'Generative AI',
    ServiceName: `${event.provider} API`,
    RegionId: event.priceInputs?.region,
    ResourceId: modelOf(event),
    ResourceName: modelOf(event),
    ResourceType: 'Model',
    SubAccountId: event.customer,
    SubAccountName: event.customer,
    PricingCategory: isAdjustment ? undefined : isDynamic(event) ? 'Dynamic' : 'Standard',
    Tags: tags,
    x_CustomerId: event.customer,
    x_Attribution: event.customer === null ? unattributed : 'attributed',
    x_Operation: event.operation,
    x_Estimated: String(event.usageSource === 'estimated'),
    x_PriceList: event.cost.price?.list,
  };
}

function lineFields(event: CostEvent, item: LineItem): Record<string, CsvValue> {
  const name = meterName(item.meter);
  const unit = unitOf(item.meter);
  const model = item.model ?? modelOf(event);
  const unitPrice = formatDecimal(
    (item.multipliers ?? []).reduce(
      (price, { factor }) => multiply(price, exact(factor)),
      exact(item.unitPrice),
    ),
  );
  return {
    ...skuOf(event, name, model),
    SkuPriceId: [event.provider, model, item.meter, unitPrice, item.per].join('/'),
    SkuPriceDetails: JSON.stringify(detailsOf(item.meter, model)),
    ChargeDescription: `${model} ${name.toLowerCase()}`,
    ConsumedUnit: unit,
    PricingUnit: item.per === '1' ? unit : `${item.per} ${unit}`,
    ListUnitPrice: unitPrice,
    ContractedUnitPrice: unitPrice,
  };
}

function skuOf(event: CostEvent, meter: string, model: string = modelOf(event)): Record<string, CsvValue> {
  const sku = `${event.provider}/${model}/${meter}`;
  return { SkuId: sku, SkuMeter: meter, SkuPriceId: sku };
}

function detailsOf(meter: string, model: string): Record<string, string> {
  const isToken = TOKEN_METERS.has(meter);
  const action = /^cache_(read|write)/.exec(meter)?.[1];
  return {
    ModelId: model,
    ...(isToken ? { TokenDirection: /^(output|reasoning)/.test(meter) ? 'Output' : 'Input' } : {}),
    ...(action === undefined ? {} : { TokenCacheAction: action === 'read' ? 'Read' : 'Write' }),
  };
}

const TOKEN_METERS: ReadonlySet<string> = new Set([...metersOf('token'), ...metersOf('image_tool_token')]);

/** `cache_write_5m` → `Cache Write 5m Input Tokens` */
function meterName(meter: string): string {
  const words = meter.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  if (!TOKEN_METERS.has(meter)) return words.join(' ');
  return [...words, ...(meter.startsWith('cache_') ? ['Input'] : []), 'Tokens'].join(' ');
}

function unitOf(meter: string): string {
  if (TOKEN_METERS.has(meter)) return 'Tokens';
  const [, unit] =
    /(seconds?|minutes?|hours?|characters?|images?|pages?|requests?|searches|calls?)$/.exec(meter) ?? [];
  return unit === undefined ? 'Requests' : unit.charAt(0).toUpperCase() + unit.slice(1);
}

function isDynamic({ serviceTier, priceInputs }: CostEvent): boolean {
  return priceInputs?.batch === true || /batch|flex/i.test(serviceTier ?? '');
}

export function modelOf({ responseModel, requestModel, operation }: CostEvent): string {
  return responseModel ?? requestModel ?? operation;
}

function instant(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
