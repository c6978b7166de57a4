import { createHmac } from 'node:crypto';
import { checkOptions, ConfigError, describe } from '../errors.ts';
import type { Attribution, AttributionContext, ContextValue } from './attribution.ts';
import { copyContext } from './context-values.ts';
import { processSlot } from './process-slot.ts';
import { warnOnce } from './warn-once.ts';

/** What happens to context entries before anything leaves the process. Keys reach into objects with dots: `user.email`. */
export interface RedactOptions {
  /** Keys whose values are removed. */
  readonly drop?: readonly string[];
  /** Keys whose values are replaced by a keyed hash: equal values stay equal, and nobody without the secret can guess. */
  readonly hash?: { readonly keys: readonly string[]; readonly secret: string | undefined };
  /** Sees every remaining top-level entry and returns what may be kept; `undefined` removes it. */
  readonly transform?: (key: string, value: ContextValue) => ContextValue | undefined;
}

/** Makes an attribution fit to be shown. */
export type Redactor = (attribution: Attribution) => Attribution;

/**
 * Compiles the options. Order: drop, hash, transform. A transform that throws removes the value.
 *
 * @throws {ConfigError} for an unknown option, or a hash without a secret.
 * @example
 * const redact = createRedactor({ drop: ['email'], hash: { keys: ['user_id'], secret: process.env.HASH_KEY } });
 */
export function createRedactor(options: RedactOptions = {}): Redactor {
  checkRedactOptions(options);
  const { drop = [], hash, transform } = options;
  if (drop.length === 0 && hash === undefined && transform === undefined) return (attribution) => attribution;
  return (attribution) => {
    let context: AttributionContext = attribution.context;
    for (const key of drop) context = changeAt(context, key, () => undefined);
    for (const key of hash?.keys ?? [])
      context = changeAt(context, key, (value) => keyed(value, hash?.secret ?? ''));
    if (transform !== undefined) context = transformEntries(context, transform);
    return Object.freeze({ ...attribution, context: copyContext(context) });
  };
}

/** Applies the redactor to outbound baggage too, for the whole process. */
export function redactOutboundBaggage(redact: Redactor): void {
  processSlot().redact = redact;
}

function checkRedactOptions(options: RedactOptions): void {
  checkOptions('redact', options, ['drop', 'hash', 'transform']);
  checkOptions('redact.hash', options.hash, ['keys', 'secret']);
  checkKeys('redact.drop', options.drop ?? []);
  if (options.transform !== undefined && typeof options.transform !== 'function') {
    throw new ConfigError(
      `redact.transform: expected a function (key, value) => value, got ${describe(options.transform)}.`,
    );
  }
  if (options.hash === undefined) return;
  checkKeys('redact.hash.keys', options.hash.keys);
  if (typeof options.hash.secret === 'string' && options.hash.secret !== '') return;
  throw new ConfigError(
    'redact.hash: expected a non-empty secret: without one, hashes of known values can be guessed. Is an environment variable unset?',
  );
}

function checkKeys(where: string, keys: unknown): void {
  if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return;
  throw new ConfigError(
    `${where}: expected a list of context keys such as ['email'], got ${describe(keys)}.`,
  );
}

/** The key as it stands names an entry; else its first part names an object to look into. */
function changeAt(
  context: AttributionContext,
  key: string,
  change: (value: ContextValue) => ContextValue | undefined,
): AttributionContext {
  return Object.fromEntries(
    Object.entries(context).flatMap(([name, value]) => {
      if (name === key) return keep(name, change(value));
      if (key.startsWith(`${name}.`) && isNested(value)) {
        return keep(name, changeAt(value, key.slice(name.length + 1), change));
      }
      return keep(name, value);
    }),
  );
}

function keep(name: string, value: ContextValue | undefined): [string, ContextValue][] {
  return value === undefined ? [] : [[name, value]];
}

function isNested(value: ContextValue): value is AttributionContext {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

const HASHED = /^hmac:[0-9a-f]{32}$/;

/** Hashing twice is hashing once: the value may have been hashed by the service that sent it. */
function keyed(value: ContextValue, secret: string): ContextValue {
  const text = typeof value === 'string' ? value : JSON.stringify(copyContext({ value }));
  if (HASHED.test(text)) return text;
  return `hmac:${createHmac('sha256', secret).update(text).digest('hex').slice(0, 32)}`;
}

function transformEntries(
  context: AttributionContext,
  transform: NonNullable<RedactOptions['transform']>,
): AttributionContext {
  return Object.fromEntries(
    Object.entries(context).flatMap(([key, value]) => {
      try {
        const kept: unknown = transform(key, value);
        // Nobody waits for a promise, so nobody else would catch what it rejects with.
        if (kept instanceof Promise) kept.catch(() => undefined);
        return keep(key, kept as ContextValue | undefined);
      } catch (error) {
        warnOnce('redact.transform threw; the context entry is removed.', error);
        return [];
      }
    }),
  );
}
