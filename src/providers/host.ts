import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { Recent } from '../base/recent.ts';
import { providerAt, providerNamed } from './registry.ts';

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

/** One object, because what is worked out from overrides is remembered for as long as they are the same. */
export const NO_OVERRIDES: HostOverrides = Object.freeze({});

/** Recognises the provider behind a base URL; the user's word comes first. Never throws. */
export function identifyHost(baseUrl: string, overrides: HostOverrides = {}): Host {
  const address = addressOf(baseUrl);
  const said = overrideFor(address, overrides);
  if (typeof said === 'string') return host(said);
  if (said !== undefined) return { ...host(said.provider), ...said };
  return host(address.name === '' ? 'self_hosted' : providerOf(address));
}

/** Whether the user said who answers at this base URL: then there is nothing to guess. */
export function isOverridden(baseUrl: string, overrides: HostOverrides): boolean {
  return overrideFor(addressOf(baseUrl), overrides) !== undefined;
}

function overrideFor(
  { authority, name }: Address,
  overrides: HostOverrides,
): HostOverrides[string] | undefined {
  if (Object.keys(overrides).length === 0) return undefined;
  return overrides[authority] ?? overrides[name] ?? overrides[`*.${suffixOf(name, overrides) ?? ''}`];
}

interface Address {
  /** The host as it was written, with its port: `[::1]:8000`. */
  readonly authority: string;
  readonly name: string;
  readonly port?: number;
  readonly path: string;
}

function addressOf(baseUrl: string): Address {
  return ADDRESSES.get(baseUrl) ?? ADDRESSES.set(baseUrl, parse(baseUrl));
}

/** Clients call the same addresses again and again. */
const ADDRESSES = new Recent<string, Address>(256);

function parse(baseUrl: string): Address {
  const [, written = '', path = ''] = /^[a-z][a-z+.-]*:\/\/([^/?#]*)([^?#]*)/i.exec(baseUrl) ?? [];
  const authority = written.replace(/^.*@/, '').toLowerCase();
  const [, host = '', port = ''] = /^(.*?)(?::(\d*))?$/.exec(authority) ?? [];
  const name = host.replace(/\.$/, '').replaceAll(/^\[|\]$/g, '');
  return port === '' ? { authority, name, path } : { authority, name, port: Number(port), path };
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

/** Unknown hosts are never asked for their usage. */
function host(provider: string): Host {
  return { provider, includeUsage: providerNamed(provider)?.includeUsage ?? false };
}

/** The longest part of a host name for which there is a `*.` entry. */
function suffixOf(name: string, overrides: HostOverrides): string | undefined {
  const labels = name.split('.');
  return labels
    .map((_, index) => labels.slice(index + 1).join('.'))
    .find((suffix) => suffix !== '' && `*.${suffix}` in overrides);
}

/** Own machines: loopback, private networks, names without a public domain. */
const OWN = [
  /^(localhost|.*\.(localhost|local|internal|lan|home|corp|test|svc|cluster\.local))$/,
  /^[^.]+$/,
  /^\d+\.\d+\.\d+\.\d+$/,
  /^[0-9a-f:.]*:[0-9a-f:.]*$/i,
];

function providerOf({ name, port, path }: Address): string {
  const known = providerAt(name, port)?.name;
  // A Foundry resource speaks OpenAI's own API below `/openai`.
  if (known === 'azure.ai.inference' && path.startsWith('/openai')) return 'azure.ai.openai';
  if (known !== undefined) return known;
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
