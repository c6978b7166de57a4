import { diag } from './diag.ts';
import { ConfigError, describe } from '../errors.ts';
import type { WireEntry } from './baggage-entries.ts';
import { SignatureVerifier } from './baggage-signature.ts';
import type { CarrierCheck, CostBaggagePropagatorOptions } from './cost-baggage-propagator.ts';
import { SIGNATURE } from './process-slot.ts';
import { warnOnce } from './warn-once.ts';

/** Whether the attribution entries that came with a carrier may be believed. */
export type InboundRule = (entries: readonly WireEntry[], carrier: unknown) => boolean;

/**
 * Turns the options into a rule.
 *
 * @throws {ConfigError} when they make none.
 */
export function compileInboundRule(options: CostBaggagePropagatorOptions): InboundRule {
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
