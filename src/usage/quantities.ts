/** What is known about one quantity; every list of quantities and of token meters in this project is made from these. */
interface QuantityFacts {
  /** Its name in JSON and SQL. */
  readonly key: string;
  /** The attribute that the GenAI conventions have for it. Default: `costspan.usage.<key>`. */
  readonly attribute?: string;
  /** The line item under which its own share is billed; absent = it is only ever billed with what it is within. */
  readonly meter?: string;
  /** The quantity that includes this one. */
  readonly within?: string;
  /** The kind of content behind these tokens. */
  readonly modality?: 'text' | 'audio' | 'image' | 'video';
  /**
   * How it is counted. `token`: of the model that answers. `image_tool_token`: of the image model behind a tool.
   * `unit`: another way to measure what the tokens measure. `fee`: beside the tokens.
   */
  readonly kind: 'token' | 'image_tool_token' | 'unit' | 'fee';
  /** Shown in every report, with a column of its own in ledgers. */
  readonly headline?: true;
}

/**
 * Every quantity Costspan knows, by its name in TypeScript. The order is the order in which reports and events show
 * them.
 */
export const QUANTITY_FACTS = {
  inputTokens: {
    key: 'input_tokens',
    attribute: 'gen_ai.usage.input_tokens',
    meter: 'input',
    kind: 'token',
    headline: true,
  },
  cacheReadTokens: {
    key: 'cache_read_tokens',
    attribute: 'gen_ai.usage.cache_read.input_tokens',
    meter: 'cache_read',
    within: 'inputTokens',
    kind: 'token',
    headline: true,
  },
  cacheWriteTokens: {
    key: 'cache_write_tokens',
    attribute: 'gen_ai.usage.cache_write.input_tokens',
    meter: 'cache_write',
    within: 'inputTokens',
    kind: 'token',
    headline: true,
  },
  cacheWrite5mTokens: {
    key: 'cache_write_5m_tokens',
    meter: 'cache_write_5m',
    within: 'cacheWriteTokens',
    kind: 'token',
  },
  cacheWrite1hTokens: {
    key: 'cache_write_1h_tokens',
    meter: 'cache_write_1h',
    within: 'cacheWriteTokens',
    kind: 'token',
  },
  cacheWrite30mTokens: {
    key: 'cache_write_30m_tokens',
    meter: 'cache_write_30m',
    within: 'cacheWriteTokens',
    kind: 'token',
  },
  cacheWrite12hTokens: {
    key: 'cache_write_12h_tokens',
    meter: 'cache_write_12h',
    within: 'cacheWriteTokens',
    kind: 'token',
  },
  inputTextTokens: {
    key: 'input_text_tokens',
    attribute: 'gen_ai.usage.text.input_tokens',
    within: 'inputTokens',
    modality: 'text',
    kind: 'token',
  },
  inputAudioTokens: {
    key: 'input_audio_tokens',
    attribute: 'gen_ai.usage.audio.input_tokens',
    meter: 'input_audio',
    within: 'inputTokens',
    modality: 'audio',
    kind: 'token',
  },
  inputImageTokens: {
    key: 'input_image_tokens',
    attribute: 'gen_ai.usage.image.input_tokens',
    meter: 'input_image',
    within: 'inputTokens',
    modality: 'image',
    kind: 'token',
  },
  inputVideoTokens: {
    key: 'input_video_tokens',
    meter: 'input_video',
    within: 'inputTokens',
    modality: 'video',
    kind: 'token',
  },
  cacheReadTextTokens: {
    key: 'cache_read_text_tokens',
    attribute: 'gen_ai.usage.text.cache_read.input_tokens',
    within: 'cacheReadTokens',
    modality: 'text',
    kind: 'token',
  },
  cacheReadAudioTokens: {
    key: 'cache_read_audio_tokens',
    attribute: 'gen_ai.usage.audio.cache_read.input_tokens',
    meter: 'cache_read_audio',
    within: 'cacheReadTokens',
    modality: 'audio',
    kind: 'token',
  },
  cacheReadImageTokens: {
    key: 'cache_read_image_tokens',
    attribute: 'gen_ai.usage.image.cache_read.input_tokens',
    meter: 'cache_read_image',
    within: 'cacheReadTokens',
    modality: 'image',
    kind: 'token',
  },
  cacheReadVideoTokens: {
    key: 'cache_read_video_tokens',
    meter: 'cache_read_video',
    within: 'cacheReadTokens',
    modality: 'video',
    kind: 'token',
  },
  toolUseInputTokens: { key: 'tool_use_input_tokens', within: 'inputTokens', kind: 'token' },
  outputTokens: {
    key: 'output_tokens',
    attribute: 'gen_ai.usage.output_tokens',
    meter: 'output',
    kind: 'token',
    headline: true,
  },
  reasoningTokens: {
    key: 'reasoning_tokens',
    attribute: 'gen_ai.usage.reasoning.output_tokens',
    meter: 'reasoning',
    within: 'outputTokens',
    kind: 'token',
    headline: true,
  },
  outputTextTokens: {
    key: 'output_text_tokens',
    attribute: 'gen_ai.usage.text.output_tokens',
    within: 'outputTokens',
    modality: 'text',
    kind: 'token',
  },
  outputAudioTokens: {
    key: 'output_audio_tokens',
    attribute: 'gen_ai.usage.audio.output_tokens',
    meter: 'output_audio',
    within: 'outputTokens',
    modality: 'audio',
    kind: 'token',
  },
  outputImageTokens: {
    key: 'output_image_tokens',
    attribute: 'gen_ai.usage.image.output_tokens',
    meter: 'output_image',
    within: 'outputTokens',
    modality: 'image',
    kind: 'token',
  },
  outputVideoTokens: {
    key: 'output_video_tokens',
    meter: 'output_video',
    within: 'outputTokens',
    modality: 'video',
    kind: 'token',
  },
  citationTokens: { key: 'citation_tokens', meter: 'citation', within: 'outputTokens', kind: 'token' },
  acceptedPredictionTokens: { key: 'accepted_prediction_tokens', within: 'outputTokens', kind: 'token' },
  rejectedPredictionTokens: { key: 'rejected_prediction_tokens', within: 'outputTokens', kind: 'token' },
  totalTokens: { key: 'total_tokens', kind: 'token', headline: true },
  // Billed per request, on top of tokens.
  webSearchRequests: { key: 'web_search_requests', meter: 'web_search', kind: 'fee' },
  webFetchRequests: { key: 'web_fetch_requests', meter: 'web_fetch', kind: 'fee' },
  fileSearchRequests: { key: 'file_search_requests', meter: 'file_search', kind: 'fee' },
  xSearchRequests: { key: 'x_search_requests', meter: 'x_search', kind: 'fee' },
  collectionSearchRequests: { key: 'collection_search_requests', meter: 'collection_search', kind: 'fee' },
  codeExecutionRequests: { key: 'code_execution_requests', meter: 'code_execution', kind: 'fee' },
  codeInterpreterSessions: {
    key: 'code_interpreter_sessions',
    meter: 'code_interpreter_session',
    kind: 'fee',
  },
  groundedPrompts: { key: 'grounded_prompts', meter: 'grounded_prompt', kind: 'fee' },
  mapsGroundedPrompts: { key: 'maps_grounded_prompts', meter: 'maps_grounded_prompt', kind: 'fee' },
  searchQueries: { key: 'search_queries', meter: 'search_query', kind: 'fee' },
  searchUnits: { key: 'search_units', meter: 'search_unit', kind: 'fee' },
  classifications: { key: 'classifications', meter: 'classification', kind: 'fee' },
  // Text units of Amazon's guardrails, a thousand characters each, and the images they looked at.
  guardrailContentUnits: { key: 'guardrail_content_units', meter: 'guardrail_content_unit', kind: 'fee' },
  guardrailTopicUnits: { key: 'guardrail_topic_units', meter: 'guardrail_topic_unit', kind: 'fee' },
  guardrailSensitiveInformationUnits: {
    key: 'guardrail_sensitive_information_units',
    meter: 'guardrail_sensitive_information_unit',
    kind: 'fee',
  },
  guardrailGroundingUnits: {
    key: 'guardrail_grounding_units',
    meter: 'guardrail_grounding_unit',
    kind: 'fee',
  },
  guardrailReasoningUnits: {
    key: 'guardrail_reasoning_units',
    meter: 'guardrail_reasoning_unit',
    kind: 'fee',
  },
  guardrailImages: { key: 'guardrail_images', meter: 'guardrail_image', kind: 'fee' },
  // Tokens of the image model behind an image generation tool, billed beside the text model's.
  imageToolInputTokens: {
    key: 'image_tool_input_tokens',
    meter: 'image_tool_input',
    kind: 'image_tool_token',
  },
  imageToolInputTextTokens: {
    key: 'image_tool_input_text_tokens',
    within: 'imageToolInputTokens',
    modality: 'text',
    kind: 'image_tool_token',
  },
  imageToolInputImageTokens: {
    key: 'image_tool_input_image_tokens',
    meter: 'image_tool_input_image',
    within: 'imageToolInputTokens',
    modality: 'image',
    kind: 'image_tool_token',
  },
  imageToolCacheReadTokens: {
    key: 'image_tool_cache_read_tokens',
    meter: 'image_tool_cache_read',
    within: 'imageToolInputTokens',
    kind: 'image_tool_token',
  },
  imageToolOutputTokens: {
    key: 'image_tool_output_tokens',
    meter: 'image_tool_output',
    kind: 'image_tool_token',
  },
  // Units other than tokens.
  inputCharacters: { key: 'input_characters', meter: 'input_characters', kind: 'unit' },
  inputAudioSeconds: { key: 'input_audio_seconds', meter: 'input_audio_seconds', kind: 'unit' },
  outputAudioSeconds: { key: 'output_audio_seconds', meter: 'output_audio_seconds', kind: 'unit' },
  outputImages: { key: 'output_images', meter: 'output_images', kind: 'unit' },
  outputVideoSeconds: { key: 'output_video_seconds', meter: 'output_video_seconds', kind: 'unit' },
  inputPages: { key: 'input_pages', meter: 'input_pages', kind: 'unit' },
  sessionSeconds: { key: 'session_seconds', meter: 'session_seconds', kind: 'fee' },
} as const;

type AllFacts = typeof QUANTITY_FACTS;

export type QuantityName = keyof AllFacts;
export type QuantityKey = AllFacts[QuantityName]['key'];
export type QuantityKind = QuantityFacts['kind'];
export type Modality = NonNullable<QuantityFacts['modality']>;
/** The meters under which quantities of these kinds are billed. */
export type MeterOf<Kind extends QuantityKind = QuantityKind> = Extract<
  AllFacts[QuantityName],
  { readonly kind: Kind; readonly meter: string }
>['meter'];

/** One row of the registry, with every field that a row may have. */
export interface Quantity {
  readonly name: QuantityName;
  readonly key: QuantityKey;
  readonly attribute: string;
  readonly meter: MeterOf | undefined;
  readonly within: QuantityName | undefined;
  readonly modality: Modality | undefined;
  readonly kind: QuantityKind;
  readonly headline: boolean;
}

/** The registry as a list, in its order. */
export const ALL_QUANTITIES: readonly Quantity[] = (Object.keys(QUANTITY_FACTS) as QuantityName[]).map(
  (name) => {
    const facts: QuantityFacts & { readonly key: QuantityKey; readonly meter?: MeterOf } =
      QUANTITY_FACTS[name];
    return {
      name,
      key: facts.key,
      attribute: facts.attribute ?? `costspan.usage.${facts.key}`,
      meter: facts.meter,
      within: facts.within as QuantityName | undefined,
      modality: facts.modality,
      kind: facts.kind,
      headline: facts.headline ?? false,
    };
  },
);

/** Name in TypeScript → name in JSON and SQL. */
export const QUANTITIES: { readonly [Name in QuantityName]: AllFacts[Name]['key'] } = Object.fromEntries(
  ALL_QUANTITIES.map(({ name, key }) => [name, key]),
) as { [Name in QuantityName]: AllFacts[Name]['key'] };

/** The quantities that every report shows. */
export const HEADLINE_QUANTITIES: readonly Quantity[] = ALL_QUANTITIES.filter(({ headline }) => headline);

/** The quantities directly inside another one: `partsOf('cacheWriteTokens')` → its lifetimes. */
export function partsOf(whole: QuantityName): readonly Quantity[] {
  return ALL_QUANTITIES.filter(({ within }) => within === whole);
}

/** The meters of a kind, in the registry's order. */
export function metersOf<Kind extends QuantityKind>(kind: Kind): readonly MeterOf<Kind>[] {
  return ALL_QUANTITIES.flatMap((quantity) =>
    quantity.kind === kind && quantity.meter !== undefined ? [quantity.meter as MeterOf<Kind>] : [],
  );
}
