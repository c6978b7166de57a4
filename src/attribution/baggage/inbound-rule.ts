import { diag } from '../../base/diag.ts';
import { ConfigError, describe } from '../../base/errors.ts';
import type { WireEntry } from './entries.ts';
import { SignatureVerifier } from './signature.ts';
import { SIGNATURE } from '../names.ts';
import { warnOnce } from '../../base/warn-once.ts';

/** Looks at what a request came with, usually its headers. A method's type, so that it may be declared narrower. */
export type CarrierCheck = {
  check(carrier: { readonly [name: string]: unknown }): boolean;
}['check'];

/** What may be believed of baggage that came in. */
export interface InboundOptions {
  /**
   * Whether attribution that comes with a request is believed: never; when one of `secrets` signed it; or when the
   * function, given the carrier (the request's headers), returns true. Default: `none`.
   */
  readonly inbound?: 'none' | 'signed' | CarrierCheck;
  /** HMAC keys, newest first: the first one signs, all of them verify. */
  readonly secrets?: readonly (string | undefined)[];
  /** How old a signature may be, in milliseconds; a sender's clock may run ahead as much. Default: 60 000. */
  readonly maxAgeMs?: number;
  /**
   * For how long a signature is remembered and refused when another request brings it, in milliseconds; 0 turns
   * that off. Default: 2 × `maxAgeMs`, the longest that a signature can be valid.
   */
  readonly replayWindowMs?: number;
  /** Wall clock in milliseconds. Default: `Date.now`. */
  readonly now?: () => number;
}

/** Whether the attribution entries that came with a carrier may be believed. */
export type InboundRule = (entries: readonly WireEntry[], carrier: unknown) => boolean;

/**
 * Turns the options into a rule.
 *
 * @throws {ConfigError} when they make none.
 */
export function compileInboundRule(options: InboundOptions): InboundRule {
  const { inbound = 'none', maxAgeMs = 60_000, now = Date.now } = options;
  const secrets: unknown = options.secrets ?? [];
  checkDuration('maxAgeMs', maxAgeMs);
  const replayWindowMs = options.replayWindowMs ?? 2 * maxAgeMs;
  checkDuration('replayWindowMs', replayWindowMs);
  checkSecrets(secrets);
  if (inbound === 'none') return () => false;
  if (typeof inbound === 'function') return (_, carrier) => accepts(inbound, carrier);
  if (inbound !== 'signed') {
    throw new ConfigError(
      `new CostBaggagePropagator: expected 'inbound' to be 'none', 'signed' or a function, got ${describe(inbound)}.`,
    );
  }
  if (secrets.length === 0) {
    throw new ConfigError(
      "new CostBaggagePropagator: inbound 'signed' needs secrets: give the list of HMAC keys that your services share, newest first.",
    );
  }
  const verifier = new SignatureVerifier({ secrets, maxAgeMs, replayWindowMs, now });
  return (entries, carrier) => {
    const signature = entries.find(({ name }) => name === SIGNATURE)?.value;
    const signed = entries.filter(({ name }) => name !== SIGNATURE);
    const fault = verifier.verify(signed, signature, carrier as object);
    if (fault !== undefined) diag.debug(`costspan: inbound attribution ignored: signature ${fault}.`);
    return fault === undefined;
  };
}

function checkSecrets(secrets: unknown): asserts secrets is readonly string[] {
  if (Array.isArray(secrets) && secrets.every((secret) => typeof secret === 'string' && secret !== ''))
    return;
  throw new ConfigError(
    'new CostBaggagePropagator: expected secrets to be a list of non-empty strings, newest first. Is an environment variable unset?',
  );
}

function checkDuration(option: string, given: unknown): void {
  if (typeof given === 'number' && given >= 0 && Number.isFinite(given)) return;
  throw new ConfigError(
    `new CostBaggagePropagator: expected ${option} to be milliseconds, got ${describe(given)}.`,
  );
}

/** A rule that throws, or answers anything but `true`, has not vouched for the request. */
function accepts(rule: CarrierCheck, carrier: unknown): boolean {
  try {
    return rule(carrier as { readonly [name: string]: unknown }) === true; // oxlint-disable-line typescript/no-unnecessary-boolean-literal-compare -- a promise is no answer
  } catch (error) {
    warnOnce('the inbound rule threw; the attribution of this request is ignored.', error);
    return false;
  }
}
