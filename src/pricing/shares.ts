import { ALL_QUANTITIES, partsOf, type QuantityName } from '../usage/quantities.ts';
import type { Usage } from '../usage/usage.ts';
import type { Meter, RateCard } from './rate-card.ts';
import { rateFor } from './rate-card.ts';

/** One disjoint part of what a call consumed. */
export interface Share {
  readonly meter: Meter;
  readonly quantity: number;
}

export interface Shares {
  readonly shares: readonly Share[];
  /** What did not add up, and how it was read. */
  readonly notes: readonly string[];
}

/**
 * Takes inclusive totals apart into disjoint shares, as finely as the rate card prices them: a detail that the
 * card bills with its total stays inside the total. Shares without a quantity are left out.
 */
export function splitUsage(usage: Usage, card: RateCard): Shares {
  const shares: Share[] = [];
  const notes: string[] = [];
  splitInput(usage, card, shares, notes);
  splitOutput(usage, card, shares, notes);
  if (IMAGE_TOOL.some((name) => usage[name] !== undefined)) splitImageTool(usage, shares, notes);
  for (const { name, meter } of COUNTED) add(shares, meter, usage[name]);
  return { shares, notes };
}

function add(shares: Share[], meter: Meter, quantity: number | undefined): void {
  if (quantity !== undefined && quantity > 0) shares.push({ meter, quantity });
}

/** A quantity with a line item of its own. */
interface Part {
  readonly name: QuantityName;
  readonly meter: Meter;
  readonly modality: string | undefined;
}

function billedParts(whole: QuantityName): readonly Part[] {
  return partsOf(whole).flatMap(({ name, meter, modality }) =>
    meter === undefined ? [] : [{ name, meter, modality }],
  );
}

/** What is not text, fresh and cached. */
const MODALITIES = billedParts('inputTokens').flatMap((fresh) => {
  const cached = billedParts('cacheReadTokens').find(({ modality }) => modality === fresh.modality);
  return fresh.modality === undefined || cached === undefined ? [] : [{ fresh, cached }];
});
const CACHED_DETAILS = partsOf('cacheReadTokens');
const LIFETIMES = billedParts('cacheWriteTokens');
/** Modalities before kinds of text, as price pages have them. */
const OUTPUT_PARTS = billedParts('outputTokens').toSorted(
  (a, b) => Number(a.modality === undefined) - Number(b.modality === undefined),
);
const IMAGE_TOOL = ALL_QUANTITIES.filter(({ kind }) => kind === 'image_tool_token').map(({ name }) => name);
/** Quantities that are a share by themselves. */
const COUNTED = ALL_QUANTITIES.flatMap(({ name, kind, meter }) =>
  meter !== undefined && (kind === 'fee' || kind === 'unit') ? [{ name, meter }] : [],
);

function splitInput(usage: Usage, card: RateCard, shares: Share[], notes: string[]): void {
  const writes: Share[] = [];
  const modal: Share[] = [];
  splitCacheWrites(usage, writes, notes);
  const written = total(writes);
  const cachedDetails = sumOf(usage, CACHED_DETAILS);
  const read = Math.max(usage.cacheReadTokens ?? 0, cachedDetails);
  const [fresh, cached] = splitModalities(usage, card, { read, written, cachedDetails }, modal, notes);
  const parts = read + written + fresh;
  const all = usage.inputTokens ?? embeddingTotal(usage) ?? parts;
  add(shares, 'input', rest('input_tokens', all, parts, notes));
  add(shares, 'cache_read', rest('cache_read_tokens', read, cached, notes));
  shares.push(...writes, ...modal);
}

/** An embedding reply that only tells its total has no output. */
function embeddingTotal(usage: Usage): number | undefined {
  return usage.outputTokens === undefined ? usage.totalTokens : undefined;
}

/** The modalities the card prices apart from text, each in its fresh and its cached part; returns the sums of both. */
function splitModalities(
  usage: Usage,
  card: RateCard,
  input: { readonly read: number; readonly written: number; readonly cachedDetails: number },
  shares: Share[],
  notes: string[],
): readonly [fresh: number, cached: number] {
  const apart = MODALITIES.filter(
    ({ fresh }) => (usage[fresh.name] ?? 0) > 0 && !isShared(card, fresh.meter),
  );
  if (apart.length === 0) return [0, 0];
  const modalTokens = apart.reduce((sum, { fresh }) => sum + (usage[fresh.name] ?? 0), 0);
  // The wire may say how much was cached and not of which modality. Text is cached first: a prompt's stable
  // beginning is text, and only what cannot be text is taken from the others.
  const { read, written, cachedDetails } = input;
  const textRoom = Math.max(0, (usage.inputTokens ?? 0) - written - modalTokens);
  const unsplit = read > 0 && cachedDetails === 0;
  let unassigned = unsplit ? Math.max(0, read - textRoom) : 0;
  if (unsplit) notes.push(`cache_read without modalities: ${read - unassigned} tokens priced as cached text`);
  const sums: [number, number] = [0, 0];
  for (const { fresh, cached } of apart) {
    const all = usage[fresh.name] ?? 0;
    const fromCache = Math.min(all, unsplit ? unassigned : (usage[cached.name] ?? 0));
    if (unsplit) unassigned -= fromCache;
    add(shares, fresh.meter, all - fromCache);
    add(shares, cached.meter, fromCache);
    sums[0] += all - fromCache;
    sums[1] += fromCache;
  }
  return sums;
}

/** By lifetime; what no lifetime claims has the provider's default one, five minutes. */
function splitCacheWrites(usage: Usage, shares: Share[], notes: string[]): void {
  const claimed = sumOf(usage, LIFETIMES);
  const all = usage.cacheWriteTokens ?? claimed;
  if (claimed === 0) return add(shares, 'cache_write', all);
  const unclaimed = Math.max(0, all - claimed);
  if (unclaimed > 0) notes.push(`cache_write split does not add up: ${unclaimed} tokens priced as 5m`);
  if (claimed > all) {
    notes.push(`cache_write split does not add up: ${claimed} tokens by lifetime, ${all} in total`);
  }
  for (const { name, meter } of LIFETIMES) {
    add(shares, meter, (usage[name] ?? 0) + (meter === 'cache_write_5m' ? unclaimed : 0));
  }
}

function splitOutput(usage: Usage, card: RateCard, shares: Share[], notes: string[]): void {
  const apart: Share[] = [];
  for (const { name, meter, modality } of OUTPUT_PARTS) {
    if (usage[name] === undefined) continue;
    // Reasoning and citations are billed with the output unless the card has a price of their own.
    if (modality === undefined ? card.rates[meter] !== undefined : !isShared(card, meter)) {
      add(apart, meter, usage[name]);
    }
  }
  const parts = total(apart);
  add(shares, 'output', rest('output_tokens', usage.outputTokens ?? parts, parts, notes));
  shares.push(...apart);
}

function splitImageTool(usage: Usage, shares: Share[], notes: string[]): void {
  const image = usage.imageToolInputImageTokens ?? 0;
  const cached = usage.imageToolCacheReadTokens ?? 0;
  const all = usage.imageToolInputTokens ?? image + (usage.imageToolInputTextTokens ?? 0);
  add(shares, 'image_tool_input', rest('image_tool_input_tokens', all, image + cached, notes));
  add(shares, 'image_tool_input_image', image);
  add(shares, 'image_tool_cache_read', cached);
  add(shares, 'image_tool_output', usage.imageToolOutputTokens);
}

/** Whether anything is known about what was consumed; all zeros is something. */
export function isEmptyUsage(usage: Usage): boolean {
  return Object.values(usage).every((value) => value === undefined);
}

/** Whether a detail has no price of its own because the card bills it with its total. */
function isShared(card: RateCard, meter: Meter): boolean {
  return rateFor(card.rates, meter) === undefined && (card.shared ?? []).includes(meter);
}

function sumOf(usage: Usage, parts: readonly { readonly name: QuantityName }[]): number {
  let sum = 0;
  for (const { name } of parts) sum += usage[name] ?? 0;
  return sum;
}

function total(shares: readonly Share[]): number {
  let sum = 0;
  for (const { quantity } of shares) sum += quantity;
  return sum;
}

/** What remains of a total; details larger than their total are kept and the remainder is nothing. */
function rest(name: string, all: number, parts: number, notes: string[]): number {
  if (parts <= all) return all - parts;
  notes.push(`${name}: details add up to ${parts}, more than the total of ${all}`);
  return 0;
}
