import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { join, shared } from '../base/process.ts';
import { ATTRIBUTES } from '../usage/attributes.ts';

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
 * The names chosen last count.
 *
 * @returns takes the choice back.
 * @throws {ConfigError} when a name is empty, or when the customer's name would be read as a context entry.
 * @example
 * configureAttributionNames({ customer: 'customer.id' });
 */
export function configureAttributionNames(names: Partial<AttributionNames>): () => void {
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
  return join(choices(), Object.freeze(chosen));
}

export function attributionNames(): AttributionNames {
  return choices().at(-1) ?? DEFAULT_NAMES;
}

/** The entry that proves that another of our services wrote the rest. */
export const SIGNATURE = 'costspan.signature';

/** True for the baggage entries that are ours to read, sign and keep from leaving. */
export function isAttributionEntry(name: string, names: AttributionNames = attributionNames()): boolean {
  return name === names.customer || name === SIGNATURE || name.startsWith(names.contextPrefix);
}

function choices(): AttributionNames[] {
  return shared('attribution names', () => []);
}
