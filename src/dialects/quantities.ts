import { count, type JsonObject } from '../base/read.ts';
import type { QuantityName } from '../usage/quantities.ts';
import type { Usage } from '../usage/usage.ts';

/** The names under which dialects keep quantities, the preferred one first. */
export type Spellings = { readonly [Name in QuantityName]?: readonly string[] };

/** Whether a dialect's input includes the cached tokens, or has them beside it. */
export type CachedTokens = 'included' | 'beside';

/** The quantities on a span under a dialect's names, in our own terms; undefined when there is none. */
export function readQuantities(
  attributes: JsonObject,
  spellings: Spellings,
  cached: CachedTokens = 'included',
): Usage | undefined {
  const usage: { -readonly [Name in QuantityName]?: number } = {};
  for (const name of Object.keys(spellings) as QuantityName[]) {
    const quantity = firstCountOf(attributes, spellings[name] ?? []);
    if (quantity !== undefined) usage[name] = quantity;
  }
  return Object.keys(usage).length === 0 ? undefined : withCachedTokens(usage, cached);
}

/**
 * Our input includes the cached tokens. An input below its own cached part has them beside it, whatever was expected
 * of the dialect. A total that was added up without them is none.
 */
function withCachedTokens(usage: Usage, cached: CachedTokens): Usage {
  const { totalTokens: _, ...rest } = usage;
  const { inputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = rest;
  const details = cacheReadTokens + cacheWriteTokens;
  if (inputTokens === undefined || details === 0) return usage;
  const isBeside = cached === 'beside' || inputTokens < details;
  return isBeside ? { ...rest, inputTokens: inputTokens + details } : usage;
}

function firstCountOf(attributes: JsonObject, names: readonly string[]): number | undefined {
  for (const name of names) {
    const quantity = countOf(attributes[name]);
    if (quantity !== undefined) return quantity;
  }
  return undefined;
}

/** A count, also as decimal text: some exporters turn every attribute into text. */
export function countOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d{1,15}(\.\d+)?$/.test(value)) return Number(value);
  return count(value);
}
