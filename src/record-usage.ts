import type { AttributionContext } from './attribution/attribution.ts';
import { attributionOf } from './attribution/attribution-of.ts';
import { callerContext } from './attribution/caller-context.ts';
import { copyContext } from './attribution/context-values.ts';
import { checkOptions, ConfigError, describe } from './errors.ts';
import { parseDecimal } from './pricing/money.ts';
import type { ServiceQuantities } from './pricing/price.ts';
import { announce, shownAttribution } from './providers/call-hub.ts';
import { newEventId } from './providers/event-id.ts';
import { claimEvent } from './providers/settled-once.ts';
import { object } from './usage/read.ts';

/** What was consumed of a service that no SDK patch sees. */
export interface RecordedUsage {
  /** The service's name, as the price file defines it: `speech_to_text`. */
  readonly service: string;
  /** What was consumed, in units of the service: `{ minutes: 3.5 }`. Decimal text keeps digits a number would lose. */
  readonly quantities: ServiceQuantities;
  /** Who is billed; `null` = explicitly nobody. Default: whoever the code runs for (`withCustomer`). */
  readonly customer?: string | null;
  /** Merged over the context the code runs in. */
  readonly context?: AttributionContext;
  /** When it was consumed; the price of that instant applies. Default: now. */
  readonly at?: Date;
  /** The idempotency key, when the caller has one: the same id is recorded once. Default: a new one. */
  readonly id?: string;
}

/**
 * Records costs that no SDK patch sees: minutes of speech, seconds of video, services of one's own. Each usage
 * becomes one cost event, priced by the `services` of the user's prices, unpriced where none defines it.
 *
 * @returns the ids of the events, in order.
 * @throws {ConfigError} for a usage that cannot be recorded; then none of the list is.
 * @example
 * recordUsage({ service: 'speech_to_text', quantities: { minutes: 3.5 }, customer: 'acme_corp' });
 */
export function recordUsage(usage: RecordedUsage | readonly RecordedUsage[]): readonly string[] {
  const list = Array.isArray(usage) ? (usage as readonly RecordedUsage[]) : [usage as RecordedUsage];
  for (const each of list) check(each);
  return list.map(record);
}

function record({ service, quantities, customer, context, at, id }: RecordedUsage): string {
  const around = attributionOf(callerContext());
  const call = {
    id: id ?? newEventId(),
    startTime: at ?? new Date(),
    provider: service,
    operation: 'service',
    request: {},
    attribution: {
      ...around,
      ...(customer === undefined ? {} : { customer, source: 'scope' as const }),
      context: { ...around.context, ...copyContext(context) },
    },
  };
  if (!around.tracked || (id !== undefined && !claimEvent(id))) return call.id;
  announce({
    ...call,
    attribution: shownAttribution(call),
    status: 'ok',
    retries: 0,
    reading: { usageRaw: { ...quantities } },
    usage: {},
    usageSource: 'provider',
    consumedNothing: false,
    quantities,
  });
  return call.id;
}

const OPTIONS = ['service', 'quantities', 'customer', 'context', 'at', 'id'];

function check(usage: RecordedUsage): void {
  checkOptions('recordUsage', usage, OPTIONS);
  const { service, quantities, at, id } = usage;
  if (typeof service !== 'string' || service === '') {
    throw new ConfigError(
      `recordUsage: service must be a name, got ${describe(service)}. Example: 'speech_to_text'.`,
    );
  }
  const entries = Object.entries(object(quantities) ?? {});
  if (entries.length === 0) {
    throw new ConfigError(
      `recordUsage: quantities must name at least one, got ${describe(quantities)}. Example: { minutes: 3.5 }.`,
    );
  }
  for (const [name, given] of entries) {
    const quantity =
      typeof given === 'number' || typeof given === 'string' ? parseDecimal(String(given)) : undefined;
    if (quantity !== undefined && quantity.digits >= 0n) continue;
    throw new ConfigError(
      `recordUsage: quantity '${name}' must be a number ≥ 0 or a decimal as text, got ${describe(given)}.`,
    );
  }
  if (id !== undefined && (typeof id !== 'string' || id === '')) {
    throw new ConfigError(`recordUsage: id must be a non-empty text, got ${describe(id)}.`);
  }
  if (at !== undefined && !(at instanceof Date && !Number.isNaN(at.getTime()))) {
    throw new ConfigError(`recordUsage: at must be a valid Date, got ${describe(at)}.`);
  }
}
