import { decimal, known, text } from '../base/read.ts';
import { ATTRIBUTES, usageFromAttributes } from '../usage/attributes.ts';
import type { Dialect } from './dialect.ts';
import { readGenAi } from './gen-ai.ts';

/**
 * Spans of our own instrumentations, for a receiver: the event keeps the id it has in the process that made the call.
 * A span that shows no cost was a receipt, or nothing that is billed.
 */
export const costspan: Dialect = {
  name: 'costspan',
  read: (span) => {
    const { attributes } = span;
    const eventId = text(attributes[ATTRIBUTES.eventId]);
    if (eventId === undefined) return undefined;
    if (attributes[ATTRIBUTES.costStatus] === undefined) return { role: 'group' };
    const counted = attributes[ATTRIBUTES.usageSource] !== 'none';
    const usage = usageFromAttributes(attributes);
    const amount =
      attributes[ATTRIBUTES.costSource] === 'provider' ? decimal(attributes[ATTRIBUTES.cost]) : undefined;
    const currency = text(attributes[ATTRIBUTES.costCurrency]) ?? 'USD';
    return readGenAi(span, {
      role: 'call',
      layer: 'wire',
      call: { eventId, provider: text(attributes[ATTRIBUTES.providerName]) ?? 'unknown' },
      reading: known({
        usage: counted && Object.keys(usage).length > 0 ? usage : undefined,
        serviceTier: text(attributes[ATTRIBUTES.serviceTier]),
        reported: amount === undefined ? undefined : { amount, currency },
      }),
    });
  },
};
