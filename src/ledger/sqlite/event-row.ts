import type { SQLInputValue } from 'node:sqlite';
import { type CostEvent, costEventFromJson } from '../../metering/cost-event.ts';
import { parseDecimal } from '../../pricing/money.ts';
import type { Decimal } from '../../pricing/price.ts';
import { object } from '../../usage/read.ts';
import type { UsageJson } from '../../usage/usage.ts';

/** The quantities with a column of their own; the others share `other_usage`. */
export const USAGE_COLUMNS = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'total_tokens',
] as const;

const COLUMNS = [
  'id',
  'kind',
  'adjusts',
  'time',
  'kept_at',
  'customer',
  'attribution_source',
  'provider',
  'operation',
  'model',
  'request_model',
  'service',
  'service_tier',
  'status',
  'usage_source',
  'cost_status',
  'currency',
  'amount',
  'amount_e15',
  ...USAGE_COLUMNS,
  'other_usage',
  'context',
  'event',
] as const;

/** Keeps an event once: the same id again changes nothing. */
export const INSERT_EVENT: string = `INSERT INTO cost_event (${COLUMNS.join(', ')})
  VALUES (${COLUMNS.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING`;

/** The event as the values of `INSERT_EVENT`. */
export function eventToRow(event: CostEvent, keptAt: number): SQLInputValue[] {
  const json = event.toJSON();
  const usage = (object(json['usage']) ?? {}) as UsageJson;
  const { amount, currency, status: costStatus } = event.cost;
  return [
    event.id,
    event.kind,
    event.adjusts ?? null,
    event.timestamp.getTime(),
    keptAt,
    event.customer,
    event.attributionSource ?? null,
    event.provider,
    event.operation,
    event.responseModel ?? event.requestModel ?? null,
    event.requestModel ?? null,
    event.service ?? null,
    event.serviceTier ?? null,
    event.status,
    event.usageSource,
    costStatus,
    currency ?? null,
    amount ?? null,
    amount === undefined ? null : amountUnits(amount),
    ...USAGE_COLUMNS.map((column) => usage[column] ?? null),
    otherUsage(usage),
    contextJson(object(json['context']) ?? {}),
    JSON.stringify(json),
  ];
}

/** The event of a row's `event` column. */
export function eventFromRow(text: unknown): CostEvent {
  return costEventFromJson(object(JSON.parse(String(text))) ?? {});
}

/** Digits after the point that `amount_e15` holds. */
export const AMOUNT_SCALE = 15;
const MAX_INTEGER = 2n ** 63n - 1n;

/** The amount in units of 1e-15; `null` when it is finer than that, or more than SQLite's integers hold. */
function amountUnits(amount: Decimal): bigint | null {
  const value = parseDecimal(amount);
  if (value === undefined || value.scale > AMOUNT_SCALE) return null;
  const units = value.digits * 10n ** BigInt(AMOUNT_SCALE - value.scale);
  return units > MAX_INTEGER || units < -MAX_INTEGER ? null : units;
}

function otherUsage(usage: UsageJson): string | null {
  const others = Object.entries(usage).filter(
    ([key, quantity]) => typeof quantity === 'number' && !(USAGE_COLUMNS as readonly string[]).includes(key),
  );
  return others.length === 0 ? null : JSON.stringify(Object.fromEntries(others));
}

function contextJson(context: object): string | null {
  return Object.keys(context).length === 0 ? null : JSON.stringify(context);
}
