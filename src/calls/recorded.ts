import { isSpanContextValid, trace } from '@opentelemetry/api';
import type { ContextInput, CustomerInput } from '../attribution/attribution.ts';
import { callerContext } from '../attribution/caller-context.ts';
import { mergeInto } from '../attribution/context-values.ts';
import { readCustomer } from '../attribution/customer.ts';
import { attributionOf } from '../attribution/who-pays.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { warnOnce } from '../base/warn-once.ts';
import type { Reading } from '../wire/reading.ts';
import { type CallDescription, type Ending, settled, type SettledCall } from './call.ts';
import { newEventId } from './event-id.ts';
import { announce, callHub } from './hub.ts';
import { claimEvent } from './memory/claims.ts';
import { ShownCall } from './shown-call.ts';

/** For whom and when something was consumed that the application records itself. */
export interface RecordedFor {
  /** Who is billed; `null` = explicitly nobody. Default: whoever the code runs for (`withCustomer`). */
  readonly customer?: CustomerInput;
  /** Merged over the context the code runs in. */
  readonly context?: ContextInput | undefined;
  /** When it was consumed; the price of that instant applies. Default: now. */
  readonly at?: Date;
  /** The idempotency key, when the caller has one: the same id is recorded once. */
  readonly id?: string;
}

export const RECORDED_FOR: readonly (keyof RecordedFor)[] = ['customer', 'context', 'at', 'id'];

/** @throws {ConfigError} `recordUsage: customer must be a name or null, got ''. Example: 'acme_corp'.` */
export function checkRecordedFor(where: string, { customer, at, id }: RecordedFor): void {
  if (customer !== undefined && readCustomer(customer) === undefined) {
    throw new ConfigError(
      `${where}: customer must be a name or null, got ${describe(customer)}. Example: 'acme_corp'.`,
    );
  }
  if (id !== undefined && (typeof id !== 'string' || id === '')) {
    throw new ConfigError(`${where}: id must be a non-empty text, got ${describe(id)}.`);
  }
  if (at !== undefined && !(at instanceof Date && !Number.isNaN(at.getTime()))) {
    throw new ConfigError(`${where}: at must be a valid Date, got ${describe(at)}.`);
  }
}

/** A call that the application tells of, finished and for whom it says, before anybody hears of it. */
export interface RecordedCall {
  readonly call: SettledCall;
  /** Tells whoever listens, once per id, and not inside `withoutTracking`. */
  announce(): void;
}

export function recordedCall(
  where: string,
  given: RecordedFor,
  description: CallDescription,
  reading: Reading,
  ending: Ending,
): RecordedCall {
  const ctx = callerContext();
  const around = attributionOf(ctx);
  const customer = readCustomer(given.customer);
  const open = {
    ...description,
    id: given.id ?? newEventId(),
    startTime: given.at ?? new Date(),
    attribution: {
      ...around,
      ...(customer === undefined ? {} : { customer, source: 'scope' as const }),
      context: mergeInto(around.context, given.context),
    },
  };
  const shown = new ShownCall(open);
  const span = trace.getSpanContext(ctx);
  const ids =
    span !== undefined && isSpanContextValid(span) ? { traceId: span.traceId, spanId: span.spanId } : {};
  const call = settled({ ...open, attribution: shown.shared }, reading, { ...ids, ...ending });
  return {
    call,
    announce() {
      if (!around.tracked || (given.id !== undefined && !claimEvent(given.id))) return;
      if (callHub().listeners.length === 0) {
        warnOnce(
          `${where} was called and nobody listens, so nothing is recorded: construct a CostSpanProcessor first, and shut it down last.`,
        );
      }
      announce(call, shown);
    },
  };
}
