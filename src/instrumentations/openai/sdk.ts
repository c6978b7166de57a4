import { known, object, text } from '../../base/read.ts';
import type { CallHints } from '../../wire/reading.ts';
import { type Host, identifyHost, isOverridden } from '../../providers/host.ts';
import type { HostQuestion, StainlessClient, StainlessSdk } from '../stainless/sdk.ts';
import { watchBatches } from './watch-batches.ts';
import { openaiEndpoints } from '../../wire/openai/endpoints.ts';
import { watchReceipts } from './watch-receipts.ts';

/** The `openai` package, as the shared patch sees it. */
export const openaiSdk: StainlessSdk = {
  module: 'openai',
  endpoints: openaiEndpoints,
  requestIdHeader: 'x-request-id',
  identify,
  hints,
  asksForUsage: true,
  watch: (request) => watchBatches(request) ?? watchReceipts(request),
};

function identify(client: StainlessClient, { baseUrl, model, providers }: HostQuestion): Host {
  const host = identifyHost(baseUrl, providers);
  if (isOverridden(baseUrl, providers)) return host;
  const native = nativeProvider(client);
  const provider = native ?? host.provider;
  if (provider === 'azure.ai.openai') return { provider, includeUsage: takesStreamOptions(client) };
  if (native !== undefined) return { ...host, provider: native };
  // Nobody can host these at home: a local host that serves them is a proxy in front of OpenAI.
  const proxied = host.provider === 'self_hosted' && model !== undefined && OPENAI_MODELS.test(model);
  return proxied ? identifyHost('https://api.openai.com/v1') : host;
}

/** Models that only OpenAI serves; `gpt-oss` is not among them. */
const OPENAI_MODELS =
  /^(ft:)?(gpt-(?!oss)|chatgpt-|o\d(-|$)|text-embedding-(3|ada)|tts-1|whisper-1$|dall-e-|omni-moderation|computer-use|codex-|sora-|davinci-|babbage-)/;

/** `new OpenAI({ provider })` (7.x) names the cloud that serves it; `AzureOpenAI` has fields of its own. */
function nativeProvider(client: StainlessClient): string | undefined {
  if ('apiVersion' in client && 'deploymentName' in client) return 'azure.ai.openai';
  const name = text(object((client as { _provider?: unknown })._provider)?.name);
  if (name === 'bedrock') return 'aws.bedrock';
  return name === 'vertex' ? 'gcp.vertex_ai' : undefined;
}

/** Azure refuses `stream_options` before this API version; its newer, unversioned API takes them. */
function takesStreamOptions(client: StainlessClient): boolean {
  const { apiVersion, _options: options } = client as { apiVersion?: unknown; _options?: unknown };
  const query = object(object(options)?.defaultQuery);
  const version = text(apiVersion) ?? text(query?.['api-version']);
  return version === undefined || !/^\d{4}-/.test(version) || version >= '2024-09-01';
}

function hints(body: unknown): CallHints {
  const fields = object(body);
  return known({
    user: text(fields?.user),
    safetyIdentifier: text(fields?.safety_identifier),
    metadata: object(fields?.metadata),
  });
}
