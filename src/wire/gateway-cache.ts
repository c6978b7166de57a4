import { decimal } from '../base/read.ts';

/**
 * How gateways say that a reply came from their cache. No provider was asked, so the usage block, which is that of the
 * first time, is not billed again. The header can be believed: the application chose the host that sends it.
 */
const CACHES: readonly { readonly gateway: string; readonly isHit: (header: Header) => boolean }[] = [
  { gateway: 'Cloudflare', isHit: (header) => HIT.test(header('cf-aig-cache-status')) },
  { gateway: 'Helicone', isHit: (header) => HIT.test(header('helicone-cache')) },
  // `SEMANTIC HIT` as well.
  { gateway: 'Portkey', isHit: (header) => HIT.test(header('x-portkey-cache-status')) },
  { gateway: 'OpenRouter', isHit: (header) => HIT.test(header('x-openrouter-cache-status')) },
  // The key comes with hits; the cost tells that nothing was spent on a fallback either.
  {
    gateway: 'LiteLLM',
    isHit: (header) =>
      header('x-litellm-cache-key') !== '' && decimal(header('x-litellm-response-cost')) === '0',
  },
];

type Header = (name: string) => string;

const HIT = /(?:^|\s)hit$/i;

/**
 * Why a reply with these headers is free; undefined when it is not. `get` is asked for names in lower case:
 * `servedFromCache((name) => response.headers.get(name))`.
 */
export function servedFromCache(get: (name: string) => string | null | undefined): string | undefined {
  const header = (name: string): string => get(name)?.trim() ?? '';
  const hit = CACHES.find(({ isHit }) => isHit(header));
  return hit && `served from the cache of ${hit.gateway}`;
}
