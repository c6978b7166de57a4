import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { WireEntry } from './entries.ts';

/** Why a signature was not accepted. */
export type SignatureFault = 'missing' | 'malformed' | 'forged' | 'expired' | 'replayed';

export interface SignatureVerifierOptions {
  /** Keys that may have signed; during a rotation the old one stays among them. */
  readonly secrets: readonly string[];
  /** How old a signature may be, and how far a clock may run ahead, in milliseconds. */
  readonly maxAgeMs: number;
  /** For how long a signature is remembered, to be refused when it comes again, in milliseconds; 0 = never. */
  readonly replayWindowMs: number;
  /** Wall clock, in milliseconds. */
  readonly now: () => number;
}

/** `v1.<time>.<nonce>.<mac>`: proves who wrote the entries and when; the nonce makes each one unique. */
export function signEntries(
  entries: readonly WireEntry[],
  secret: string,
  now: number,
  nonce: string = randomBytes(12).toString('base64url'),
): string {
  const time = Math.floor(now).toString(36);
  return `v1.${time}.${nonce}.${mac(entries, secret, time, nonce).toString('base64url')}`;
}

/** `v1.` + time to the year 5188 (9) + nonce (16) + MAC (43), with two dots. */
export const SIGNATURE_LENGTH = 73;

/** Checks signatures: constant-time comparison, every key tried, each signature accepted once per carrier. */
export class SignatureVerifier {
  readonly #options: SignatureVerifierOptions;
  readonly #accepted = new Map<string, { readonly expiresAt: number; readonly carrier: WeakRef<object> }>();

  constructor(options: SignatureVerifierOptions) {
    this.#options = options;
  }

  /**
   * `undefined` when the signature is good. The same request may be read twice by two instrumentations: the carrier
   * (its headers object) tells that from a replay.
   */
  verify(
    entries: readonly WireEntry[],
    signature: string | undefined,
    carrier: object,
  ): SignatureFault | undefined {
    if (signature === undefined) return 'missing';
    const [version, time = '', nonce = '', given = '', ...rest] = signature.split('.');
    if (version !== 'v1' || nonce === '' || rest.length > 0 || !/^[0-9a-z]{1,11}$/.test(time))
      return 'malformed';
    if (!this.#isSigned(entries, time, nonce, Buffer.from(given, 'base64url'))) return 'forged';
    const { maxAgeMs, now } = this.#options;
    if (Math.abs(now() - Number.parseInt(time, 36)) > maxAgeMs) return 'expired';
    return this.#isReplay(`${time}.${nonce}`, carrier) ? 'replayed' : undefined;
  }

  #isSigned(entries: readonly WireEntry[], time: string, nonce: string, given: Buffer): boolean {
    let signed = false;
    for (const secret of this.#options.secrets) {
      const expected = mac(entries, secret, time, nonce);
      if (given.length === expected.length && timingSafeEqual(given, expected)) signed = true;
    }
    return signed;
  }

  /** Keyed by what is signed: the same MAC has several base64url spellings. */
  #isReplay(id: string, carrier: object): boolean {
    const { replayWindowMs, now } = this.#options;
    if (replayWindowMs === 0) return false;
    for (const [old, { expiresAt }] of this.#accepted) {
      if (expiresAt > now() && this.#accepted.size < MAX_REMEMBERED) break;
      this.#accepted.delete(old);
    }
    const before = this.#accepted.get(id);
    if (before !== undefined) return before.carrier.deref() !== carrier;
    this.#accepted.set(id, { expiresAt: now() + replayWindowMs, carrier: new WeakRef(carrier) });
    return false;
  }
}

/**
 * A bound on memory, about 20 MB: 800 signed requests per second with the default window. Beyond that the oldest are
 * forgotten early.
 */
const MAX_REMEMBERED = 100_000;

function mac(entries: readonly WireEntry[], secret: string, time: string, nonce: string): Buffer {
  const signed = entries
    .map(({ name, value, metadata }) => [name, value, metadata ?? ''] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return createHmac('sha256', secret)
    .update(JSON.stringify(['costspan baggage v1', time, nonce, signed]))
    .digest();
}
