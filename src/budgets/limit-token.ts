import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import { type Decimal, decimalOf, parseDecimal } from '../base/decimal.ts';
import { ConfigError, CostspanError, describe } from '../base/errors.ts';
import { type KindsOf, optionsOf, positive, required, text as aText } from '../base/options.ts';
import { jsonValue, known, list, object, text } from '../base/read.ts';

/** A limit that is reached, for a process that cannot ask the counters. Amounts are decimal text. */
export interface ReachedLimit {
  readonly budgetId: string;
  /** Which calls it is for: all values must hold. */
  readonly scope: Readonly<Record<string, string>>;
  readonly limit: Decimal;
  readonly spent: Decimal;
  readonly measure: string;
  readonly currency: string;
  /** When calls are admitted again; absent for a budget without an end. */
  readonly until?: Date;
}

/** What a token says, once it is verified. */
export interface LimitClaims {
  readonly id: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly limits: readonly ReachedLimit[];
}

/** Options of a limit token. */
export interface LimitTokenOptions {
  /** Ed25519, PEM: `openssl genpkey -algorithm ed25519`. */
  readonly privateKey: string;
  /** Which key signed, for receivers that know several. Default: a fingerprint of the public key. */
  readonly keyId?: string;
  /** For whom it is; receivers refuse tokens for others. Default: `costspan`. */
  readonly audience?: string;
  /** How long it counts, in milliseconds. Default: 5 minutes. */
  readonly expiresInMs?: number;
}

const OPTIONS: KindsOf<LimitTokenOptions> = {
  privateKey: required(aText),
  keyId: aText,
  audience: aText,
  expiresInMs: positive,
};

/**
 * Signs limits that are reached, as a JSON Web Signature (RFC 7515, `EdDSA`).
 *
 * @throws {ConfigError} for a key that is no Ed25519 key.
 */
export function signLimits(
  limits: readonly ReachedLimit[],
  options: LimitTokenOptions,
  now: Date = new Date(),
): string {
  optionsOf('limit token', options, OPTIONS);
  const { privateKey, audience = DEFAULT_AUDIENCE, expiresInMs = 300_000 } = options;
  const key = keyOf('limit token', 'privateKey', privateKey, createPrivateKey);
  const header = { alg: 'EdDSA', typ: TYPE, kid: options.keyId ?? fingerprint(createPublicKey(key)) };
  const claims = {
    jti: randomUUID(),
    aud: audience,
    iat: now.getTime() / 1000,
    exp: (now.getTime() + expiresInMs) / 1000,
    limits: limits.map(({ budgetId: budget_id, until, ...rest }) =>
      known({ budget_id, ...rest, until: until?.toISOString() }),
    ),
  };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

/** The keys that a receiver trusts, by their ids. */
export type PinnedKeys = ReadonlyMap<string, KeyObject>;

/**
 * Public keys as they are given: one, known by its fingerprint, or several by their ids, so that a key can be changed.
 *
 * @throws {ConfigError} for what is no Ed25519 public key.
 */
export function pinnedKeys(where: string, given: string | Readonly<Record<string, string>>): PinnedKeys {
  if (typeof given === 'string') {
    const key = publicKeyOf(where, 'publicKey', given);
    return new Map([[fingerprint(key), key]]);
  }
  const keys = Object.entries(object(given) ?? {});
  if (keys.length === 0)
    throw new ConfigError(
      `${where}: expected 'publicKey' to be a PEM text, or PEM texts by key id, got ${describe(given)}.`,
    );
  return new Map(keys.map(([id, pem]) => [id, publicKeyOf(where, `publicKey.${id}`, pem)]));
}

/**
 * What a token says, if one of the pinned keys signed it, for this audience, and it has not expired.
 *
 * @throws {CostspanError} `LIMIT_TOKEN_REFUSED`, which says why.
 */
export function verifyLimits(
  token: string,
  { keys, audience, now }: { readonly keys: PinnedKeys; readonly audience: string; readonly now: Date },
): LimitClaims {
  const [head = '', body = '', signature = '', ...more] = token.trim().split('.');
  const header = decoded(head);
  if (header === undefined || signature === '' || more.length > 0) throw refused('it is no token');
  // What the token says of its own algorithm is compared, never followed.
  if (header.alg !== 'EdDSA' || header.typ !== TYPE) throw refused('it is signed in another way');
  const key = keys.get(text(header.kid) ?? '');
  if (key === undefined) throw refused(`its key ${describe(header.kid)} is not pinned here`);
  const isSigned = verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
  if (!isSigned) throw refused('its signature is not by the pinned key');
  const claims = decoded(body);
  const [issuedAt, expiresAt] = [timeOf(claims?.iat), timeOf(claims?.exp)];
  const id = text(claims?.jti);
  if (claims === undefined || id === undefined || issuedAt === undefined || expiresAt === undefined)
    throw refused('it does not say what a token of limits says');
  if (claims.aud !== audience)
    throw refused(`it is for ${describe(claims.aud)}, and this process is '${audience}'`);
  if (expiresAt <= now) throw refused(`it expired at ${expiresAt.toISOString()}`);
  if (issuedAt.getTime() > now.getTime() + CLOCKS_DIFFER_MS)
    throw refused(`it is of ${issuedAt.toISOString()}, which is yet to come: the clocks differ`);
  return { id, issuedAt, expiresAt, limits: list(claims.limits).map(readLimit) };
}

export const DEFAULT_AUDIENCE = 'costspan';

const TYPE = 'costspan-limits+jws';
const CLOCKS_DIFFER_MS = 60_000;

function readLimit(given: unknown): ReachedLimit {
  const { budget_id, scope, limit, spent, measure, currency, until } = object(given) ?? {};
  const values = Object.entries(object(scope) ?? {});
  const budgetId = text(budget_id);
  const isReadable = values.every((entry): entry is [string, string] => typeof entry[1] === 'string');
  const end = until === undefined ? undefined : new Date(text(until) ?? Number.NaN);
  if (budgetId === undefined || !isReadable || Number.isNaN(end?.getTime()))
    throw refused('one of its limits cannot be read');
  return known({
    budgetId,
    scope: Object.fromEntries(values),
    limit: amountOf(limit),
    spent: amountOf(spent),
    measure: text(measure) ?? 'cost',
    currency: text(currency) ?? 'USD',
    until: end,
  });
}

function amountOf(given: unknown): Decimal {
  const amount = text(given);
  if (amount === undefined || parseDecimal(amount) === undefined)
    throw refused('one of its amounts cannot be read');
  return decimalOf(amount);
}

function timeOf(seconds: unknown): Date | undefined {
  return typeof seconds === 'number' && Number.isFinite(seconds) ? new Date(seconds * 1000) : undefined;
}

function publicKeyOf(where: string, name: string, pem: unknown): KeyObject {
  if (typeof pem === 'string' && pem.includes('PRIVATE KEY'))
    throw new ConfigError(
      `${where}: '${name}' is a private key, which stays with whoever signs. Give the public one: openssl pkey -pubout.`,
    );
  return keyOf(where, name, pem, createPublicKey);
}

function keyOf(where: string, name: string, pem: unknown, read: (pem: string) => KeyObject): KeyObject {
  try {
    const key = read(String(pem));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below: a key's own text never stands in a message.
  }
  throw new ConfigError(
    `${where}: expected '${name}' to be an Ed25519 key as PEM text: openssl genpkey -algorithm ed25519.`,
  );
}

function fingerprint(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decoded(part: string) {
  return object(jsonValue(Buffer.from(part, 'base64url').toString()));
}

function refused(why: string): CostspanError {
  return new CostspanError('LIMIT_TOKEN_REFUSED', `The token of limits is refused: ${why}.`);
}
