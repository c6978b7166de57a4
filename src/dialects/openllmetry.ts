import { type JsonObject, text } from '../base/read.ts';
import type { Dialect } from './dialect.ts';
import { readGenAi } from './gen-ai.ts';
import type { CachedTokens } from './quantities.ts';
import type { EndedSpan, OtherRole } from './span.ts';
import { entriesBelow } from './entries.ts';

/**
 * OpenLLMetry (Traceloop), JavaScript and Python, in its old names (`llm.usage.*`, `gen_ai.usage.prompt_tokens`) and
 * its new ones. Workflows, tasks, agents and tools are spans of their own.
 */
export const openllmetry: Dialect = {
  name: 'openllmetry',
  read: (span) => {
    const kind = text(span.attributes['traceloop.span.kind']);
    const isOurs = kind !== undefined || SCOPE.test(span.scope.name) || isOldForm(span.attributes);
    if (!isOurs) return undefined;
    const metadata = entriesBelow(span.attributes, 'traceloop.association.properties.');
    const role = kind === undefined ? undefined : ROLES[kind];
    const reading = role === undefined ? { cached: cachedTokens(span), call: { metadata } } : { role };
    return readGenAi(span, reading) ?? { role: 'group' };
  },
};

const SCOPE =
  /^@traceloop\/|^opentelemetry\.instrumentation\.(?:openai|anthropic|google_generativeai|vertexai|bedrock|cohere|groq|mistralai|ollama|together|replicate|watsonx|langchain|llamaindex|crewai|haystack|openai_agents|mcp)(?:\.v\d)?$/;

const ROLES: Readonly<Record<string, OtherRole>> = {
  workflow: 'group',
  task: 'group',
  agent: 'agent',
  tool: 'tool',
};

function isOldForm(attributes: JsonObject): boolean {
  return 'llm.request.type' in attributes || 'llm.usage.total_tokens' in attributes;
}

/**
 * OpenAI's input always includes them. Of Anthropic's, the instrumentation for JavaScript wrote the wire's own figure
 * up to 0.27; the one for Python adds the cached tokens, and writes them on the span, since 0.29.
 */
function cachedTokens({ scope, attributes }: EndedSpan): CachedTokens {
  if (scope.name !== '@traceloop/instrumentation-anthropic') return 'included';
  const total = attributes['gen_ai.usage.total_tokens'] ?? attributes['llm.usage.total_tokens'];
  return isBelow(scope.version, 0, 28) && total !== undefined ? 'beside' : 'included';
}

function isBelow(version: string | undefined, major: number, minor: number): boolean {
  const [, givenMajor = '0', givenMinor = '0'] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return Number(givenMajor) < major || (Number(givenMajor) === major && Number(givenMinor) < minor);
}
