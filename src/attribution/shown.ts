import { type Attribution, type AttributionContext, type Redactor, UNATTRIBUTED } from './attribution.ts';
import { redactByAll } from './redact.ts';
import { resolveAttribution, type ResolveOptions } from './resolve.ts';

/**
 * An attribution that may leave the process: resolved, completed and redacted. Only the functions of this file make
 * one, so that what an application gave cannot reach an event, a span or a memory by mistake.
 */
export type ShownAttribution = Attribution & { readonly [SHOWN]: true };

declare const SHOWN: unique symbol;

/** As one processor shows it to its own sinks. */
export function showAttribution<Call extends { readonly attribution: Attribution }>(
  call: Call,
  options: ResolveOptions<Call>,
  redact: Redactor,
): ShownAttribution {
  return redact(resolveAttribution(call.attribution, call, options)) as ShownAttribution;
}

/** As it stands on what all processors share (a span, a memory): redacted by all; `done` = already redacted by. */
export function shareAttribution(attribution: Attribution, done?: Redactor): ShownAttribution {
  return redactByAll(attribution, done) as ShownAttribution;
}

/** For a listener without rules of its own: as it was given, since it only stays in the process. */
export function asGiven(attribution: Attribution): ShownAttribution {
  return attribution as ShownAttribution;
}

/** Where redacting failed: who pays, and nothing else. */
export function withoutContext({ tracked, persist }: Attribution): ShownAttribution {
  return Object.freeze({ ...UNATTRIBUTED, tracked, persist }) as ShownAttribution;
}

/** What a memory gives back: it was fit to be shown when it was kept. */
export function fromMemory(attribution: Attribution): ShownAttribution {
  return attribution as ShownAttribution;
}

/** The same for a listener that has a default for calls nobody claimed. */
export function completeFromMemory(
  remembered: ShownAttribution,
  { defaultCustomer }: Pick<ResolveOptions<never>, 'defaultCustomer'>,
  redact: Redactor,
): ShownAttribution {
  if (remembered.customer !== undefined || defaultCustomer === undefined) return remembered;
  const { customer = defaultCustomer } = redact({ ...UNATTRIBUTED, customer: defaultCustomer });
  return Object.freeze({ ...remembered, customer, source: 'default' as const });
}

/** For one part of something that was attributed as a whole: what is said of the part wins. */
export function overShown(
  whole: ShownAttribution,
  part: { readonly customer?: string | null | undefined; readonly context: AttributionContext },
): ShownAttribution {
  const { customer, context } = shareAttribution({
    ...UNATTRIBUTED,
    ...(part.customer === undefined ? {} : { customer: part.customer }),
    context: part.context,
  });
  return Object.freeze({
    ...whole,
    ...(customer === undefined ? {} : { customer, source: 'scope' as const }),
    context: Object.freeze({ ...whole.context, ...context }),
  });
}
