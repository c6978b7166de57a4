import { known, object, text } from '../../usage/read.ts';
import type { CallHints } from '../call.ts';
import { type Host, identifyHost, isOverridden } from '../hosts.ts';
import type { Endpoint } from '../reading.ts';
import type { HideEvent, HostQuestion, StainlessClient, StainlessSdk } from '../stainless/sdk.ts';
import { watchBatches } from './batches.ts';
import { openaiEndpoints } from './endpoints.ts';
import { watchReceipts } from './receipts.ts';

/** The `openai` package, as the shared patch sees it. */
export const openaiSdk: StainlessSdk = {
  module: 'openai',
  endpoints: openaiEndpoints,
  requestIdHeader: 'x-request-id',
  identify,
  hints,
  ask: askForUsage,
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
  const name = text(object((client as { _provider?: unknown })._provider)?.['name']);
  if (name === 'bedrock') return 'aws.bedrock';
  return name === 'vertex' ? 'gcp.vertex_ai' : undefined;
}

/** Azure refuses `stream_options` before this API version; its newer, unversioned API takes them. */
function takesStreamOptions(client: StainlessClient): boolean {
  const { apiVersion, _options: options } = client as { apiVersion?: unknown; _options?: unknown };
  const query = object(object(options)?.['defaultQuery']);
  const version = text(apiVersion) ?? text(query?.['api-version']);
  return version === undefined || !/^\d{4}-/.test(version) || version >= '2024-09-01';
}

function hints(body: unknown): CallHints {
  const fields = object(body);
  return known({
    user: text(fields?.['user']),
    safetyIdentifier: text(fields?.['safety_identifier']),
    metadata: object(fields?.['metadata']),
  });
}

/**
 * A streamed chat or completion carries its usage only when asked
 * (https://platform.openai.com/docs/api-reference/chat/create#chat-create-stream_options): we ask, on a copy of
 * the body, and the application sees the chunks it would have seen.
 */
function askForUsage(
  endpoint: Endpoint,
  body: unknown,
  host: Host,
): { body: unknown; hide: HideEvent } | undefined {
  if (!STREAMS_WITHOUT_USAGE.has(endpoint.path)) return undefined;
  const fields = object(body);
  // What the body inherits is not sent.
  if (fields?.['stream'] !== true || !Object.hasOwn(fields, 'stream') || !host.includeUsage) return undefined;
  // Azure's answers over one's own data (`data_sources`) refuse it.
  if (fields['data_sources'] !== undefined || fields['dataSources'] !== undefined) return undefined;
  const given = object(fields['stream_options']);
  if (given?.['include_usage'] === true) return undefined;
  return { body: { ...fields, stream_options: { ...given, include_usage: true } }, hide: hideUsage };
}

const STREAMS_WITHOUT_USAGE: ReadonlySet<string> = new Set(['/chat/completions', '/completions']);

/** Asking adds a last chunk without choices, and `usage: null` to every other. */
function hideUsage(event: unknown): boolean {
  const chunk = object(event);
  if (chunk === undefined || !('usage' in chunk)) return false;
  if (
    Array.isArray(chunk['choices']) &&
    chunk['choices'].length === 0 &&
    object(chunk['usage']) !== undefined
  )
    return true;
  // The chunk was parsed for this application alone and has not reached it yet.
  if (chunk['usage'] === null) Reflect.deleteProperty(chunk, 'usage');
  return false;
}
