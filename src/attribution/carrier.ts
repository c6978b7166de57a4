import type { Attribution } from './attribution.ts';
import { copyContext } from './context-values.ts';
import { currentAttribution } from './scope.ts';

/** Attribution as one text entry, fit for a job's data, a message's headers or a database column. */
export interface AttributionCarrier {
  readonly 'costspan.attribution': string;
}

const KEY = 'costspan.attribution';

/**
 * Writes attribution (default: the current one) into a carrier that travels with a job. The text is plain ASCII
 * JSON, so any queue and any header takes it; every Unicode value comes back unchanged.
 *
 * @example
 * await queue.add('summarise', { documentId, ...toCarrier() });
 */
export function toCarrier(attribution: Attribution = currentAttribution()): AttributionCarrier {
  const { customer, context, tracked, persist } = attribution;
  const text = JSON.stringify({
    ...(customer === undefined ? {} : { customer }),
    context: copyContext(context),
    ...(tracked ? {} : { tracked }),
    ...(persist ? {} : { persist }),
  });
  return { [KEY]: text.replaceAll(/[^\x20-\x7e]/g, escapeUnit) };
}

/**
 * Reads attribution back from a carrier written by `toCarrier`; what is not one says nothing. The caller vouches for
 * the carrier: read it from your own queue, never from a stranger's request.
 *
 * @example
 * new Worker('summarise', (job) => runWithAttribution(fromCarrier(job.data), () => summarise(job.data)));
 */
export function fromCarrier(carrier: unknown): Attribution {
  const { customer, context, tracked, persist } = readCarrier(carrier);
  return Object.freeze({
    ...(typeof customer === 'string' || customer === null ? { customer, source: 'scope' as const } : {}),
    context: copyContext(context),
    tracked: tracked !== false,
    persist: persist !== false,
  });
}

function readCarrier(carrier: unknown): { readonly [key: string]: unknown } {
  try {
    const text: unknown = (carrier as Partial<AttributionCarrier> | null | undefined)?.[KEY];
    const parsed: unknown = JSON.parse(String(text));
    return typeof parsed === 'object' && parsed !== null ? (parsed as { [key: string]: unknown }) : {};
  } catch {
    return {};
  }
}

function escapeUnit(unit: string): string {
  return String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0');
}
