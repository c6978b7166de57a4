import { providerNamed } from './registry.ts';

/**
 * Who is billing, under one spelling. Instrumentations disagree on names; prices must not. The value is OTel's
 * well-known name where there is one, else the host's owner.
 */
export function canonicalProvider(provider: string): string {
  return providerNamed(provider)?.name ?? provider.trim().toLowerCase();
}

/** The catalogue's ids for a provider, in the order in which they are asked. */
export function catalogueIds(provider: string, model: string): readonly string[] {
  const known = providerNamed(provider);
  const name = canonicalProvider(provider);
  // Vertex sells Claude at Anthropic's list price, and the catalogue's own rows for it lack the one-hour cache.
  if (name === 'gcp.vertex_ai' && model.startsWith('claude')) return ['anthropic', 'google'];
  return known?.catalogueIds ?? [name];
}
