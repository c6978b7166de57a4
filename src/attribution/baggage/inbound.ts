import {
  type Baggage,
  type BaggageEntry,
  type Context,
  createContextKey,
  propagation,
} from '@opentelemetry/api';
import { shared } from '../../base/process.ts';
import type { Attribution } from '../attribution.ts';
import { isAttributionEntry } from '../names.ts';

/**
 * Marks the attribution entries that an `extract` added between the two contexts, so that they count for nothing.
 * Entries that were there before, and the application's other baggage, stay as they are.
 */
export function markInbound(before: Context, after: Context): Context {
  const baggage = propagation.getBaggage(after);
  const known = propagation.getBaggage(before);
  if (baggage === undefined || baggage === known) return after;
  const own = new Set(known?.getAllEntries().map(([, entry]) => entry));
  let marked: Baggage = baggage;
  for (const [name, entry] of baggage.getAllEntries()) {
    if (own.has(entry) || isInbound(entry) || !isAttributionEntry(name)) continue;
    marked = marked.setEntry(name, { ...entry, [mark()]: true });
  }
  return marked === baggage ? after : propagation.setBaggage(after, marked);
}

/** True for an entry that came over the network, also after `getEntry`, `setEntry` or a spread handed it on. */
export function isInbound(entry: BaggageEntry): boolean {
  return Reflect.get(entry, mark()) === true;
}

/** What a service that we trust said: kept outside the baggage, under a key that no header can reach. */
export function withTrustedInbound(ctx: Context, attribution: Attribution): Context {
  return ctx.setValue(TRUSTED, attribution);
}

export function trustedInbound(ctx: Context): Attribution | undefined {
  return ctx.getValue(TRUSTED) as Attribution | undefined;
}

/** Own and enumerable, so that copies keep it; an entry the application writes itself (`{ value }`) never has it. */
function mark(): symbol {
  return shared('attribution inbound', () => ({ mark: Symbol('costspan inbound') })).mark;
}

const TRUSTED = createContextKey('costspan trusted inbound attribution');
