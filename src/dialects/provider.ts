import { known } from '../base/read.ts';
import { identifyHost } from '../providers/host.ts';
import { providerAt } from '../providers/registry.ts';
import { canonicalProvider } from '../providers/spelling.ts';

/** Who answers, as a span tells it. */
export interface SpanProvider {
  readonly provider: string;
  readonly region?: string;
}

/**
 * The provider a span names, under our spelling. A client of OpenAI's says `openai` whoever answers, so a host that
 * is known speaks first. A framework's name is no provider's: then the model tells.
 */
export function providerOf(named: string | undefined, model?: string, address?: string): SpanProvider {
  if (address !== undefined && providerAt(address.replace(/:\d+$/, '')) !== undefined) {
    const { provider, region } = identifyHost(`https://${address}`);
    return known({ provider, region });
  }
  const provider = canonicalProvider(named ?? '');
  return { provider: FRAMEWORKS.has(provider) ? makerOf(model ?? '') : provider };
}

const FRAMEWORKS: ReadonlySet<string> = new Set([
  '',
  '_other',
  'unknown',
  'langchain',
  'langgraph',
  'llamaindex',
  'llama_index',
  'crewai',
  'haystack',
  'litellm',
  'vercel',
  'mastra',
]);

/** Who made a model, for spans that name nobody. */
function makerOf(model: string): string {
  return MAKERS.find(([pattern]) => pattern.test(model))?.[1] ?? 'unknown';
}

const MAKERS: readonly (readonly [RegExp, string])[] = [
  [/^(gpt-|chatgpt-|o\d|text-embedding-|dall-e|whisper|tts-)/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^(models\/)?(gemini|gemma)-/, 'gcp.gemini'],
  [/^(anthropic|amazon|meta|cohere|mistral|ai21)\.[a-z]/, 'aws.bedrock'],
  [/^(mistral|codestral|ministral|pixtral|magistral)-/, 'mistral_ai'],
  [/^command-/, 'cohere'],
  [/^deepseek-/, 'deepseek'],
  [/^grok-/, 'x_ai'],
];
