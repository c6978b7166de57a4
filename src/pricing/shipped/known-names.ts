import { didYouMean } from '../../base/spelling.ts';
import { KNOWN_PROVIDERS } from '../../providers/known-providers.ts';
import { providerNamed } from '../../providers/registry.ts';
import { CATALOGUE_PROVIDERS } from './catalogue.ts';

/**
 * ` Did you mean 'openai'?` for a provider that is probably misspelt. Names of one's own are fine (`vllm`, a
 * gateway's); a letter or two beside a known name is a mistake.
 */
export function misspeltProvider(provider: string): string | undefined {
  if (providerNamed(provider) !== undefined || CATALOGUE_PROVIDERS.includes(provider.toLowerCase()))
    return undefined;
  const known = [
    ...KNOWN_PROVIDERS.flatMap(({ name, spellings = [] }) => [name, ...spellings]),
    ...CATALOGUE_PROVIDERS,
  ];
  const near = didYouMean(provider, known, Math.floor(provider.length / 3));
  return near === '' ? undefined : near;
}
