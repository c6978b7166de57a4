import { known, text } from '../base/read.ts';
import type { Dialect } from './dialect.ts';
import { entriesBelow, jsonObject } from './entries.ts';
import { firstText, outcomeOf } from './gen-ai.ts';
import { providerOf } from './provider.ts';
import { readQuantities, type Spellings } from './quantities.ts';
import type { EndedSpan, SpanRole } from './span.ts';

/** OpenInference (Arize, Phoenix): `openinference.span.kind` tells calls from chains, agents, tools and retrievers. */
export const openinference: Dialect = {
  name: 'openinference',
  read: (span) => {
    const { attributes } = span;
    const kind = text(attributes['openinference.span.kind']);
    if (kind === undefined) return undefined;
    const role = ROLES[kind.toUpperCase()] ?? 'group';
    if (role !== 'call') return { role };
    const requestModel =
      text(jsonObject(attributes['llm.invocation_parameters'])?.model) ??
      firstText(attributes, REQUEST_MODEL);
    const responseModel = firstText(attributes, RESPONSE_MODEL);
    const named = firstText(attributes, ['llm.provider', 'llm.system']);
    const serverAddress = text(attributes['server.address']);
    return {
      role,
      layer: SDK_SCOPE.test(span.scope.name) ? 'wire' : 'framework',
      call: {
        ...providerOf(named, responseModel ?? requestModel, serverAddress),
        operation: OPERATIONS[kind.toUpperCase()] ?? 'chat',
        request: known({ model: requestModel ?? responseModel }),
        reading: known({
          responseModel,
          responseId: text(attributes['gen_ai.response.id']) ?? idOfReply(attributes['output.value']),
          usage: readQuantities(attributes, QUANTITIES, isBeside(span) ? 'beside' : 'included'),
          finishReasons: reasons(attributes['llm.finish_reason']),
        }),
        ...outcomeOf(span),
        ...known({ serverAddress }),
        metadata: {
          ...entriesBelow(attributes, 'metadata.'),
          ...jsonObject(attributes.metadata),
        },
      },
    };
  },
};

const ROLES: Readonly<Record<string, SpanRole>> = {
  LLM: 'call',
  EMBEDDING: 'call',
  RERANKER: 'call',
  AGENT: 'agent',
  TOOL: 'tool',
};

const OPERATIONS: Readonly<Record<string, string>> = { EMBEDDING: 'embeddings', RERANKER: 'rerank' };
const REQUEST_MODEL = [
  'llm.request.model_name',
  'llm.model_name',
  'embedding.model_name',
  'reranker.model_name',
];
const RESPONSE_MODEL = ['llm.response.model_name', 'llm.model_name'];

/** Instrumentations of the SDKs that send, in both languages; those of frameworks stand above them. */
const SDK_SCOPE =
  /instrumentation[-.](?:openai|anthropic|bedrock|google[-_]genai|groq|mistralai|vertexai|litellm|together|portkey)$/;

/** Anthropic's instrumentation for JavaScript wrote the wire's own input up to 0.1. */
function isBeside({ scope }: EndedSpan): boolean {
  return scope.name.endsWith('instrumentation-anthropic') && /^0\.[01]\./.test(scope.version ?? '');
}

const QUANTITIES: Spellings = {
  inputTokens: ['llm.token_count.prompt'],
  outputTokens: ['llm.token_count.completion'],
  totalTokens: ['llm.token_count.total'],
  cacheReadTokens: ['llm.token_count.prompt_details.cache_read'],
  cacheWriteTokens: ['llm.token_count.prompt_details.cache_write'],
  inputAudioTokens: ['llm.token_count.prompt_details.audio'],
  inputImageTokens: ['llm.token_count.prompt_details.image'],
  reasoningTokens: ['llm.token_count.completion_details.reasoning'],
  outputAudioTokens: ['llm.token_count.completion_details.audio'],
  outputImageTokens: ['llm.token_count.completion_details.image'],
};

/** The reply's id stands first in the JSON of a reply; nothing else of it is read. */
function idOfReply(output: unknown): string | undefined {
  return /^\{\s*"id":\s*"((?:chatcmpl|resp|msg|gen|cmpl)[-_][\w.:-]{1,200})"/.exec(
    text(output)?.slice(0, 256) ?? '',
  )?.[1];
}

function reasons(reason: unknown): readonly string[] | undefined {
  const said = text(reason);
  return said === undefined ? undefined : [said];
}
