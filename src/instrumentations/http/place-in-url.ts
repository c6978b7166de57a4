import { known } from '../../base/read.ts';

/** What an address says that a body does not: Gemini, Bedrock and Azure name the model in the path. */
export function placeInUrl(url: string): { readonly model?: string; readonly region?: string } {
  const [, model] = /\/(?:models?|deployments|engines)\/([^/:?#]+)/.exec(url) ?? [];
  const [, location] = /\/locations\/([a-z0-9-]+)\//.exec(url) ?? [];
  const [, region] = /\/\/bedrock(?:-runtime)?(?:-fips)?\.([a-z0-9-]+)\./.exec(url) ?? [];
  return known({ model: model && decoded(model), region: location ?? region });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
