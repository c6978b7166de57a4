import type { Provider } from './provider.ts';

/** Azure resells models of others at their makers' list price; its own rows come first. */
const AZURE_CATALOGUES = ['azure', 'openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai'];

/**
 * Who there is: one record per provider. Recognising hosts, asking for usage, reading replies, finding prices and
 * protecting the customer all follow from these records.
 *
 * Every host of this table is protected: a request there never carries the customer, whatever an allow list says.
 * That includes Azure API Management, Databricks and Snowflake, where an organisation may run services of its own: a
 * customer's name that reaches a model provider cannot be called back, a header that is missing can be sent by hand.
 */
export const KNOWN_PROVIDERS: readonly Provider[] = [
  {
    name: 'openai',
    hosts: ['openai.com', 'oai.helicone.ai'],
    examples: ['https://api.openai.com/v1', 'https://eu.api.openai.com/v1', 'https://oai.helicone.ai/v1'],
    wires: ['openai', 'anthropic', 'google'],
    includeUsage: true,
  },
  {
    name: 'anthropic',
    hosts: ['anthropic.com', 'anthropic.helicone.ai', /^aws-external-anthropic\./],
    protects: ['claude.com'],
    examples: [
      'https://api.anthropic.com',
      'https://aws-external-anthropic.us-east-1.api.aws',
      'https://anthropic.helicone.ai',
    ],
    wires: ['anthropic', 'openai'],
    includeUsage: true,
  },
  {
    name: 'azure.ai.openai',
    hosts: ['openai.azure', 'cognitiveservices.azure', 'azure-api'].flatMap((domain) =>
      ['com', 'net', 'us', 'cn'].map((end) => `${domain}.${end}`),
    ),
    examples: [
      'https://my-resource.openai.azure.com/openai/v1',
      'https://my-resource.openai.azure.us/openai/deployments/d',
      'https://my-resource.openai.azure.cn/openai/v1',
      'https://my-resource.cognitiveservices.azure.com/openai/deployments/d',
      'https://my-gateway.azure-api.net/openai/deployments/d',
    ],
    spellings: ['az.ai.openai', 'azure', 'azure.openai', 'azure-openai', 'azure_openai'],
    catalogueIds: AZURE_CATALOGUES,
    includeUsage: true,
  },
  {
    name: 'azure.ai.inference',
    hosts: [
      'services.ai.azure.com',
      'services.ai.azure.us',
      'inference.ai.azure.com',
      'models.ai.azure.com',
      'inference.ml.azure.com',
    ],
    examples: [
      'https://my-resource.services.ai.azure.com/models',
      'https://my-resource.services.ai.azure.us/models',
      'https://my-model.eastus2.models.ai.azure.com/v1',
      'https://my-endpoint.eastus.inference.ml.azure.com',
    ],
    spellings: ['az.ai.inference'],
    catalogueIds: AZURE_CATALOGUES,
    includeUsage: true,
  },
  {
    name: 'aws.bedrock',
    // Of Amazon's domains only Bedrock and SageMaker: load balancers of everybody live there too.
    hosts: [/(?:^|\.)bedrock(?:-[a-z-]+)?\..*(?:amazonaws\.(?:com|com\.cn|eu)|api\.aws)$/],
    protects: [/(?:^|\.)runtime\.sagemaker(?:-fips)?\..*amazonaws\.(?:com|com\.cn|eu)$/],
    examples: [
      'https://bedrock-runtime.eu-central-1.amazonaws.com',
      'https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com',
      'https://bedrock-runtime.cn-north-1.amazonaws.com.cn',
      'https://bedrock-mantle.us-east-1.api.aws/v1',
      'https://vpce-0a1b2c3d-x1y2z3.bedrock-runtime.us-east-1.vpce.amazonaws.com',
    ],
    spellings: ['aws', 'bedrock', 'aws_bedrock', 'amazon-bedrock'],
    catalogueIds: ['aws'],
    wires: ['bedrock', 'openai', 'anthropic'],
    includeUsage: true,
  },
  {
    name: 'gcp.gemini',
    hosts: ['generativelanguage.googleapis.com'],
    protects: ['googleapis.com'],
    examples: [
      'https://generativelanguage.googleapis.com/v1beta',
      'https://generativelanguage.googleapis.com/v1beta/openai',
    ],
    spellings: ['google', 'gemini', 'gcp.gen_ai', 'google_genai'],
    catalogueIds: ['google'],
    wires: ['google', 'anthropic', 'openai'],
    includeUsage: true,
    countsOutside: 'thoughts',
  },
  {
    name: 'gcp.vertex_ai',
    hosts: [/(?:^|-|\.)aiplatform\.(?:googleapis\.com|[a-z]{2}\.rep\.googleapis\.com)$/],
    examples: [
      'https://us-east5-aiplatform.googleapis.com/v1',
      'https://aiplatform.googleapis.com/v1',
      'https://aiplatform.eu.rep.googleapis.com/v1',
    ],
    spellings: ['vertex_ai', 'vertexai', 'vertex-ai'],
    catalogueIds: ['google'],
    wires: ['google', 'anthropic', 'openai'],
    includeUsage: true,
    countsOutside: 'thoughts',
  },
  {
    name: 'deepseek',
    hosts: ['deepseek.com'],
    examples: ['https://api.deepseek.com', 'https://api.deepseek.com/anthropic'],
    includeUsage: true,
  },
  {
    name: 'groq',
    hosts: ['groq.com'],
    examples: ['https://api.groq.com/openai/v1'],
    includeUsage: true,
  },
  {
    name: 'x_ai',
    hosts: ['x.ai'],
    examples: ['https://api.x.ai/v1', 'https://us-east-1.api.x.ai/v1'],
    spellings: ['xai', 'x-ai'],
    catalogueIds: ['x-ai'],
    includeUsage: true,
    reportsCost: 'cost_in_usd_ticks',
  },
  {
    name: 'mistral_ai',
    hosts: ['mistral.ai'],
    examples: ['https://api.mistral.ai/v1', 'https://codestral.mistral.ai/v1'],
    spellings: ['mistral', 'mistralai'],
    catalogueIds: ['mistral'],
    wires: ['mistral', 'openai'],
  },
  {
    name: 'perplexity',
    hosts: ['perplexity.ai'],
    examples: ['https://api.perplexity.ai'],
    countsOutside: 'reasoning and citations',
    reportsCost: 'cost.total_cost',
  },
  {
    name: 'cohere',
    hosts: ['cohere.com', 'cohere.ai'],
    examples: ['https://api.cohere.com/v2', 'https://api.cohere.ai/compatibility/v1'],
    wires: ['cohere', 'openai'],
  },
  {
    name: 'moonshot_ai',
    hosts: ['moonshot.ai', 'moonshot.cn'],
    examples: ['https://api.moonshot.ai/v1', 'https://api.moonshot.cn/v1'],
    spellings: ['moonshot', 'moonshotai'],
    catalogueIds: ['moonshotai'],
    includeUsage: true,
  },
  {
    name: 'ibm.watsonx.ai',
    hosts: ['ml.cloud.ibm.com'],
    examples: ['https://us-south.ml.cloud.ibm.com/ml/v1'],
  },
  {
    name: 'openrouter',
    hosts: ['openrouter.ai'],
    examples: ['https://openrouter.ai/api/v1'],
    includeUsage: true,
    reportsCost: 'cost',
  },
  {
    name: 'together',
    hosts: ['together.xyz', 'together.ai'],
    examples: ['https://api.together.xyz/v1', 'https://api.together.ai/v1'],
    spellings: ['together-ai', 'together_ai'],
  },
  {
    name: 'fireworks',
    hosts: ['fireworks.ai'],
    examples: ['https://api.fireworks.ai/inference/v1'],
    spellings: ['fireworks-ai', 'fireworks_ai'],
    includeUsage: true,
  },
  { name: 'cerebras', hosts: ['cerebras.ai'], examples: ['https://api.cerebras.ai/v1'], includeUsage: true },
  {
    name: 'huggingface',
    hosts: ['huggingface.co', 'endpoints.huggingface.cloud'],
    protects: ['hf.space'],
    examples: [
      'https://router.huggingface.co/v1',
      'https://x1y2.us-east-1.aws.endpoints.huggingface.cloud/v1',
    ],
    includeUsage: true,
  },
  {
    name: 'vercel',
    hosts: ['ai-gateway.vercel.sh'],
    examples: ['https://ai-gateway.vercel.sh/v1'],
    includeUsage: true,
    countsOutside: 'reasoning of google/',
    reportsCost: 'cost',
  },
  {
    name: 'cloudflare',
    hosts: ['gateway.ai.cloudflare.com', 'api.cloudflare.com'],
    examples: [
      'https://gateway.ai.cloudflare.com/v1/account/gateway/openai',
      'https://api.cloudflare.com/client/v4/accounts/account/ai/v1',
    ],
  },
  {
    name: 'alibaba',
    hosts: [/(?:^|\.)dashscope(?:-[a-z]+)*\.aliyuncs\.com$/],
    examples: [
      'https://dashscope.aliyuncs.com/compatible-mode/v1',
      'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    ],
    includeUsage: true,
  },
  {
    name: 'zai',
    hosts: ['z.ai', 'bigmodel.cn'],
    examples: ['https://api.z.ai/api/paas/v4', 'https://open.bigmodel.cn/api/paas/v4'],
    spellings: ['z.ai', 'z_ai'],
  },
  {
    name: 'github',
    hosts: ['models.github.ai', 'models.inference.ai.azure.com'],
    protects: ['githubcopilot.com'],
    examples: ['https://models.github.ai/inference', 'https://models.inference.ai.azure.com'],
  },
  {
    name: 'snowflake',
    hosts: ['snowflakecomputing.com', 'snowflakecomputing.cn'],
    examples: [
      'https://org-account.snowflakecomputing.com/api/v2/cortex/v1',
      'https://org-account.snowflakecomputing.cn/api/v2/cortex/v1',
    ],
  },
  {
    name: 'databricks',
    hosts: ['cloud.databricks.com', 'azuredatabricks.net', 'gcp.databricks.com'],
    examples: [
      'https://dbc-a1b2.cloud.databricks.com/serving-endpoints',
      'https://adb-123.4.azuredatabricks.net/serving-endpoints',
      'https://123.4.gcp.databricks.com/serving-endpoints',
    ],
  },
  {
    name: 'voyageai',
    hosts: ['voyageai.com'],
    examples: ['https://api.voyageai.com/v1'],
    spellings: ['voyage', 'voyage_ai'],
    wires: ['voyage', 'openai'],
  },
  {
    name: 'jina',
    hosts: ['jina.ai'],
    examples: ['https://api.jina.ai/v1'],
    spellings: ['jina_ai', 'jinaai'],
  },
  {
    name: 'deepgram',
    hosts: ['deepgram.com'],
    examples: ['https://api.deepgram.com/v1'],
    wires: ['deepgram'],
  },
  {
    name: 'elevenlabs',
    hosts: ['elevenlabs.io'],
    examples: ['https://api.elevenlabs.io/v1', 'https://api.eu.residency.elevenlabs.io/v1'],
    wires: ['elevenlabs'],
  },
  { name: 'assemblyai', hosts: ['assemblyai.com'], examples: ['https://api.assemblyai.com/v2'] },
  {
    name: 'nvidia',
    hosts: ['api.nvidia.com'],
    examples: ['https://integrate.api.nvidia.com/v1', 'https://ai.api.nvidia.com/v1'],
    includeUsage: true,
  },
  {
    name: 'deepinfra',
    hosts: ['deepinfra.com'],
    examples: ['https://api.deepinfra.com/v1/openai'],
    includeUsage: true,
  },
  {
    name: 'sambanova',
    hosts: ['sambanova.ai'],
    examples: ['https://api.sambanova.ai/v1'],
    includeUsage: true,
  },
  {
    name: 'nebius',
    hosts: ['nebius.com', 'nebius.ai'],
    examples: [
      'https://api.studio.nebius.com/v1',
      'https://api.studio.nebius.ai/v1',
      'https://api.tokenfactory.nebius.com/v1',
    ],
  },
  { name: 'hyperbolic', hosts: ['hyperbolic.xyz'], examples: ['https://api.hyperbolic.xyz/v1'] },
  { name: 'novita', hosts: ['novita.ai'], examples: ['https://api.novita.ai/v3/openai'] },
  { name: 'baseten', hosts: ['baseten.co'], examples: ['https://inference.baseten.co/v1'] },
  { name: 'replicate', hosts: ['replicate.com'], examples: ['https://api.replicate.com/v1'] },
  {
    name: 'minimax',
    hosts: ['minimax.io', 'minimaxi.com'],
    examples: ['https://api.minimax.io/v1', 'https://api.minimaxi.com/v1'],
  },
  { name: 'ai21', hosts: ['ai21.com'], examples: ['https://api.ai21.com/studio/v1'] },
  { name: 'aleph-alpha', hosts: ['aleph-alpha.com'], examples: ['https://api.aleph-alpha.com'] },
  { name: 'writer', hosts: ['writer.com'], examples: ['https://api.writer.com/v1'] },
  { name: 'avian', hosts: ['avian.io'], examples: ['https://api.avian.io/v1'], reportsCost: 'cost' },
  { name: 'upstage', hosts: ['upstage.ai'], examples: ['https://api.upstage.ai/v1'] },
  {
    name: 'siliconflow',
    hosts: ['siliconflow.com', 'siliconflow.cn'],
    examples: ['https://api.siliconflow.com/v1', 'https://api.siliconflow.cn/v1'],
  },
  { name: 'stability', hosts: ['stability.ai'], examples: ['https://api.stability.ai/v2beta'] },
  { name: 'helicone', hosts: ['helicone.ai'], examples: ['https://ai-gateway.helicone.ai/v1'] },
  { name: 'portkey', hosts: ['portkey.ai'], examples: ['https://api.portkey.ai/v1'] },
  { name: 'requesty', hosts: ['requesty.ai'], examples: ['https://router.requesty.ai/v1'] },
  {
    name: 'pydantic',
    hosts: ['gateway.pydantic.dev'],
    examples: ['https://gateway.pydantic.dev/proxy/openai'],
  },
  {
    name: 'ollama',
    hosts: ['ollama.com'],
    localPort: 11_434,
    examples: [
      'https://ollama.com/api',
      'http://127.0.0.1:11434',
      'http://localhost:11434/v1',
      'http://[::1]:11434',
    ],
    wires: ['ollama', 'openai', 'anthropic', 'google'],
    includeUsage: true,
  },
  // Software for own machines: recognised by what the user says about a host (`providers: { 'llm.internal': 'vllm' }`).
  {
    name: 'self_hosted',
    catalogueIds: [],
    wires: ['ollama', 'openai', 'anthropic', 'google'],
    includeUsage: true,
  },
  { name: 'vllm', includeUsage: true },
  { name: 'lm_studio', includeUsage: true },
  { name: 'litellm', includeUsage: true },
];
