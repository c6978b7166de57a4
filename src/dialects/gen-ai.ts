import { type JsonObject, known, list, text } from '../base/read.ts';
import type { Reading } from '../wire/reading.ts';
import { QUANTITY_FACTS } from '../usage/quantities.ts';
import type { Layer, SpanCall, SpanReading } from './dialect.ts';
import { providerOf } from './provider.ts';
import { type CachedTokens, countOf, readQuantities, type Spellings } from './quantities.ts';
import type { EndedSpan, SpanRole } from './span.ts';

/** What a dialect on top of the `gen_ai.*` names says otherwise. */
export interface GenAiDialect {
  readonly role?: SpanRole;
  readonly layer?: Layer;
  readonly cached?: CachedTokens;
  /** Names that only this dialect has, asked before the shared ones. */
  readonly spellings?: Spellings;
  readonly call?: Partial<SpanCall>;
  readonly reading?: Partial<Reading>;
}

/** Reads a span by the `gen_ai.*` names, old and new; undefined when it says nothing by them. */
export function readGenAi(span: EndedSpan, dialect: GenAiDialect = {}): SpanReading | undefined {
  const role = dialect.role ?? roleOf(span);
  if (role === undefined) return undefined;
  if (role !== 'call') return { role };
  return { role, layer: dialect.layer ?? layerOf(span), call: genAiCall(span, dialect) };
}

function genAiCall(span: EndedSpan, { cached, spellings, call, reading }: GenAiDialect): SpanCall {
  const { attributes } = span;
  const requestModel = firstText(attributes, REQUEST_MODEL);
  const responseModel = text(attributes['gen_ai.response.model']);
  const serverAddress = text(attributes['server.address']);
  const named = firstText(attributes, PROVIDER);
  return {
    ...providerOf(named, responseModel ?? requestModel, serverAddress ?? apiBase(attributes)),
    operation: operationOf(attributes) ?? 'chat',
    request: known({ model: requestModel, stream: isStream(attributes) }),
    reading: known({
      responseId: text(attributes['gen_ai.response.id']),
      responseModel,
      usage: readQuantities(attributes, { ...GEN_AI_QUANTITIES, ...spellings }, cached),
      serviceTier: firstText(attributes, SERVICE_TIER),
      finishReasons: finishReasons(attributes),
      ...reading,
    }),
    ...outcomeOf(span),
    ...known({
      serverAddress,
      serverPort: countOf(attributes['server.port']),
      timeToFirstTokenMs: milliseconds(attributes['gen_ai.response.time_to_first_chunk']),
    }),
    ...call,
  };
}

/** How it went: the span's own status, and the least of its words that a metric can bear. */
export function outcomeOf(span: EndedSpan): Pick<SpanCall, 'status' | 'errorType'> {
  if (!span.failed) return { status: 'ok' };
  const errorType = text(span.attributes['error.type']) ?? span.exceptionType?.split('.').at(-1);
  return { status: 'error', ...known({ errorType }) };
}

const NEWEST = QUANTITY_FACTS;

/**
 * The names of every version of the conventions, and of those who took them up early. A name means the same to all
 * who use it, but for one thing: whether the input includes the cached tokens.
 */
export const GEN_AI_QUANTITIES: Spellings = {
  inputTokens: [
    NEWEST.inputTokens.attribute,
    'gen_ai.usage.prompt_tokens',
    'llm.usage.prompt_tokens',
    // The very oldest of Traceloop's.
    'llm.usage.input_tokens',
  ],
  outputTokens: [
    NEWEST.outputTokens.attribute,
    'gen_ai.usage.completion_tokens',
    'llm.usage.completion_tokens',
  ],
  totalTokens: ['gen_ai.usage.total_tokens', 'llm.usage.total_tokens'],
  cacheReadTokens: [
    NEWEST.cacheReadTokens.attribute,
    'gen_ai.usage.cache_read_input_tokens',
    'gen_ai.usage.details.cache_read_tokens',
    'gen_ai.usage.input_tokens.cached',
    'gen_ai.usage.cached_tokens',
  ],
  cacheWriteTokens: [
    NEWEST.cacheWriteTokens.attribute,
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
    'gen_ai.usage.details.cache_write_tokens',
    'gen_ai.usage.input_tokens.cache_write',
  ],
  reasoningTokens: [
    NEWEST.reasoningTokens.attribute,
    'gen_ai.usage.reasoning_tokens',
    'llm.usage.reasoning_tokens',
    'gen_ai.usage.details.reasoning_tokens',
    'gen_ai.usage.output_tokens.reasoning',
  ],
  inputTextTokens: [NEWEST.inputTextTokens.attribute],
  inputAudioTokens: [NEWEST.inputAudioTokens.attribute, 'gen_ai.usage.details.input_audio_tokens'],
  inputImageTokens: [NEWEST.inputImageTokens.attribute],
  cacheReadTextTokens: [NEWEST.cacheReadTextTokens.attribute],
  cacheReadAudioTokens: [
    NEWEST.cacheReadAudioTokens.attribute,
    'gen_ai.usage.details.cache_audio_read_tokens',
  ],
  cacheReadImageTokens: [NEWEST.cacheReadImageTokens.attribute],
  outputTextTokens: [NEWEST.outputTextTokens.attribute],
  outputAudioTokens: [NEWEST.outputAudioTokens.attribute, 'gen_ai.usage.details.output_audio_tokens'],
  outputImageTokens: [NEWEST.outputImageTokens.attribute],
};

const PROVIDER = ['gen_ai.provider.name', 'gen_ai.system'] as const;
const REQUEST_MODEL = ['gen_ai.request.model', 'gen_ai.model'] as const;
const SERVICE_TIER = [
  'openai.response.service_tier',
  'gen_ai.openai.response.service_tier',
  'anthropic.usage.service_tier',
] as const;

/** The first of several attributes that is a non-empty text. */
export function firstText(attributes: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = text(attributes[name]);
    if (value !== undefined) return value;
  }
  return undefined;
}

function operationOf(attributes: JsonObject): string | undefined {
  const named = text(attributes['gen_ai.operation.name']) ?? text(attributes['llm.request.type']);
  return named === undefined ? undefined : (OPERATIONS[named] ?? named);
}

/** Other words for the conventions' operations. */
const OPERATIONS: Readonly<Record<string, string>> = {
  completion: 'text_completion',
  embedding: 'embeddings',
  embed: 'embeddings',
  responses: 'chat',
  message: 'chat',
  messages: 'chat',
};

/** Operations that are no request to a model, and what they are instead. */
const OTHER_ROLES: Readonly<Record<string, SpanRole>> = {
  invoke_agent: 'agent',
  create_agent: 'agent',
  execute_tool: 'tool',
  invoke_workflow: 'group',
  agent_step: 'group',
  plan: 'group',
  retrieval: 'group',
  // Reads what another request consumed: usage on it would count twice.
  fetch_response: 'group',
};

/** By the operation's name; without one, a span with a model and tokens is taken for a call. */
function roleOf({ attributes }: EndedSpan): SpanRole | undefined {
  if (text(attributes['mcp.method.name']) !== undefined) return 'tool';
  const operation = operationOf(attributes);
  if (operation !== undefined) {
    if (operation.endsWith('memory')) return 'group';
    return OTHER_ROLES[operation] ?? 'call';
  }
  if (text(attributes['gen_ai.tool.name']) !== undefined) return 'tool';
  if (text(attributes['gen_ai.agent.name']) !== undefined) return 'agent';
  const isCall =
    firstText(attributes, REQUEST_MODEL) !== undefined &&
    readQuantities(attributes, GEN_AI_QUANTITIES) !== undefined;
  return isCall ? 'call' : undefined;
}

/** Frameworks make their spans above the SDKs that send; all else that calls itself a client sends. */
export function layerOf({ scope, isClient }: EndedSpan): Layer {
  return isClient && !FRAMEWORK_SCOPE.test(scope.name) ? 'wire' : 'framework';
}

const FRAMEWORK_SCOPE =
  /lang(?:chain|graph|smith)|llama.?index|crewai|haystack|litellm|agents|pydantic|mastra|semantic.?kernel|autogen|dspy|instructor|adk|strands|smolagents|agno|spring|genkit|langfuse/i;

function isStream(attributes: JsonObject): true | undefined {
  const said = ['gen_ai.request.stream', 'gen_ai.is_streaming', 'llm.is_streaming'].some(
    (name) => attributes[name] === true,
  );
  return said ? true : undefined;
}

function finishReasons(attributes: JsonObject): readonly string[] | undefined {
  const reasons = list(attributes['gen_ai.response.finish_reasons']).flatMap((each) => text(each) ?? []);
  if (reasons.length > 0) return reasons;
  const reason = text(attributes['gen_ai.response.finish_reason']);
  return reason === undefined ? undefined : [reason];
}

/** Where Traceloop keeps the base URL of an OpenAI client. */
function apiBase(attributes: JsonObject): string | undefined {
  const base = firstText(attributes, ['gen_ai.openai.api_base', 'server.url']);
  return base === undefined || !URL.canParse(base) ? undefined : new URL(base).host;
}

function milliseconds(seconds: unknown): number | undefined {
  const value = countOf(seconds);
  return value === undefined ? undefined : Math.round(value * 1000);
}
