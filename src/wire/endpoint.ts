import type { Endpoint } from './reading.ts';

/**
 * The row of an endpoint table that a request belongs to. Takes a path below the API's base, or a whole URL:
 * `/chat/completions`, `/v1/messages?beta=true`, `https://host/openai/deployments/my-gpt/chat/completions`.
 * The first row that fits wins, so a table lists `/responses/compact` before `/responses/{id}`.
 */
export function matchEndpoint(
  endpoints: readonly Endpoint[],
  method: string,
  path: string,
): Endpoint | undefined {
  const verb = method.toUpperCase();
  const relative = relativePath(path);
  return endpoints.find((endpoint) => endpoint.method === verb && pattern(endpoint.path).test(relative));
}

/** The path below the API's base: without host, query, version, and the prefixes of clouds and gateways. */
export function relativePath(pathOrUrl: string): string {
  const path = pathOrUrl.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  let segments = path.split('/').filter((segment) => segment !== '');
  segments = segments.slice(segments.findLastIndex((segment) => VERSION.test(segment)) + 1);
  for (;;) {
    const [first = ''] = segments;
    if (PREFIXES.has(first)) segments = segments.slice(1);
    else if (SCOPES.has(first) && segments.length > 2) segments = segments.slice(2);
    else return `/${segments.join('/')}`;
  }
}

/** `v1`, `v1beta`, `v4`: whatever stands before it is the base of the API, not the call. */
const VERSION = /^v\d+(?:alpha|beta)?\d*$/;

/** Azure's `/openai/…`, DeepSeek's `/beta/…`, Vertex's `…/endpoints/openapi/…`. */
const PREFIXES: ReadonlySet<string> = new Set(['openai', 'api', 'beta', 'openapi', 'inference']);

/** Segments that come with a name: Azure's deployments, the resource path of Vertex, the engines of 2022. */
const SCOPES: ReadonlySet<string> = new Set([
  'deployments',
  'projects',
  'locations',
  'endpoints',
  'publishers',
  'engines',
]);

const patterns = new Map<string, RegExp>();

/** `/responses/{id}` as an expression; compiled once. */
function pattern(path: string): RegExp {
  let compiled = patterns.get(path);
  if (compiled === undefined) {
    const source = path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{\w+\}/g, '[^/]+');
    compiled = new RegExp(`^${source}$`);
    patterns.set(path, compiled);
  }
  return compiled;
}
