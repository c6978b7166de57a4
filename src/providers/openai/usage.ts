import { count, firstCount, type JsonObject, known, object } from '../../usage/read.ts';
import type { Usage } from '../../usage/usage.ts';

/** What decides how a usage block is to be read, beside the block itself. */
export interface UsageDialect {
  /** Who answered: hosts that speak OpenAI's API count in their own ways. */
  readonly provider: string;
  readonly model?: string | undefined;
}

/**
 * A usage block of OpenAI's API or of a host that speaks it, in either spelling: `prompt_tokens` (chat,
 * embeddings, runs) or `input_tokens` (responses, images, transcriptions, realtime). Undefined when the block
 * is absent or says nothing.
 */
export function readUsage(raw: unknown, dialect: UsageDialect): Usage | undefined {
  const block = object(raw);
  if (block === undefined) return undefined;
  const inputDetails = details(block, ['prompt_tokens_details', 'input_tokens_details', ...SINGULAR.input]);
  const outputDetails = details(block, [
    'completion_tokens_details',
    'output_tokens_details',
    ...SINGULAR.output,
  ]);
  const cachedDetails = object(inputDetails['cached_tokens_details']) ?? {};
  const cacheWrites = object(inputDetails['cache_write_tokens_details']) ?? {};
  const tools = object(block['server_side_tool_usage_details']) ?? {};
  const usage: Usage = known({
    ...totals(block, inputDetails, outputDetails, dialect),
    cacheWrite30mTokens: count(cacheWrites['ttl_30m_tokens']),
    cacheWrite12hTokens: count(cacheWrites['ttl_12h_tokens']),
    inputTextTokens: count(inputDetails['text_tokens']),
    inputAudioTokens: count(inputDetails['audio_tokens']),
    inputImageTokens: count(inputDetails['image_tokens']),
    inputVideoTokens: count(inputDetails['video_tokens']),
    cacheReadTextTokens: count(cachedDetails['text_tokens']),
    cacheReadAudioTokens: count(cachedDetails['audio_tokens']),
    cacheReadImageTokens: count(cachedDetails['image_tokens']),
    outputTextTokens: count(outputDetails['text_tokens']),
    outputAudioTokens: count(outputDetails['audio_tokens']),
    outputImageTokens: count(outputDetails['image_tokens']),
    outputVideoTokens: count(outputDetails['video_tokens']),
    acceptedPredictionTokens: count(outputDetails['accepted_prediction_tokens']),
    rejectedPredictionTokens: count(outputDetails['rejected_prediction_tokens']),
    citationTokens: count(block['citation_tokens']),
    searchQueries: count(block['num_search_queries']),
    searchUnits: count(block['search_units']),
    // Transcriptions billed by time say `{ type: 'duration', seconds }`; Mistral's say it beside the tokens.
    inputAudioSeconds: firstCount(
      block['type'] === 'duration' ? block['seconds'] : undefined,
      block['prompt_audio_seconds'],
    ),
    webSearchRequests: consumed(
      tools['web_search_calls'],
      object(block['server_tool_use'])?.['web_search_requests'],
    ),
    xSearchRequests: consumed(tools['x_search_calls']),
    codeExecutionRequests: consumed(tools['code_interpreter_calls']),
    fileSearchRequests: consumed(tools['file_search_calls']),
    collectionSearchRequests: consumed(tools['document_search_calls']),
  });
  return Object.keys(usage).length === 0 ? undefined : usage;
}

/** Assistants runs, transcriptions and Writer say `token_details` where the others say `tokens_details`. */
const SINGULAR = {
  input: ['prompt_token_details', 'input_token_details'],
  output: ['completion_token_details', 'output_token_details'],
} as const;

function details(block: JsonObject, names: readonly string[]): JsonObject {
  for (const name of names) {
    const found = object(block[name]);
    if (found !== undefined) return found;
  }
  return {};
}

/** A tool's count, left out when the tool did nothing: some hosts send a block of zeros with every reply. */
function consumed(...values: readonly unknown[]): number | undefined {
  return values.map(count).find((value) => value !== undefined && value > 0);
}

/** The inclusive totals and what of them was cached, written to a cache, or reasoning. */
function totals(
  block: JsonObject,
  inputDetails: JsonObject,
  outputDetails: JsonObject,
  dialect: UsageDialect,
) {
  const total = count(block['total_tokens']);
  const prompt = firstCount(block['prompt_tokens'], block['input_tokens']);
  const completion = firstCount(block['completion_tokens'], block['output_tokens']);
  const cacheReadTokens = firstCount(
    inputDetails['cached_tokens'],
    block['prompt_cache_hit_tokens'], // DeepSeek
    block['cached_tokens'], // Together, Moonshot, Hugging Face, OpenAI's batch totals
    block['num_cached_tokens'], // Mistral
    block['cache_read_input_tokens'], // LiteLLM proxies
  );
  const cacheWriteTokens = firstCount(
    inputDetails['cache_write_tokens'],
    block['cache_creation_input_tokens'],
  );
  const reasoning = firstCount(outputDetails['reasoning_tokens'], block['reasoning_tokens']);
  const outside = outsideTotals(
    {
      total,
      prompt,
      completion,
      reasoning,
      audio: count(inputDetails['audio_tokens']),
      citations: count(block['citation_tokens']),
    },
    dialect,
  );
  const counted = prompt ?? total;
  const inputTokens = withCache(
    counted === undefined ? undefined : counted + outside.input,
    cacheReadTokens,
    cacheWriteTokens,
  );
  const outputTokens = completion === undefined ? undefined : completion + outside.output;
  return {
    inputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens,
    // OpenRouter counts reasoning with another tokenizer than output; a part never exceeds its whole.
    reasoningTokens: atMost(reasoning ?? outside.reasoning, outputTokens),
    totalTokens: inputTokens !== undefined && outputTokens !== undefined ? inputTokens + outputTokens : total,
  };
}

interface WireCounts {
  readonly total: number | undefined;
  readonly prompt: number | undefined;
  readonly completion: number | undefined;
  readonly reasoning: number | undefined;
  readonly audio: number | undefined;
  readonly citations: number | undefined;
}

/** Tokens that the host counts beside `prompt_tokens` and `completion_tokens` instead of inside. */
function outsideTotals(
  { total, prompt, completion, reasoning = 0, audio = 0, citations }: WireCounts,
  { provider, model }: UsageDialect,
): { readonly input: number; readonly output: number; readonly reasoning?: number } {
  const hidden = (total ?? 0) - (prompt ?? 0) - (completion ?? 0);
  if (total !== undefined && prompt !== undefined && completion !== undefined && hidden > 0) {
    // xAI's chat: prompt 165 + completion 2 + reasoning 129 = total 296.
    if (hidden === reasoning) return { input: 0, output: reasoning };
    // Mistral's audio: prompt 5 + audio 375 + completion 20 = total 400.
    if (hidden === audio) return { input: audio, output: 0 };
    if (hidden === reasoning + audio) return { input: audio, output: reasoning };
    // Gemini's OpenAI endpoint has no field for thoughts; the total holds them.
    if (provider === 'gcp.gemini' || provider === 'gcp.vertex_ai') {
      return { input: 0, output: hidden, reasoning: hidden };
    }
  }
  // Perplexity's deep research bills reasoning and citations beside the completion, each at its own rate.
  if (provider === 'perplexity' && citations !== undefined) {
    return { input: 0, output: reasoning + citations };
  }
  // Vercel's gateway leaves Gemini's thoughts out of completion and total, and bills them: 9 in, 2 out,
  // 25 reasoning cost 9 × $0.30/M + 27 × $2.50/M = $0.0000702.
  if (provider === 'vercel' && (reasoning > (completion ?? 0) || model?.startsWith('google/'))) {
    return { input: 0, output: reasoning };
  }
  return { input: 0, output: 0 };
}

/**
 * Grok on Azure reports 7 prompt tokens of which 163 were cached: there the prompt excludes the cache. A read and
 * a write that only together exceed the prompt are the same tokens, read and renewed (Gemini via OpenRouter).
 */
function withCache(input: number | undefined, read = 0, write = 0): number | undefined {
  if (input === undefined) return undefined;
  return input + (read > input ? read : 0) + (write > input ? write : 0);
}

function atMost(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined ? part : Math.min(part, whole);
}
