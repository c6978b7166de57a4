import { createHmac } from 'node:crypto';
import { ConfigError, describe } from '../base/errors.ts';
import { checkKinds, checkOptions } from '../base/options.ts';
import { join, shared } from '../base/process.ts';
import { warnOnce } from '../base/warn-once.ts';
import type { Attribution, AttributionContext, ContextValue, Redactor } from './attribution.ts';
import { copyContext } from './context-values.ts';

/** What happens to context entries before anything leaves the process. Keys reach into objects with dots: `user.email`. */
export interface RedactOptions {
  /** Keys whose values are removed. */
  readonly drop?: readonly string[];
  /**
   * Keys whose values are replaced by a keyed hash: equal values stay equal, and nobody without the secret can guess.
   * `customer: true` hashes the customer, too: events, reports and rate cards then know it by its hash alone.
   */
  readonly hash?: {
    readonly keys?: readonly string[];
    readonly customer?: boolean;
    readonly secret: string | undefined;
  };
  /** Sees every remaining top-level entry and returns what may be kept; `undefined` removes it. */
  readonly transform?: (key: string, value: ContextValue) => unknown;
}

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
  const hashed = (text: string): string => keyed(text, hash?.secret ?? '');
  return (attribution) => {
    let { customer, context } = attribution;
    for (const key of drop) context = changeAt(context, key, () => undefined);
    for (const key of hash?.keys ?? []) context = changeAt(context, key, (value) => hashed(textOf(value)));
    if (transform !== undefined) context = transformEntries(context, transform);
    if (hash?.customer === true && typeof customer === 'string') customer = hashed(customer);
    return Object.freeze({
      ...attribution,
      ...(customer === undefined ? {} : { customer }),
      context: Object.freeze(context),
    });
  };
}

/** Applies the redactor to everything that processors share: spans, outbound baggage, memories. Returns the way out. */
export function joinRedactor(redact: Redactor): () => void {
  return join(redactors(), redact);
}

/** The attribution as all redactors of the process leave it; `done` was already applied. */
export function redactByAll(attribution: Attribution, done?: Redactor): Attribution {
  let redacted = attribution;
  for (const redact of redactors()) if (redact !== done) redacted = redact(redacted);
  return redacted;
}

function redactors(): Redactor[] {
  return shared('attribution redactors', () => []);
}

function checkRedactOptions(options: RedactOptions): void {
  checkOptions('redact', options, ['drop', 'hash', 'transform']);
  checkOptions('redact.hash', options.hash, ['keys', 'customer', 'secret']);
  checkKeys('redact.drop', options.drop ?? []);
  if (options.transform !== undefined && typeof options.transform !== 'function') {
    throw new ConfigError(
      `redact.transform: expected a function (key, value) => value, got ${describe(options.transform)}.`,
    );
  }
  if (options.hash === undefined) return;
  const { keys, customer, secret } = options.hash;
  checkKinds('redact.hash', options.hash, { customer: 'flag' });
  checkKeys('redact.hash.keys', keys ?? []);
  if (keys === undefined && customer !== true) {
    throw new ConfigError(
      "redact.hash: expected what to hash: keys of the context (keys: ['email']), the customer (customer: true), or both.",
    );
  }
  if (typeof secret === 'string' && secret !== '') return;
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
        return keep(name, Object.freeze(changeAt(value, key.slice(name.length + 1), change)));
      }
      return keep(name, value);
    }),
  );
}

function keep(name: string, value: ContextValue | undefined): [string, ContextValue][] {
  return value === undefined ? [] : [[name, value]];
}

function isNested(value: ContextValue): value is AttributionContext {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: ContextValue): string {
  return typeof value === 'string' ? value : JSON.stringify({ value });
}

const HASHED = /^hmac:[0-9a-f]{32}$/;

/** Hashing twice is hashing once: the value may have been hashed by the service that sent it. */
function keyed(text: string, secret: string): string {
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
        const kept = transform(key, value);
        // Nobody waits for a promise, so nobody else would catch what it rejects with.
        if (kept instanceof Promise) kept.catch(() => undefined);
        return Object.entries(copyContext({ [key]: kept }));
      } catch (error) {
        warnOnce('redact.transform threw; the context entry is removed.', error);
        return [];
      }
    }),
  );
}
