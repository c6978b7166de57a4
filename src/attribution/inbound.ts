import { type Baggage, type BaggageEntry, type Context, propagation } from '@opentelemetry/api';
import { isAttributionEntry } from './process-slot.ts';

/**
 * The mark on a baggage entry that came over the network: `false` = to be ignored, `true` = vouched for by the
 * propagator. It is an own enumerable symbol so that it survives `getEntry`, `setEntry` and object spread, which all
 * hand an entry on; an entry the application writes itself (`{ value }`) never has it.
 */
const ACCEPTED = Symbol.for('costspan.inbound');

type MarkedEntry = BaggageEntry & { readonly [ACCEPTED]?: boolean };

/** `undefined` = the application set it; otherwise whether what arrived may be believed. */
export function inboundVerdict(entry: BaggageEntry): boolean | undefined {
  return (entry as MarkedEntry)[ACCEPTED];
}

/** The same entry, marked as arrived over the network. */
export function asInbound(entry: BaggageEntry, accepted: boolean): BaggageEntry {
  return { ...entry, [ACCEPTED]: accepted } as MarkedEntry;
}

/** Marks the attribution entries that `extract` added between the two contexts, unless a propagator judged them. */
export function markInbound(before: Context, after: Context): Context {
  const baggage = propagation.getBaggage(after);
  const known = propagation.getBaggage(before);
  if (baggage === undefined || baggage === known) return after;
  const own = new Set(known?.getAllEntries().map(([, entry]) => entry));
  let marked: Baggage = baggage;
  for (const [name, entry] of baggage.getAllEntries()) {
    if (own.has(entry) || inboundVerdict(entry) !== undefined || !isAttributionEntry(name)) continue;
    marked = marked.setEntry(name, asInbound(entry, false));
  }
  return marked === baggage ? after : propagation.setBaggage(after, marked);
}
