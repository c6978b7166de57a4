/**
 * What one billable call consumed, in quantities that mean the same for every provider.
 *
 * Totals are inclusive: `inputTokens` contains cache reads, cache writes, audio and images; `outputTokens`
 * contains reasoning, audio and images. Every other token field is a detail of one of the two. A field the
 * provider did not report is absent, never 0. Unit: tokens, unless the name says otherwise.
 *
 * The rule follows the OpenTelemetry GenAI conventions: `gen_ai.usage.input_tokens` includes all cached tokens
 * (https://github.com/open-telemetry/semantic-conventions-genai).
 */
export type Usage = { readonly [Name in QuantityName]?: number } & {
  /** Work inside the call that its headline leaves out, some of it done by another model (Anthropic `iterations`). */
  readonly iterations?: readonly UsageIteration[];
};

/** One step of a call that the provider bills beside the headline. */
export interface UsageIteration {
  /** The wire's own name: `compaction`, `advisor_message`, `fallback_message`. */
  readonly type: string;
  /** The model that did it, when it is not the model of the call. */
  readonly model?: string;
  readonly usage: Usage;
}

/**
 * Every quantity Costspan knows: its name in TypeScript → its name in JSON and SQL.
 * The order is the order in which reports and events show them.
 */
export const QUANTITIES = {
  inputTokens: 'input_tokens',
  cacheReadTokens: 'cache_read_tokens',
  cacheWriteTokens: 'cache_write_tokens',
  cacheWrite5mTokens: 'cache_write_5m_tokens',
  cacheWrite1hTokens: 'cache_write_1h_tokens',
  cacheWrite30mTokens: 'cache_write_30m_tokens',
  cacheWrite12hTokens: 'cache_write_12h_tokens',
  inputTextTokens: 'input_text_tokens',
  inputAudioTokens: 'input_audio_tokens',
  inputImageTokens: 'input_image_tokens',
  inputVideoTokens: 'input_video_tokens',
  cacheReadTextTokens: 'cache_read_text_tokens',
  cacheReadAudioTokens: 'cache_read_audio_tokens',
  cacheReadImageTokens: 'cache_read_image_tokens',
  cacheReadVideoTokens: 'cache_read_video_tokens',
  toolUseInputTokens: 'tool_use_input_tokens',
  outputTokens: 'output_tokens',
  reasoningTokens: 'reasoning_tokens',
  outputTextTokens: 'output_text_tokens',
  outputAudioTokens: 'output_audio_tokens',
  outputImageTokens: 'output_image_tokens',
  outputVideoTokens: 'output_video_tokens',
  citationTokens: 'citation_tokens',
  acceptedPredictionTokens: 'accepted_prediction_tokens',
  rejectedPredictionTokens: 'rejected_prediction_tokens',
  totalTokens: 'total_tokens',
  /** Billed per request, on top of tokens. */
  webSearchRequests: 'web_search_requests',
  webFetchRequests: 'web_fetch_requests',
  fileSearchRequests: 'file_search_requests',
  xSearchRequests: 'x_search_requests',
  collectionSearchRequests: 'collection_search_requests',
  codeExecutionRequests: 'code_execution_requests',
  codeInterpreterSessions: 'code_interpreter_sessions',
  groundedPrompts: 'grounded_prompts',
  searchQueries: 'search_queries',
  searchUnits: 'search_units',
  classifications: 'classifications',
  /** Tokens of the image model behind an image generation tool, billed beside the text model's. */
  imageToolInputTokens: 'image_tool_input_tokens',
  imageToolInputTextTokens: 'image_tool_input_text_tokens',
  imageToolInputImageTokens: 'image_tool_input_image_tokens',
  imageToolCacheReadTokens: 'image_tool_cache_read_tokens',
  imageToolOutputTokens: 'image_tool_output_tokens',
  /** Units other than tokens. */
  inputCharacters: 'input_characters',
  inputAudioSeconds: 'input_audio_seconds',
  outputAudioSeconds: 'output_audio_seconds',
  outputImages: 'output_images',
  outputVideoSeconds: 'output_video_seconds',
  inputPages: 'input_pages',
  sessionSeconds: 'session_seconds',
} as const;

export type QuantityName = keyof typeof QUANTITIES;
export type QuantityKey = (typeof QUANTITIES)[QuantityName];

/** The JSON form of `Usage`. */
export type UsageJson = { readonly [Key in QuantityKey]?: number } & {
  readonly iterations?: readonly {
    readonly type: string;
    readonly model?: string;
    readonly usage: UsageJson;
  }[];
};

const ENTRIES = Object.entries(QUANTITIES) as readonly [QuantityName, QuantityKey][];

/** `{ inputTokens: 3 }` → `{ input_tokens: 3 }`. */
export function usageToJson(usage: Usage): UsageJson {
  const json: { -readonly [Key in keyof UsageJson]: UsageJson[Key] } = {};
  for (const [name, key] of ENTRIES) {
    const quantity = usage[name];
    if (quantity !== undefined) json[key] = quantity;
  }
  if (usage.iterations !== undefined) {
    json.iterations = usage.iterations.map((step) => ({ ...step, usage: usageToJson(step.usage) }));
  }
  return json;
}

/** `{ input_tokens: 3 }` → `{ inputTokens: 3 }`; what is not a known quantity is left out. */
export function usageFromJson(json: UsageJson): Usage {
  const usage: { -readonly [Name in keyof Usage]: Usage[Name] } = {};
  for (const [name, key] of ENTRIES) {
    const quantity = json[key];
    if (typeof quantity === 'number') usage[name] = quantity;
  }
  if (json.iterations !== undefined) {
    usage.iterations = json.iterations.map((step) => ({ ...step, usage: usageFromJson(step.usage) }));
  }
  return usage;
}
