import { Recent } from '../../base/recent.ts';
import { known } from '../../base/read.ts';
import type { Host, HostOverrides } from '../../providers/host.ts';
import { matchEndpoint } from '../../wire/endpoint.ts';
import type { Endpoint } from '../../wire/reading.ts';
import { unlistedEndpoint } from '../../wire/unlisted.ts';
import type { StainlessClient, StainlessSdk } from './sdk.ts';

/** Where a client sends its requests. */
export interface Address {
  readonly href?: string;
  readonly address?: string;
  readonly port?: number;
}

/** What depends on a client, a path or a model alone is worked out once. */
interface ClientFacts {
  readonly baseUrl: unknown;
  /** Azure asks for usage, or not, by its version. */
  readonly apiVersion: unknown;
  readonly providers: HostOverrides | undefined;
  readonly address: Address;
  readonly hosts: Recent<string, Host>;
}

const FACTS = new WeakMap<StainlessClient, ClientFacts>();
const MAX_MODELS = 100;

export function addressOf(client: StainlessClient): Address {
  return factsOf(client).address;
}

/** Who answers a client that asks for this model. */
export function rememberedHost(
  client: StainlessClient,
  providers: HostOverrides,
  model: string | undefined,
  identify: () => Host,
): Host {
  const { hosts } = factsOf(client, providers);
  const key = model ?? '';
  return hosts.get(key) ?? hosts.set(key, identify());
}

/** The call that a POST to this path makes. */
export function endpointAt(sdk: StainlessSdk, path: string): Endpoint {
  let paths = ENDPOINTS.get(sdk);
  if (paths === undefined) ENDPOINTS.set(sdk, (paths = new Recent(MAX_PATHS)));
  return paths.get(path) ?? paths.set(path, matchEndpoint(sdk.endpoints, 'POST', path) ?? unlistedEndpoint);
}

const ENDPOINTS = new WeakMap<StainlessSdk, Recent<string, Endpoint>>();
const MAX_PATHS = 200;

function factsOf(client: StainlessClient, providers?: HostOverrides): ClientFacts {
  const { baseURL: baseUrl, apiVersion } = client;
  let facts = FACTS.get(client);
  if (
    facts === undefined ||
    facts.baseUrl !== baseUrl ||
    facts.apiVersion !== apiVersion ||
    (providers !== undefined && facts.providers !== providers)
  ) {
    const url = typeof baseUrl === 'string' ? URL.parse(baseUrl) : null;
    const port = url === null || url.port === '' ? undefined : Number(url.port);
    const address: Address = known({ href: url?.href, address: url?.hostname, port });
    facts = { baseUrl, apiVersion, providers, address, hosts: new Recent(MAX_MODELS) };
    FACTS.set(client, facts);
  }
  return facts;
}
