import { known } from '../usage/read.ts';
import type { QuantityName, Usage } from '../usage/usage.ts';
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
  const notes: string[] = [];
  const shares = [
    ...splitInput(usage, card, notes),
    ...splitOutput(usage, card, notes),
    ...splitImageTool(usage, notes),
    ...counted(usage),
  ];
  return { shares: shares.filter((share) => share.quantity > 0), notes };
}

const MODALITIES = ['audio', 'image', 'video'] as const;

function splitInput(usage: Usage, card: RateCard, notes: string[]): Share[] {
  const writes = splitCacheWrites(usage, notes);
  const written = total(writes);
  const read = cachedTotal(usage);
  const modal = inputModalities(usage, card, read, written, notes);
  const apart = modal.reduce((sum, part) => sum + part.fresh, 0);
  const cachedApart = modal.reduce((sum, part) => sum + part.cached, 0);
  const all = usage.inputTokens ?? embeddingTotal(usage) ?? read + written + apart;
  return [
    { meter: 'input', quantity: rest('input_tokens', all, read + written + apart, notes) },
    { meter: 'cache_read', quantity: rest('cache_read_tokens', read, cachedApart, notes) },
    ...writes,
    ...modal.flatMap(({ name, fresh, cached }): Share[] => [
      { meter: `input_${name}`, quantity: fresh },
      { meter: `cache_read_${name}`, quantity: cached },
    ]),
  ];
}

/** An embedding reply that only tells its total has no output. */
function embeddingTotal(usage: Usage): number | undefined {
  return usage.outputTokens === undefined ? usage.totalTokens : undefined;
}

function cachedTotal(usage: Usage): number {
  return Math.max(usage.cacheReadTokens ?? 0, cachedDetails(usage));
}

/** The modalities the card prices apart from text, each in its fresh and its cached part. */
function inputModalities(
  usage: Usage,
  card: RateCard,
  read: number,
  written: number,
  notes: string[],
): { readonly name: (typeof MODALITIES)[number]; readonly fresh: number; readonly cached: number }[] {
  const apart = MODALITIES.map((name) => ({ name, tokens: inputTokensOf(usage, name) })).filter(
    ({ name, tokens }) => tokens > 0 && !isShared(card, `input_${name}`),
  );
  const modalTokens = apart.reduce((sum, { tokens }) => sum + tokens, 0);
  // The wire may say how much was cached and not of which modality. Text is cached first: a prompt's stable
  // beginning is text, and only what cannot be text is taken from the others.
  const textRoom = Math.max(0, (usage.inputTokens ?? 0) - written - modalTokens);
  const unsplit = apart.length > 0 && read > 0 && cachedDetails(usage) === 0;
  let unassigned = unsplit ? Math.max(0, read - textRoom) : 0;
  if (unsplit) notes.push(`cache_read without modalities: ${read - unassigned} tokens priced as cached text`);
  return apart.map(({ name, tokens }) => {
    const cached = Math.min(tokens, unsplit ? unassigned : (cachedTokensOf(usage, name) ?? 0));
    if (unsplit) unassigned -= cached;
    return { name, fresh: tokens - cached, cached };
  });
}

function cachedDetails(usage: Usage): number {
  return (
    (usage.cacheReadTextTokens ?? 0) +
    (usage.cacheReadAudioTokens ?? 0) +
    (usage.cacheReadImageTokens ?? 0) +
    (usage.cacheReadVideoTokens ?? 0)
  );
}

function inputTokensOf(usage: Usage, name: (typeof MODALITIES)[number]): number {
  const tokens = {
    audio: usage.inputAudioTokens,
    image: usage.inputImageTokens,
    video: usage.inputVideoTokens,
  };
  return tokens[name] ?? 0;
}

function cachedTokensOf(usage: Usage, name: (typeof MODALITIES)[number]): number | undefined {
  const tokens = {
    audio: usage.cacheReadAudioTokens,
    image: usage.cacheReadImageTokens,
    video: usage.cacheReadVideoTokens,
  };
  return tokens[name];
}

/** By lifetime; what no lifetime claims has the provider's default one, five minutes. */
function splitCacheWrites(usage: Usage, notes: string[]): Share[] {
  const byLifetime: Share[] = [
    { meter: 'cache_write_5m', quantity: usage.cacheWrite5mTokens ?? 0 },
    { meter: 'cache_write_30m', quantity: usage.cacheWrite30mTokens ?? 0 },
    { meter: 'cache_write_1h', quantity: usage.cacheWrite1hTokens ?? 0 },
    { meter: 'cache_write_12h', quantity: usage.cacheWrite12hTokens ?? 0 },
  ];
  const known = total(byLifetime);
  const all = usage.cacheWriteTokens ?? known;
  if (known === 0) return [{ meter: 'cache_write', quantity: all }];
  if (all === known) return byLifetime;
  if (all > known) {
    notes.push(`cache_write split does not add up: ${all - known} tokens priced as 5m`);
    return byLifetime.map((share) =>
      share.meter === 'cache_write_5m' ? { ...share, quantity: share.quantity + all - known } : share,
    );
  }
  notes.push(`cache_write split does not add up: ${known} tokens by lifetime, ${all} in total`);
  return byLifetime;
}

const OUTPUT_DETAILS = [
  ['output_audio', 'outputAudioTokens'],
  ['output_image', 'outputImageTokens'],
  ['output_video', 'outputVideoTokens'],
] as const;

/** Details that are billed with the output unless the card has a price of their own. */
const OUTPUT_KINDS = [
  ['reasoning', 'reasoningTokens'],
  ['citation', 'citationTokens'],
] as const;

function splitOutput(usage: Usage, card: RateCard, notes: string[]): Share[] {
  const apart: Share[] = [];
  for (const [meter, name] of OUTPUT_DETAILS) {
    if (!isShared(card, meter)) apart.push({ meter, quantity: usage[name] ?? 0 });
  }
  for (const [meter, name] of OUTPUT_KINDS) {
    if (card.rates[meter] !== undefined) apart.push({ meter, quantity: usage[name] ?? 0 });
  }
  const all = usage.outputTokens ?? total(apart);
  return [{ meter: 'output', quantity: rest('output_tokens', all, total(apart), notes) }, ...apart];
}

function splitImageTool(usage: Usage, notes: string[]): Share[] {
  const image = usage.imageToolInputImageTokens ?? 0;
  const cached = usage.imageToolCacheReadTokens ?? 0;
  const all = usage.imageToolInputTokens ?? image + (usage.imageToolInputTextTokens ?? 0);
  return [
    { meter: 'image_tool_input', quantity: rest('image_tool_input_tokens', all, image + cached, notes) },
    { meter: 'image_tool_input_image', quantity: image },
    { meter: 'image_tool_cache_read', quantity: cached },
    { meter: 'image_tool_output', quantity: usage.imageToolOutputTokens ?? 0 },
  ];
}

/** Quantities that are a share by themselves. */
const COUNTED: Readonly<Partial<Record<QuantityName, Meter>>> = {
  webSearchRequests: 'web_search',
  webFetchRequests: 'web_fetch',
  fileSearchRequests: 'file_search',
  xSearchRequests: 'x_search',
  collectionSearchRequests: 'collection_search',
  codeExecutionRequests: 'code_execution',
  codeInterpreterSessions: 'code_interpreter_session',
  groundedPrompts: 'grounded_prompt',
  searchQueries: 'search_query',
  searchUnits: 'search_unit',
  classifications: 'classification',
  inputCharacters: 'input_characters',
  inputAudioSeconds: 'input_audio_seconds',
  outputAudioSeconds: 'output_audio_seconds',
  outputImages: 'output_images',
  outputVideoSeconds: 'output_video_seconds',
  inputPages: 'input_pages',
  sessionSeconds: 'session_seconds',
};

const COUNTED_ENTRIES = Object.entries(COUNTED) as readonly (readonly [QuantityName, Meter])[];

function counted(usage: Usage): Share[] {
  return COUNTED_ENTRIES.flatMap(([name, meter]) => {
    const quantity = usage[name];
    return quantity === undefined ? [] : [{ meter, quantity }];
  });
}

/** Whether anything is known about what was consumed; all zeros is something. */
export function isEmptyUsage(usage: Usage): boolean {
  return Object.keys(known(usage)).length === 0;
}

/** Whether a detail has no price of its own because the card bills it with its total. */
function isShared(card: RateCard, meter: Meter): boolean {
  return rateFor(card.rates, meter) === undefined && (card.shared ?? []).includes(meter);
}

function total(shares: readonly Share[]): number {
  return shares.reduce((sum, share) => sum + share.quantity, 0);
}

/** What remains of a total; details larger than their total are kept and the remainder is nothing. */
function rest(name: string, all: number, parts: number, notes: string[]): number {
  if (parts <= all) return all - parts;
  notes.push(`${name}: details add up to ${parts}, more than the total of ${all}`);
  return 0;
}
