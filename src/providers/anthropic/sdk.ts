import { text } from '../../usage/read.ts';
import { type Host, identifyHost } from '../hosts.ts';
import type { HostQuestion, StainlessClient, StainlessSdk } from '../stainless/sdk.ts';
import { watchBatches } from './batches.ts';
import { anthropicEndpoints } from './endpoints.ts';
import { hints } from './hints.ts';

/** The `@anthropic-ai/sdk` package, and the cloud packages whose clients extend it, as the shared patch sees them. */
export const anthropicSdk: StainlessSdk = {
  module: '@anthropic-ai/sdk',
  endpoints: anthropicEndpoints,
  requestIdHeader: 'request-id',
  identify,
  hints,
  watch: watchBatches,
};

function identify(client: StainlessClient, { baseUrl, model, providers }: HostQuestion): Host {
  const host = identifyHost(baseUrl, providers);
  // Since 0.134 every client names its provider in OTel's words: `anthropic`, `aws.bedrock`, `gcp.vertex_ai`.
  const provider = text((client as { _genAIProviderName?: unknown })._genAIProviderName);
  if (provider !== undefined && provider !== 'anthropic') return { ...host, provider };
  // Nobody can host Claude at home: a local host that serves it is a proxy in front of Anthropic.
  const proxied = host.provider === 'self_hosted' && model?.startsWith('claude-') === true;
  return proxied ? identifyHost('https://api.anthropic.com') : host;
}
