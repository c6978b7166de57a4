import { shared } from '../base/process.ts';
import { KNOWN_PROVIDERS } from './known-providers.ts';
import type { Provider } from './provider.ts';

/** The record of a provider under its own name or any other spelling. */
export function providerNamed(spelling: string): Provider | undefined {
  const name = spelling.trim().toLowerCase();
  const { byName, bySpelling } = currentRegistry();
  return byName.get(name) ?? bySpelling.get(name);
}

/** The provider whose API answers at a host name. */
export function providerAt(host: string, port?: number): Provider | undefined {
  const { domains, patterns, localPorts } = currentRegistry().hosts;
  return (
    longest(domains, host) ??
    patterns.find(([pattern]) => pattern.test(host))?.[1] ??
    (port !== undefined && LOOPBACK.test(host) ? localPorts.get(port) : undefined)
  );
}

/** True for hosts of model providers; nothing of ours is sent there, whatever an allow list says. */
export function isProviderHost(host: string, port?: number): boolean {
  if (providerAt(host, port) !== undefined) return true;
  const { domains, patterns } = currentRegistry().protected;
  return longest(domains, host) !== undefined || patterns.some(([pattern]) => pattern.test(host));
}

/** The provider that the price catalogue lists under this id. */
export function providerOfCatalogueId(id: string): string {
  return currentRegistry().byCatalogueId.get(id)?.name ?? id;
}

/** Adds a provider to those that every copy of the package knows, before them; returns the way to take it away again. */
export function addProvider(provider: Provider): () => void {
  const registered = registeredProviders();
  registered.list = [provider, ...registered.list];
  return () => {
    registered.list = registered.list.filter((each) => each !== provider);
  };
}

/** Replaced and never changed, so that a copy sees at a glance whether its tables are still right. */
function registeredProviders(): { list: readonly Provider[] } {
  return shared('providers', () => ({ list: [] }));
}

function currentRegistry(): Registry {
  const { list } = registeredProviders();
  if (current?.list !== list) current = { list, ...indexed([...list, ...KNOWN_PROVIDERS]) };
  return current;
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0|host\.docker\.internal)$/;

interface HostTable {
  readonly domains: ReadonlyMap<string, Provider>;
  readonly patterns: readonly (readonly [RegExp, Provider])[];
}

interface Registry {
  readonly byName: ReadonlyMap<string, Provider>;
  readonly bySpelling: ReadonlyMap<string, Provider>;
  readonly byCatalogueId: ReadonlyMap<string, Provider>;
  readonly hosts: HostTable & { readonly localPorts: ReadonlyMap<number, Provider> };
  readonly protected: HostTable;
}

/** The records as tables to look things up in; of two that claim the same, the first wins. */
function indexed(providers: readonly Provider[]): Registry {
  const table = <Key>(keysOf: (provider: Provider) => readonly Key[]): ReadonlyMap<Key, Provider> =>
    new Map(providers.toReversed().flatMap((each) => keysOf(each).map((key) => [key, each] as const)));
  const hostTable = (hostsOf: (provider: Provider) => readonly (string | RegExp)[]): HostTable => ({
    domains: table((each) => hostsOf(each).filter((host) => typeof host === 'string')),
    patterns: providers.flatMap((each) =>
      hostsOf(each).flatMap((host) => (typeof host === 'string' ? [] : [[host, each] as const])),
    ),
  });
  return {
    byName: table(({ name }) => [name]),
    bySpelling: table(({ spellings = [] }) => spellings),
    byCatalogueId: table(({ name, catalogueIds = [name] }) => catalogueIds.slice(0, 1)),
    hosts: {
      ...hostTable(({ hosts = [] }) => hosts),
      localPorts: table(({ localPort }) => (localPort === undefined ? [] : [localPort])),
    },
    protected: hostTable(({ protects = [] }) => protects),
  };
}

/** `eu.api.openai.com` under itself, then `api.openai.com`, then `openai.com`. */
function longest(domains: ReadonlyMap<string, Provider>, host: string): Provider | undefined {
  for (let at = 0; ;) {
    const found = domains.get(at === 0 ? host : host.slice(at));
    if (found !== undefined) return found;
    const dot = host.indexOf('.', at);
    if (dot === -1) return undefined;
    at = dot + 1;
  }
}

/** The tables made last, and the registered providers they were made with. */
let current: (Registry & { readonly list: readonly Provider[] }) | undefined;
