import { ConfigError, describe } from '../../base/errors.ts';

/** Where a request goes. */
export interface Destination {
  /** Host name or address, lower case, without brackets. */
  readonly host: string;
  readonly port?: number;
}

/** Reads `https://host:port/…` or `host:port`; undefined when it names no host. */
export function parseDestination(address: string): Destination | undefined {
  const url = URL.parse(address.includes('://') ? address : `http://${address}`);
  if (url === null || url.hostname === '') return undefined;
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  const port = Number(url.port || DEFAULT_PORTS[url.protocol]);
  return Number.isNaN(port) ? { host } : { host, port };
}

/** An IPv6 address as a URL wants it. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * Compiles an allow list: `orders.internal`, `*.internal` (any depth below it), `localhost:8080`, `*`.
 *
 * @throws {ConfigError} when a pattern is a URL or cannot name a host.
 */
export function compileAllowList(
  where: string,
  patterns: readonly string[],
): (destination: Destination) => boolean {
  if (!Array.isArray(patterns)) {
    throw new ConfigError(
      `${where}: expected a list of host names such as ['*.internal'], got ${describe(patterns)}.`,
    );
  }
  const rules = patterns.map((pattern) => compilePattern(where, pattern));
  return (destination) => rules.some((rule) => rule(destination));
}

function compilePattern(where: string, pattern: unknown): (destination: Destination) => boolean {
  const match = typeof pattern === 'string' ? PATTERN.exec(pattern.trim().toLowerCase()) : null;
  if (match?.groups === undefined) {
    throw new ConfigError(
      `${where}: expected host names such as 'orders.internal', '*.internal' or 'localhost:8080', got ${describe(pattern)}. Give the host alone, without scheme or path.`,
    );
  }
  const { host = '', port } = match.groups;
  const name = host.replace(/^\[|\]$/g, '');
  const suffix = name.startsWith('*') ? name.slice(1) : undefined;
  return (destination) =>
    (suffix === undefined ? destination.host === name : destination.host.endsWith(suffix)) &&
    (port === undefined || destination.port === Number(port));
}

/** `*` only alone or as the first label; an IPv6 address in brackets; a port at the end. */
const PATTERN = /^(?<host>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::(?<port>\d{1,5}))?$/;
