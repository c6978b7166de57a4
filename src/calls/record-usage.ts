import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { parseDecimal } from '../base/decimal.ts';
import { object } from '../base/read.ts';
import type { ServiceQuantities } from '../pricing/price.ts';
import type { Consumed } from './call.ts';
import { SERVICE_OPERATION } from './cost-of-call.ts';
import { checkRecordedFor, RECORDED_FOR, recordedCall, type RecordedFor } from './recorded.ts';

/** What was consumed of a service that no SDK patch sees. */
export interface RecordedUsage extends RecordedFor {
  /** The service's name, as the price file defines it: `speech_to_text`. */
  readonly service: string;
  /** What was consumed, in units of the service: `{ minutes: 3.5 }`. Decimal text keeps digits a number would lose. */
  readonly quantities: ServiceQuantities;
}

/**
 * Records costs that no SDK patch sees: minutes of speech, seconds of video, services of one's own. Each usage
 * becomes one cost event, priced by the `services` of the user's prices, unpriced where none defines it.
 *
 * @returns the ids of the events, in order.
 * @throws {ConfigError} for a usage that cannot be recorded; then nothing of the list is recorded.
 * @example
 * recordUsage({ service: 'speech_to_text', quantities: { minutes: 3.5 }, customer: 'acme_corp' });
 */
export function recordUsage(usage: RecordedUsage | readonly RecordedUsage[]): readonly string[] {
  const list = Array.isArray(usage) ? (usage as readonly RecordedUsage[]) : [usage as RecordedUsage];
  for (const each of list) check(each);
  return list.map(record);
}

function record({ service, quantities, ...recordedFor }: RecordedUsage): string {
  const description = { provider: service, operation: SERVICE_OPERATION, request: {} };
  const consumed: Consumed = { kind: 'service', quantities };
  const recorded = recordedCall('recordUsage', recordedFor, description, {}, { status: 'ok', consumed });
  recorded.announce();
  return recorded.call.id;
}

const OPTIONS = ['service', 'quantities', ...RECORDED_FOR];

function check(usage: RecordedUsage): void {
  checkOptions('recordUsage', usage ?? null, OPTIONS);
  checkRecordedFor('recordUsage', usage);
  const { service, quantities } = usage;
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
}
