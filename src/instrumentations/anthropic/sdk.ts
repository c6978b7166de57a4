import { type JsonObject, known, text } from '../../base/read.ts';
import { type Host, identifyHost } from '../../providers/host.ts';
import type { HostQuestion, StainlessClient, StainlessSdk } from '../stainless/sdk.ts';
import { watchBatches } from './watch-batches.ts';
import { anthropicEndpoints } from '../../wire/anthropic/endpoints.ts';
import { hints } from '../../wire/anthropic/hints.ts';
import { watchRunning } from './watch-sessions.ts';

/** The `@anthropic-ai/sdk` package, and the cloud packages whose clients extend it, as the shared patch sees them. */
export const anthropicSdk: StainlessSdk = {
  module: '@anthropic-ai/sdk',
  endpoints: anthropicEndpoints,
  requestIdHeader: 'request-id',
  identify,
  hints,
  watch: (request) => watchBatches(request) ?? watchRunning(request),
};

function identify(client: StainlessClient, { baseUrl, model, providers }: HostQuestion): Host {
  const host = identifyHost(baseUrl, providers);
  // What the user said about the host comes first.
  if (host.provider !== identifyHost(baseUrl).provider) return host;
  const cloud = cloudOf(client as unknown as JsonObject);
  if (cloud !== undefined) return { ...host, ...cloud };
  // Nobody can host Claude at home: a local host that serves it is a proxy in front of Anthropic.
  const proxied = host.provider === 'self_hosted' && model?.startsWith('claude-') === true;
  return proxied ? identifyHost('https://api.anthropic.com') : host;
}

/** The cloud behind a client of one of the cloud packages, whatever host it was told to call. */
function cloudOf(client: JsonObject): Pick<Host, 'provider' | 'region'> | undefined {
  // Since 0.134 clients name their provider in OTel's words; those of older cloud packages are told by their options.
  const named = text(client._genAIProviderName);
  const isBedrock = 'awsRegion' in client && !('workspaceId' in client);
  if (named === 'aws.bedrock' || isBedrock)
    return { provider: 'aws.bedrock', ...known({ region: text(client.awsRegion) }) };
  const isVertex = 'region' in client && 'projectId' in client;
  if (named === 'gcp.vertex_ai' || isVertex)
    return { provider: 'gcp.vertex_ai', ...known({ region: text(client.region) }) };
  return named === undefined || named === 'anthropic' ? undefined : { provider: named };
}
