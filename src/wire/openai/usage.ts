import { count, firstCount, type JsonObject, known, object } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';
import type { Reading } from '../reading.ts';
import { type Counts, fields, readingOf, take, takeUsed } from '../usage-block.ts';
import { outsideTotals, type UsageDialect, type WireCounts } from './outside-totals.ts';

/** What a usage block adds to a reading: what it counts, the block itself, or why it cannot be read. */
export function readBlock(
  raw: unknown,
  dialect: UsageDialect,
  counted: unknown = raw,
): Pick<Reading, 'usage' | 'usageRaw' | 'usageFault'> {
  const usage = readUsage(counted, dialect);
  const reading = readingOf(counted, usage, isSplit(usage, dialect));
  return counted === raw ? reading : { ...reading, ...known({ usageRaw: reading.usageRaw && object(raw) }) };
}

/** Whether input and output are both told. A total alone, or one half alone, leaves the other unknown. */
function isSplit(usage: Usage | undefined, { inputOnly = false }: UsageDialect): boolean {
  const { inputTokens: input, outputTokens: output, totalTokens: total } = usage ?? {};
  if (inputOnly || (input === undefined && output === undefined && total === undefined)) return true;
  return input !== undefined && (output !== undefined || total === input);
}

/**
 * A usage block of OpenAI's API or of a host that speaks it, in either spelling: `prompt_tokens` (chat,
 * embeddings, runs) or `input_tokens` (responses, images, transcriptions, realtime). Undefined when the block
 * is absent or says nothing.
 */
export function readUsage(raw: unknown, dialect: UsageDialect): Usage | undefined {
  const block = object(raw);
  if (block === undefined) return undefined;
  const counts: Counts = {};
  const inputDetails = firstObject(block, INPUT_DETAILS);
  const outputDetails = firstObject(block, OUTPUT_DETAILS);
  readTotals(counts, block, inputDetails ?? NOTHING, outputDetails ?? NOTHING, dialect);
  take(counts, block, BLOCK_FIELDS);
  if (inputDetails !== undefined) {
    take(counts, inputDetails, INPUT_FIELDS);
    take(counts, object(inputDetails.cached_tokens_details) ?? NOTHING, CACHED_FIELDS);
    take(counts, object(inputDetails.cache_write_tokens_details) ?? NOTHING, LIFETIME_FIELDS);
  }
  if (outputDetails !== undefined) take(counts, outputDetails, OUTPUT_FIELDS);
  // Transcriptions billed by time say `{ type: 'duration', seconds }`.
  if (block.type === 'duration') put(counts, 'inputAudioSeconds', count(block.seconds));
  takeUsed(counts, block.server_tool_use, SERVER_TOOL_FIELDS);
  takeUsed(counts, block.server_side_tool_usage_details, TOOL_FIELDS);
  for (const _ in counts) return counts;
  return undefined;
}

const NOTHING: JsonObject = {};

/** Assistants runs, transcriptions and Writer say `token_details` where the others say `tokens_details`. */
const INPUT_DETAILS = [
  'prompt_tokens_details',
  'input_tokens_details',
  'prompt_token_details',
  'input_token_details',
] as const;
const OUTPUT_DETAILS = [
  'completion_tokens_details',
  'output_tokens_details',
  'completion_token_details',
  'output_token_details',
] as const;

const BLOCK_FIELDS = fields({
  citation_tokens: 'citationTokens',
  num_search_queries: 'searchQueries',
  search_units: 'searchUnits',
  // Mistral's transcriptions say it beside the tokens.
  prompt_audio_seconds: 'inputAudioSeconds',
});
const INPUT_FIELDS = fields({
  text_tokens: 'inputTextTokens',
  audio_tokens: 'inputAudioTokens',
  image_tokens: 'inputImageTokens',
  video_tokens: 'inputVideoTokens',
});
const CACHED_FIELDS = fields({
  text_tokens: 'cacheReadTextTokens',
  audio_tokens: 'cacheReadAudioTokens',
  image_tokens: 'cacheReadImageTokens',
});
const LIFETIME_FIELDS = fields({
  ttl_30m_tokens: 'cacheWrite30mTokens',
  ttl_12h_tokens: 'cacheWrite12hTokens',
});
const OUTPUT_FIELDS = fields({
  text_tokens: 'outputTextTokens',
  audio_tokens: 'outputAudioTokens',
  image_tokens: 'outputImageTokens',
  video_tokens: 'outputVideoTokens',
  accepted_prediction_tokens: 'acceptedPredictionTokens',
  rejected_prediction_tokens: 'rejectedPredictionTokens',
});
const SERVER_TOOL_FIELDS = fields({ web_search_requests: 'webSearchRequests' });
/** xAI's. */
const TOOL_FIELDS = fields({
  web_search_calls: 'webSearchRequests',
  x_search_calls: 'xSearchRequests',
  code_interpreter_calls: 'codeExecutionRequests',
  file_search_calls: 'fileSearchRequests',
  document_search_calls: 'collectionSearchRequests',
});

function firstObject(block: JsonObject, names: readonly string[]): JsonObject | undefined {
  for (const name of names) {
    const found = object(block[name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function put(counts: Counts, name: keyof Counts, value: number | undefined): void {
  if (value !== undefined) counts[name] = value;
}

/** The inclusive totals and what of them was cached, written to a cache, or reasoning. */
function readTotals(
  counts: Counts,
  block: JsonObject,
  inputDetails: JsonObject,
  outputDetails: JsonObject,
  dialect: UsageDialect,
): void {
  const { total, prompt, completion } = completed(
    count(block.total_tokens),
    firstCount(block.prompt_tokens, block.input_tokens),
    firstCount(block.completion_tokens, block.output_tokens),
    dialect,
  );
  const cacheRead = firstCount(
    inputDetails.cached_tokens,
    block.prompt_cache_hit_tokens, // DeepSeek
    block.cached_tokens, // Together, Moonshot, Hugging Face, OpenAI's batch totals
    block.num_cached_tokens, // Mistral
    block.cache_read_input_tokens, // LiteLLM proxies
  );
  const cacheWrite = firstCount(inputDetails.cache_write_tokens, block.cache_creation_input_tokens);
  const reasoning = firstCount(outputDetails.reasoning_tokens, block.reasoning_tokens);
  const audio = count(inputDetails.audio_tokens);
  const citations = count(block.citation_tokens);
  const outside = outsideTotals({ total, prompt, completion, reasoning, audio, citations }, dialect);
  const input = prompt === undefined ? undefined : withCache(prompt + outside.input, cacheRead, cacheWrite);
  const output = completion === undefined ? undefined : completion + outside.output;
  put(counts, 'inputTokens', input);
  put(counts, 'cacheReadTokens', cacheRead);
  put(counts, 'cacheWriteTokens', cacheWrite);
  put(counts, 'outputTokens', output);
  // OpenRouter counts reasoning with another tokenizer than output; a part never exceeds its whole.
  put(counts, 'reasoningTokens', atMost(reasoning ?? outside.reasoning, output));
  put(counts, 'totalTokens', input !== undefined && output !== undefined ? input + output : total);
}

/** Of total, prompt and completion, two tell the third. A total alone is the input of a call that has no output. */
function completed(
  total: number | undefined,
  prompt: number | undefined,
  completion: number | undefined,
  { inputOnly = false }: UsageDialect,
): Pick<WireCounts, 'total' | 'prompt' | 'completion'> {
  if (total === undefined || (prompt !== undefined && completion !== undefined)) {
    return { total, prompt, completion };
  }
  if (inputOnly || total === prompt) return { total, prompt: prompt ?? total, completion };
  const rest = total - (prompt ?? completion ?? Infinity);
  if (rest < 0) return { total, prompt, completion };
  return { total, prompt: prompt ?? rest, completion: completion ?? rest };
}

/**
 * Grok on Azure reports 7 prompt tokens of which 163 were cached: there the prompt excludes the cache. A read and
 * a write that only together exceed the prompt are the same tokens, read and renewed (Gemini via OpenRouter).
 */
function withCache(input: number, read = 0, write = 0): number {
  return input + (read > input ? read : 0) + (write > input ? write : 0);
}

function atMost(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined ? part : Math.min(part, whole);
}
