import type { Attribution, AttributionContext, ContextValue } from '../attribution.ts';
import { type AttributionNames, attributionNames, SIGNATURE } from '../names.ts';

/** One `name=value;metadata` of a baggage header, decoded. */
export interface WireEntry {
  readonly name: string;
  readonly value: string;
  readonly metadata?: string;
}

/** The entries that carry an attribution: the customer first, then its context in order. */
export function attributionToEntries(
  attribution: Attribution,
  { customer, contextPrefix }: AttributionNames = attributionNames(),
): readonly WireEntry[] {
  const entries = Object.entries(attribution.context).map(([name, value]) =>
    writeEntry(`${contextPrefix}${name}`, value),
  );
  if (attribution.customer !== undefined) entries.unshift(writeEntry(customer, attribution.customer));
  return entries;
}

/** What a list of entries says; later ones win. */
export function attributionFromEntries(
  entries: Iterable<WireEntry>,
  { customer: customerName, contextPrefix }: AttributionNames = attributionNames(),
): { readonly customer?: string | null; readonly context: AttributionContext } {
  let customer: string | null | undefined;
  const context: [string, ContextValue][] = [];
  for (const entry of entries) {
    if (entry.name === SIGNATURE) continue;
    const value = readValue(entry);
    if (entry.name !== customerName) context.push([entry.name.slice(contextPrefix.length), value]);
    else if (value === null || (typeof value === 'string' && value !== '')) customer = value;
  }
  return {
    ...(customer === undefined ? {} : { customer }),
    context: Object.freeze(Object.fromEntries(context)),
  };
}

/** The mark on a value that is JSON: a number comes back as a number, and a lone surrogate fits into ASCII. */
const JSON_METADATA = 'costspan=json';

/** Well-formed text travels as it is; everything else, and the empty text that W3C parsers drop, as JSON. */
function writeEntry(name: string, value: ContextValue): WireEntry {
  if (typeof value === 'string' && value !== '' && value.isWellFormed()) return { name, value };
  return { name, value: JSON.stringify(value), metadata: JSON_METADATA };
}

/** A baggage value is text by contract; applications in plain JavaScript also put numbers there. */
function readValue({ value, metadata }: WireEntry): ContextValue {
  const given: unknown = value;
  const text = String(given);
  if (metadata?.split(';').some((property) => property.trim() === JSON_METADATA) !== true) return text;
  try {
    return JSON.parse(text) as ContextValue;
  } catch {
    return text;
  }
}
