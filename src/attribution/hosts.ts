import { ConfigError, describe } from '../errors.ts';

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

/** True for hosts of model providers; nothing of ours is sent there, whatever an allow list says. */
export function isProviderHost(host: string): boolean {
  return PROVIDER_HOSTS.test(host);
}

const PROVIDER_DOMAINS = [
  'openai.com',
  'openai.azure.com',
  'cognitiveservices.azure.com',
  'services.ai.azure.com',
  'models.ai.azure.com',
  'inference.ai.azure.com',
  'anthropic.com',
  'claude.com',
  'googleapis.com',
  'openrouter.ai',
  'together.xyz',
  'together.ai',
  'fireworks.ai',
  'groq.com',
  'cerebras.ai',
  'mistral.ai',
  'perplexity.ai',
  'x.ai',
  'deepseek.com',
  'cohere.com',
  'cohere.ai',
  'moonshot.ai',
  'moonshot.cn',
  'minimax.io',
  'z.ai',
  'huggingface.co',
  'replicate.com',
  'deepinfra.com',
  'nebius.com',
  'sambanova.ai',
  'hyperbolic.xyz',
  'novita.ai',
  'voyageai.com',
  'ai21.com',
  'aleph-alpha.com',
  'elevenlabs.io',
  'githubcopilot.com',
  'models.github.ai',
  'api.nvidia.com',
  'ai-gateway.vercel.sh',
  'gateway.ai.cloudflare.com',
];

/** Whole domains with all below them; of Amazon's only Bedrock and SageMaker, since load balancers live there too. */
const PROVIDER_HOSTS: RegExp = new RegExp(
  `(?:^|\\.)(?:${PROVIDER_DOMAINS.map((domain) => domain.replaceAll('.', '\\.')).join('|')})$` +
    String.raw`|(?:^|\.)(?:bedrock|runtime\.sagemaker)[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?$|^dashscope[a-z-]*\.aliyuncs\.com$`,
);
