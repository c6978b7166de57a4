import { ConfigError, checkOptions, describe } from '../errors.ts';

/** Who answers at a base URL, and what may be asked of them. */
export interface Host {
  /** OTel's well-known provider name where one exists, else the host's owner; `self_hosted` for own machines. */
  readonly provider: string;
  /** A streamed chat may carry `stream_options.include_usage` that the application did not send. */
  readonly includeUsage: boolean;
  /** Where the cloud runs the model, when the client says so: `us-east5`, `global`. */
  readonly region?: string;
}

/**
 * What the user says about hosts: the name of the provider behind a host, or that and whether the usage of
 * streams may be asked for. Keys are host names, with a port or with a leading `*.` where that matters.
 *
 * @example
 * const providers: HostOverrides = { 'llm.internal': 'vllm', '*.gateway.example': { provider: 'openai', includeUsage: false } };
 */
export type HostOverrides = Readonly<
  Record<string, string | { readonly provider: string; readonly includeUsage?: boolean }>
>;

/** Recognises the provider behind a base URL; the user's word comes first. Never throws. */
export function identifyHost(baseUrl: string, overrides: HostOverrides = {}): Host {
  const { address, name, path } = partsOf(baseUrl);
  const said = overrideFor(address, name, overrides);
  if (typeof said === 'string') return host(said);
  if (said !== undefined) return { ...host(said.provider), ...said };
  return host(name === '' ? 'self_hosted' : providerOf(name, path));
}

/** Whether the user said who answers at this base URL: then there is nothing to guess. */
export function isOverridden(baseUrl: string, overrides: HostOverrides): boolean {
  const { address, name } = partsOf(baseUrl);
  return overrideFor(address, name, overrides) !== undefined;
}

function overrideFor(
  address: string,
  name: string,
  overrides: HostOverrides,
): HostOverrides[string] | undefined {
  return overrides[address] ?? overrides[name] ?? overrides[`*.${suffixOf(name, overrides) ?? ''}`];
}

/** The host with its port, without, and the path. */
function partsOf(baseUrl: string): { address: string; name: string; path: string } {
  const [, authority = '', path = ''] = /^[a-z][a-z+.-]*:\/\/([^/?#]*)([^?#]*)/i.exec(baseUrl) ?? [];
  const address = authority.replace(/^.*@/, '').toLowerCase();
  const name = address
    .replace(/:\d*$/, '')
    .replace(/\.$/, '')
    .replaceAll(/^\[|\]$/g, '');
  return { address, name, path };
}

/** @throws {ConfigError} `new OpenAIInstrumentation: providers['llm.internal'] must be a provider's name …` */
export function checkHostOverrides(where: string, given: unknown): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigError(
      `${where}: providers must map host names to provider names, got ${describe(given)}. ` +
        `Example: { 'llm.internal': 'vllm' }.`,
    );
  }
  for (const [name, value] of Object.entries(given)) {
    if (name === '' || name.includes('/')) {
      throw new ConfigError(
        `${where}: providers has the key ${describe(name)}; expected a host name without scheme and path, ` +
          `such as 'llm.internal' or 'localhost:8000'.`,
      );
    }
    const provider: unknown = typeof value === 'object' && value !== null ? value.provider : value;
    if (typeof provider === 'string' && provider !== '') {
      if (value !== provider)
        checkOptions(`${where}: providers['${name}']`, value, ['provider', 'includeUsage']);
      continue;
    }
    throw new ConfigError(
      `${where}: providers['${name}'] must be a provider's name, got ${describe(provider)}. Example: 'vllm'.`,
    );
  }
}

function host(provider: string): Host {
  return { provider, includeUsage: INCLUDE_USAGE.has(provider) };
}

/** The longest part of a host name for which there is a `*.` entry. */
function suffixOf(name: string, overrides: HostOverrides): string | undefined {
  const labels = name.split('.');
  return labels
    .map((_, index) => labels.slice(index + 1).join('.'))
    .find((suffix) => suffix !== '' && `*.${suffix}` in overrides);
}

/**
 * Providers whose chat completions take `stream_options.include_usage`. Mistral refuses fields it does not know
 * and sends the usage unasked, like Perplexity; of a host nobody knows nothing is asked.
 */
const INCLUDE_USAGE: ReadonlySet<string> = new Set([
  'anthropic',
  'aws.bedrock',
  'azure.ai.inference',
  'azure.ai.openai',
  'alibaba',
  'cerebras',
  'deepinfra',
  'deepseek',
  'fireworks',
  'gcp.gemini',
  'gcp.vertex_ai',
  'groq',
  'huggingface',
  'litellm',
  'lm_studio',
  'moonshot_ai',
  'nvidia',
  'ollama',
  'openai',
  'openrouter',
  'sambanova',
  'self_hosted',
  'vercel',
  'vllm',
  'x_ai',
]);

/** Host name → provider. The first that fits wins; all else is named after the owner of its domain. */
const HOSTS: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)api\.openai\.com$/, 'openai'],
  [/(^|\.)api\.anthropic\.com$/, 'anthropic'],
  [/^aws-external-anthropic\./, 'anthropic'],
  [/\.(openai\.azure|cognitiveservices\.azure|azure-api)\.(com|net|us|cn)$/, 'azure.ai.openai'],
  [/\.services\.ai\.azure\.(com|us)$/, 'azure.ai.inference'],
  [/(^|\.)(inference\.ai\.azure\.com|models\.ai\.azure\.com)$/, 'azure.ai.inference'],
  [/^bedrock(-runtime|-mantle)?(-fips)?\..*(amazonaws\.com(\.cn)?|api\.aws)$/, 'aws.bedrock'],
  [/^generativelanguage\.googleapis\.com$/, 'gcp.gemini'],
  [/(^|-|\.)aiplatform\.(googleapis\.com|[a-z]{2}\.rep\.googleapis\.com)$/, 'gcp.vertex_ai'],
  [/(^|\.)deepseek\.com$/, 'deepseek'],
  [/(^|\.)groq\.com$/, 'groq'],
  [/(^|\.)x\.ai$/, 'x_ai'],
  [/(^|\.)mistral\.ai$/, 'mistral_ai'],
  [/(^|\.)perplexity\.ai$/, 'perplexity'],
  [/(^|\.)cohere\.(com|ai)$/, 'cohere'],
  [/(^|\.)moonshot\.(ai|cn)$/, 'moonshot_ai'],
  [/(^|\.)ml\.cloud\.ibm\.com$/, 'ibm.watsonx.ai'],
  [/(^|\.)together\.(xyz|ai)$/, 'together'],
  [/^(router\.huggingface\.co|api-inference\.huggingface\.co)$/, 'huggingface'],
  [/\.endpoints\.huggingface\.cloud$/, 'huggingface'],
  [/^ai-gateway\.vercel\.sh$/, 'vercel'],
  [/^gateway\.ai\.cloudflare\.com$/, 'cloudflare'],
  [/(^|\.)dashscope(-[a-z]+)?\.aliyuncs\.com$/, 'alibaba'],
  [/(^|\.)(z\.ai|bigmodel\.cn)$/, 'zai'],
  [/^(models\.github\.ai|models\.inference\.ai\.azure\.com)$/, 'github'],
  [/(^|\.)snowflakecomputing\.(com|cn)$/, 'snowflake'],
  [/\.(cloud\.databricks\.com|azuredatabricks\.net|gcp\.databricks\.com)$/, 'databricks'],
];

/** Own machines: loopback, private networks, names without a public domain. */
const OWN = [
  /^(localhost|.*\.(localhost|local|internal|lan|home|corp|test|svc|cluster\.local))$/,
  /^[^.]+$/,
  /^\d+\.\d+\.\d+\.\d+$/,
  /^[0-9a-f:.]*:[0-9a-f:.]*$/i,
];

function providerOf(name: string, path: string): string {
  for (const [pattern, provider] of HOSTS) {
    if (!pattern.test(name)) continue;
    // A Foundry resource speaks OpenAI's own API below `/openai`.
    return provider === 'azure.ai.inference' && path.startsWith('/openai') ? 'azure.ai.openai' : provider;
  }
  // Only Azure has deployments in its paths, whatever domain stands before it.
  if (path.includes('/openai/deployments')) return 'azure.ai.openai';
  if (OWN.some((pattern) => pattern.test(name))) return 'self_hosted';
  return ownerOf(name);
}

/** `api.fireworks.ai` → `fireworks`, `llm.example.co.uk` → `example`. */
function ownerOf(name: string): string {
  const labels = name.split('.');
  const isCountry =
    (labels.at(-1)?.length ?? 0) === 2 && /^(co|com|net|org|ac|gov)$/.test(labels.at(-2) ?? '');
  return labels.at(isCountry ? -3 : -2) ?? name;
}
