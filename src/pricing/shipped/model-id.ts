import { canonicalProvider } from '../../providers/spelling.ts';

/** A model id reduced to what price tables know, with what the id said besides. */
export interface ModelId {
  /** Lower case, without transport prefixes: `gpt-4o-2024-08-06`, `anthropic.claude-opus-4-6-v1:0`. */
  readonly name: string;
  /** Bedrock: the inference profile's scope, `global`, `us`, `eu`, …; absent for a direct, in-region call. */
  readonly scope?: string;
  /** Fine-tuned: `name` is the base model, and its own prices apply. */
  readonly fineTuned?: boolean;
}

/**
 * Takes off what gateways and clouds put around a model's name. What is left is compared whole: a name is
 * never shortened until something matches.
 *
 * `models/gemini-2.5-pro`, `publishers/google/models/gemini-2.5-pro`, `claude-opus-4-6@20260205`,
 * `arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-…-v1:0`, `ft:gpt-4.1-2025-04-14:acme::abc`.
 */
export function readModelId(model: string, provider: string): ModelId {
  const name = model.trim().toLowerCase();
  switch (canonicalProvider(provider)) {
    case 'aws.bedrock':
      return readBedrockId(name);
    case 'gcp.gemini':
      return { name: readGoogleName(name) };
    case 'gcp.vertex_ai':
      // Its OpenAI endpoint names the publisher: `google/gemini-2.5-flash`, `deepseek-ai/deepseek-v3.2-maas`.
      return { name: readGoogleName(name).replace(/^[\w.-]+\/(?=[^/]+$)/, '') };
    case 'openrouter':
      // Routing wishes, not models; `:free`, `:extended` and `:thinking` are models with a price of their own.
      return { name: name.replace(/:(?:floor|nitro)$/, '') };
    case 'openai':
    case 'azure.ai.openai':
    case 'azure.ai.inference':
      return readOpenAiId(name);
    case 'fireworks':
      return { name };
    default:
      return { name: afterLast(name, '/models/', 'models/') };
  }
}

/** `ft:gpt-4o-mini-2024-07-18:org:suffix:id` → the base model; Azure writes `gpt-4o-mini-2024-07-18.ft-…`. */
function readOpenAiId(name: string): ModelId {
  const openai = /^ft:([^:]+)(?::|$)/.exec(name)?.[1];
  if (openai !== undefined) return { name: openai, fineTuned: true };
  const azure = /^(.+)\.ft-/.exec(name)?.[1];
  if (azure !== undefined) return { name: azure, fineTuned: true };
  return { name: name.startsWith('openai/') ? name.slice('openai/'.length) : name };
}

/** `publishers/anthropic/models/claude-opus-4-6@20260205` → `claude-opus-4-6-20260205`. */
function readGoogleName(name: string): string {
  return afterLast(name, '/models/', 'models/')
    .replace(/:(?:generatecontent|streamgeneratecontent|predict|rawpredict|streamrawpredict)$/, '')
    .replace(/@(?:default|latest)$/, '')
    .replace(/@(?=\d)/, '-');
}

const BEDROCK_SCOPES = 'global|us-gov|us|eu|apac|ap|jp|au|ca|in|sa|me|af|mx|uk';
const BEDROCK_PROFILE = new RegExp(`^(${BEDROCK_SCOPES})\\.(.+)$`);

/**
 * Foundation models, inference profiles and imported prefixes. An application inference profile's ARN names
 * nothing but an opaque id; it stays as it is, unpriced until the user gives an alias.
 */
function readBedrockId(name: string): ModelId {
  let id = name.replace(/^bedrock\//, '').replace(/^converse\//, '');
  const arn = /^arn:aws[a-z-]*:bedrock:[^:]*:[^:]*:(foundation-model|inference-profile)\/(.+)$/.exec(id);
  if (arn?.[2] !== undefined) id = arn[2];
  const profile = BEDROCK_PROFILE.exec(id);
  const [, scope, rest] = profile ?? [];
  return scope === undefined || rest === undefined ? { name: id } : { name: rest, scope };
}

function afterLast(name: string, inside: string, atStart: string): string {
  const index = name.lastIndexOf(inside);
  if (index !== -1) return name.slice(index + inside.length);
  return name.startsWith(atStart) ? name.slice(atStart.length) : name;
}

/**
 * Whether what follows a known model's name only says which build of it ran: a date, a build number,
 * `-preview`, `-latest`, `-v1:0`. `-mini`, `-tts`, `-lite` and `-5` name other models.
 */
export function isBuildSuffix(suffix: string): boolean {
  return suffix === '' || BUILD_SUFFIX.test(suffix);
}

const BUILD_SUFFIX = new RegExp(
  `^(?:${[
    '[-@.]?(?:20\\d{2}-?\\d{2}-?\\d{2})', // -2025-04-14, @20250514
    '[-@]\\d{2}-20\\d{2}', // -09-2025
    '[-@]\\d{2}-\\d{2}', // -05-20
    '[-@]\\d{3,4}', // -001, -0125, -2507
    '-v\\d+(?::\\d+)?', // -v1:0
    ':\\d+', // :0
    '[-@](?:latest|preview|exp|experimental|beta|stable|default|native-audio)',
  ].join('|')})+$`,
);
