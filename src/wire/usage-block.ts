import { count, type JsonObject, object } from '../base/read.ts';
import type { QuantityName } from '../usage/quantities.ts';
import type { Usage } from '../usage/usage.ts';
import type { Reading } from './reading.ts';

/** A usage that is being put together. */
export type Counts = { -readonly [Name in QuantityName]?: number };

/** Which quantity a field of the wire counts. */
export type Fields = ReadonlyMap<string, QuantityName>;

export function fields(names: { readonly [field: string]: QuantityName }): Fields {
  return new Map(Object.entries(names));
}

/** Adds what the block counts, in one pass over the fields that are there. */
export function take(counts: Counts, block: JsonObject, names: Fields): void {
  for (const field in block) {
    const name = names.get(field);
    if (name === undefined) continue;
    const number = count(block[field]);
    if (number !== undefined) counts[name] = number;
  }
}

/** The same for tools: one that did nothing is left out, since some hosts send a block of zeros with every reply. */
export function takeUsed(counts: Counts, tools: unknown, names: Fields): void {
  const block = object(tools);
  for (const field in block) {
    const name = names.get(field);
    const number = name === undefined ? undefined : count(block[field]);
    if (name !== undefined && number !== undefined && number > 0) counts[name] = number;
  }
}

/**
 * What a usage block adds to a reading. A block that is there and cannot be read is a fault and no usage: a call is
 * unpriced for a stated reason rather than estimated, or priced by the half that could be read.
 *
 * `isSplit` is false where the call has an output and the block does not tell how much of its tokens that is.
 */
export function readingOf(
  raw: unknown,
  usage: Usage | undefined,
  isSplit = true,
): Pick<Reading, 'usage' | 'usageRaw' | 'usageFault'> {
  const block = object(raw);
  const fault =
    faultOf(raw, block, usage) ?? (isSplit ? undefined : 'the usage does not tell input from output');
  if (fault !== undefined)
    return block === undefined ? { usageFault: fault } : { usageRaw: block, usageFault: fault };
  return usage === undefined || block === undefined ? {} : { usage, usageRaw: block };
}

/** For calls that have both: input without output, or output without input, is half a count. */
export function tellsBoth({ inputTokens, outputTokens }: Usage = {}): boolean {
  return (inputTokens === undefined) === (outputTokens === undefined);
}

function faultOf(raw: unknown, block: JsonObject | undefined, usage: Usage | undefined): string | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (block === undefined) return 'the usage is no object';
  const wrong = wrongCount(block, 0);
  if (wrong !== undefined) return wrong;
  return usage === undefined && countsSomething(block) ? 'the usage counts nothing that is known' : undefined;
}

/** The first count, at any depth, that is negative, broken into fractions, or no number at all. */
function wrongCount(block: JsonObject, depth: number): string | undefined {
  for (const field in block) {
    const value = block[field];
    // Nearly every value is one of these.
    if (value === null || value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0))
      continue;
    if (typeof value === 'object') {
      const inner = depth < MAX_DEPTH ? wrongIn(value, depth + 1) : undefined;
      if (inner !== undefined) return inner;
    } else if (COUNT_FIELD.test(field) && !isCount(field, value)) {
      return `${field} is ${typeof value === 'number' ? String(value) : 'no number'}, which is no count`;
    }
  }
  return undefined;
}

function wrongIn(value: object, depth: number): string | undefined {
  if (!Array.isArray(value)) return wrongCount(value as JsonObject, depth);
  for (const item of value) {
    const block = object(item);
    const wrong = block && wrongCount(block, depth);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** Tokens are whole; seconds, pages and search units may come in parts. */
function isCount(field: string, value: unknown): boolean {
  const number = count(value);
  return number !== undefined && (Number.isSafeInteger(number) || !TOKEN_FIELD.test(field));
}

const TOKEN_FIELD = /tokens?$|tokencount$/i;
const COUNT_FIELD = /(?:tokens?|tokencount|_count|requests|queries|_units|characters|seconds)$/i;
const MAX_DEPTH = 4;

/** A block that only says what the call costs counts nothing, and is no fault. */
function countsSomething(block: JsonObject): boolean {
  return Object.entries(block).some(
    ([field, value]) => value !== null && value !== undefined && COUNTS.test(field),
  );
}

const COUNTS = /token|count|character|second|unit|request/i;

/**
 * Two usage blocks of one stream as one. Totals are cumulative and the later one counts, but zero and `null` say
 * nothing of what was counted before: a `message_delta` with `input_tokens: 0`, the prompt in the first chunk and the
 * completion in the last. A smaller count that is not zero is a correction (Gemini's prompt: 169, then 79).
 */
export function overlaid(earlier: JsonObject | undefined, later: JsonObject): JsonObject {
  if (earlier === undefined || earlier === later) return later;
  const result: Record<string, unknown> = { ...earlier };
  for (const [field, value] of Object.entries(later)) {
    const before = result[field];
    if (saysNothing(value) && before !== undefined && before !== null) continue;
    const [inside, over] = [object(before), object(value)];
    result[field] = inside !== undefined && over !== undefined ? overlaid(inside, over) : value;
  }
  return result;
}

function saysNothing(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    count(value) === 0 ||
    (Array.isArray(value) && value.length === 0)
  );
}
