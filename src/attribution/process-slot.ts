import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '@opentelemetry/api';
import { checkOptions, ConfigError, describe } from '../errors.ts';
import { ATTRIBUTES } from '../usage/attributes.ts';
import type { Destination } from './hosts.ts';
import type { Redactor } from './redact.ts';

/** The baggage names that carry attribution, the same for the whole process. */
export interface AttributionNames {
  /** The entry that names the customer. Default: `costspan.customer`. */
  readonly customer: string;
  /** What precedes the name of a context entry. Default: `costspan.context.`. */
  readonly contextPrefix: string;
}

const DEFAULT_NAMES: AttributionNames = Object.freeze({
  customer: ATTRIBUTES.customer,
  contextPrefix: ATTRIBUTES.contextPrefix,
});

/**
 * Chooses the baggage names for the whole process, so that an organisation can use the `customer.id` it already has.
 *
 * @throws {ConfigError} when a name is empty, or when the customer's name would be read as a context entry.
 * @example
 * configureAttributionNames({ customer: 'customer.id' });
 */
export function configureAttributionNames(names: Partial<AttributionNames>): void {
  checkOptions('configureAttributionNames', names, Object.keys(DEFAULT_NAMES));
  const chosen = { ...DEFAULT_NAMES, ...names };
  for (const [option, name] of Object.entries(chosen)) {
    if (typeof name === 'string' && name.trim() !== '') continue;
    throw new ConfigError(
      `configureAttributionNames: expected '${option}' to be a baggage name such as '${DEFAULT_NAMES.customer}', got ${describe(name)}.`,
    );
  }
  if (chosen.customer.startsWith(chosen.contextPrefix)) {
    throw new ConfigError(
      `configureAttributionNames: the customer's name '${chosen.customer}' starts with the context prefix '${chosen.contextPrefix}'. Choose names that do not overlap.`,
    );
  }
  processSlot().names = Object.freeze(chosen);
}

export function attributionNames(): AttributionNames {
  return processSlot().names;
}

/** The entry that proves that another of our services wrote the rest. */
export const SIGNATURE = 'costspan.signature';

/** True for the baggage entries that are ours to read, sign and keep from leaving. */
export function isAttributionEntry(name: string, names: AttributionNames = attributionNames()): boolean {
  return name === names.customer || name === SIGNATURE || name.startsWith(names.contextPrefix);
}

interface ProcessSlot {
  names: AttributionNames;
  /** The rule of the propagator constructed last; absent when there is none. */
  outbound?: OutboundRule;
  /** Applied to what outbound baggage says. */
  redact?: Redactor;
  /** Outbound requests are being watched. */
  watching?: boolean;
  /** Carries the context where no OpenTelemetry context manager is installed. */
  readonly storage: AsyncLocalStorage<Context>;
}

/** The header entries that a request to `destination` may be given beside those it has; empty = none. */
export type OutboundRule = (ctx: Context, destination: Destination, existing: string) => string;

const SLOT = Symbol.for('costspan.attribution');

/** What every copy of this package in the process shares: ESM beside CJS, one version beside another. */
export function processSlot(): ProcessSlot {
  const holder = globalThis as { [SLOT]?: ProcessSlot };
  return (holder[SLOT] ??= { names: DEFAULT_NAMES, storage: new AsyncLocalStorage() });
}
