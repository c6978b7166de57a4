import { type Host, type HostOverrides, identifyHost, isOverridden } from '../../providers/host.ts';
import { providerAt } from '../../providers/registry.ts';

/** Where a request goes, when that is a provider's host. */
export interface Target {
  readonly url: string;
  readonly host: Host;
  readonly hostname: string;
  readonly port: number | undefined;
  /** The table of providers, or the user, knows the host. */
  readonly isNamed: boolean;
}

/**
 * Tells provider hosts from all others by one look-up of the address's origin. Requests to other hosts are not ours to
 * observe, so telling them apart must cost them nothing.
 */
export class Targets {
  readonly #overrides: () => HostOverrides;
  readonly #otherwise: string | undefined;
  readonly #origins = new Map<string, Omit<Target, 'url'> | null>();
  /** What the remembered answers were made with: options can be set later. */
  #made: HostOverrides | undefined;

  constructor(overrides: () => HostOverrides, otherwise?: string) {
    this.#overrides = overrides;
    this.#otherwise = otherwise;
  }

  of(input: unknown): Target | undefined {
    const url = addressOf(input);
    if (url === undefined) return undefined;
    const overrides = this.#overrides();
    if (overrides !== this.#made) {
      this.#made = overrides;
      this.#origins.clear();
    }
    const origin = originOf(url);
    let known = this.#origins.get(origin);
    if (known === undefined) {
      if (this.#origins.size >= MAX_ORIGINS) this.#origins.clear();
      this.#origins.set(origin, (known = recognise(origin, overrides, this.#otherwise)));
    }
    if (known === null) return undefined;
    // An origin may serve two APIs, told apart by the path: Azure's OpenAI below a Foundry resource.
    return { ...known, url, host: known.isNamed ? identifyHost(url, overrides) : known.host };
  }
}

const MAX_ORIGINS = 10_000;

function addressOf(input: unknown): string | undefined {
  if (typeof input === 'string') return input;
  if (input instanceof URL) return input.href;
  if (input instanceof Request) return input.url;
  return undefined;
}

/** `https://api.openai.com/v1/…` → `https://api.openai.com`, without parsing what comes after. */
function originOf(url: string): string {
  const start = url.indexOf('://');
  if (start === -1) return '';
  for (let at = start + 3; at < url.length; at++) {
    const character = url.charCodeAt(at);
    if (character === SLASH || character === QUESTION || character === HASH) return url.slice(0, at);
  }
  return url;
}

const SLASH = 47;
const QUESTION = 63;
const HASH = 35;

function recognise(
  origin: string,
  overrides: HostOverrides,
  otherwise: string | undefined,
): Omit<Target, 'url'> | null {
  if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return null;
  const { hostname, port: written } = new URL(origin);
  const port = written === '' ? undefined : Number(written);
  const name = hostname.replaceAll(/^\[|\]$/g, '');
  const isNamed = isOverridden(origin, overrides) || providerAt(name, port) !== undefined;
  if (isNamed) return { host: identifyHost(origin, overrides), hostname, port, isNamed };
  return otherwise === undefined
    ? null
    : { host: { provider: otherwise, includeUsage: false }, hostname, port, isNamed };
}
