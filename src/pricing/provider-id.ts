/**
 * Who is billing, under one spelling. Instrumentations disagree on names; prices must not. The value is OTel's
 * well-known name where there is one, else the host's owner.
 */
export function canonicalProvider(provider: string): string {
  const name = provider.trim().toLowerCase();
  return SPELLINGS.get(name) ?? name;
}

const SPELLINGS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'az.ai.openai': 'azure.ai.openai',
    'azure.openai': 'azure.ai.openai',
    'azure-openai': 'azure.ai.openai',
    azure_openai: 'azure.ai.openai',
    azure: 'azure.ai.openai',
    'az.ai.inference': 'azure.ai.inference',
    aws: 'aws.bedrock',
    bedrock: 'aws.bedrock',
    aws_bedrock: 'aws.bedrock',
    'amazon-bedrock': 'aws.bedrock',
    google: 'gcp.gemini',
    gemini: 'gcp.gemini',
    'gcp.gen_ai': 'gcp.gemini',
    google_genai: 'gcp.gemini',
    vertex_ai: 'gcp.vertex_ai',
    vertexai: 'gcp.vertex_ai',
    'vertex-ai': 'gcp.vertex_ai',
    xai: 'x_ai',
    'x-ai': 'x_ai',
    mistral: 'mistral_ai',
    mistralai: 'mistral_ai',
    moonshot: 'moonshot_ai',
    moonshotai: 'moonshot_ai',
    'together-ai': 'together',
    together_ai: 'together',
    'fireworks-ai': 'fireworks',
    fireworks_ai: 'fireworks',
    voyage: 'voyageai',
    voyage_ai: 'voyageai',
    'z.ai': 'zai',
    z_ai: 'zai',
  }),
);

/** The catalogue's ids for a provider, in the order in which they are asked. */
export function catalogueIds(provider: string, model: string): readonly string[] {
  const name = canonicalProvider(provider);
  // Vertex sells Claude at Anthropic's list price, and the catalogue's own rows for it lack the one-hour cache.
  if (name === 'gcp.vertex_ai' && model.startsWith('claude')) return ['anthropic', 'google'];
  return CATALOGUE_IDS.get(name) ?? [name];
}

/** Azure resells models of others at their makers' list price; its own rows come first. */
const AZURE = ['azure', 'openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai'];

const CATALOGUE_IDS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'azure.ai.openai': AZURE,
    'azure.ai.inference': AZURE,
    'aws.bedrock': ['aws'],
    'gcp.gemini': ['google'],
    'gcp.vertex_ai': ['google'],
    x_ai: ['x-ai'],
    mistral_ai: ['mistral'],
    moonshot_ai: ['moonshotai'],
    self_hosted: [],
  }),
);

/** OTel's name, or the host's owner, for a provider id of the catalogue. */
export function providerOfCatalogueId(id: string): string {
  return FROM_CATALOGUE.get(id) ?? id;
}

const FROM_CATALOGUE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    azure: 'azure.ai.openai',
    aws: 'aws.bedrock',
    google: 'gcp.gemini',
    'x-ai': 'x_ai',
    mistral: 'mistral_ai',
    moonshotai: 'moonshot_ai',
  }),
);
