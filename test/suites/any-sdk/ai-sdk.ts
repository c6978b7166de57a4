import type { Row } from './sdks.ts';

/** The Vercel AI SDK, as far as these tests use it; alike in 5, 6 and 7. */
export interface AiSdk {
  generateText(options: object): PromiseLike<{ text: string }>;
  streamText(options: object): { textStream: AsyncIterable<string> };
  generateObject(options: object): PromiseLike<unknown>;
  embedMany(options: object): PromiseLike<unknown>;
  embed(options: object): PromiseLike<unknown>;
  tool(options: object): unknown;
  jsonSchema(schema: object): unknown;
  stepCountIs(count: number): unknown;
  experimental_generateImage?(options: object): PromiseLike<unknown>;
  generateImage?(options: object): PromiseLike<unknown>;
  generateSpeech?(options: object): PromiseLike<unknown>;
  experimental_generateSpeech?(options: object): PromiseLike<unknown>;
  transcribe?(options: object): PromiseLike<unknown>;
  experimental_transcribe?(options: object): PromiseLike<unknown>;
}

type Provider = ((model: string) => unknown) & Record<string, (model: string) => unknown>;

const PROMPT = 'What is the capital of France?';

export async function load(major: number): Promise<AiSdk> {
  return (await import(`ai${major}`)) as AiSdk;
}

export async function provider(
  name: string,
  major: number,
  create: string,
  options: object,
): Promise<Provider> {
  const module = (await import(`${name}-for-ai${major}`)) as Record<string, (options: object) => Provider>;
  return module[create]!(options);
}

const PROVIDERS: readonly {
  readonly name: string;
  readonly create: string;
  readonly options?: object;
  readonly model: string;
  readonly is: string;
  /** The first major whose provider takes an API key; before, it asks Google's own servers for a token. */
  readonly since?: number;
}[] = [
  { name: 'openai', create: 'createOpenAI', model: 'gpt-4o', is: 'openai' },
  { name: 'anthropic', create: 'createAnthropic', model: 'claude-sonnet-4-5', is: 'anthropic' },
  { name: 'google', create: 'createGoogleGenerativeAI', model: 'gemini-2.5-flash', is: 'gcp.gemini' },
  {
    name: 'google-vertex',
    create: 'createVertex',
    model: 'gemini-2.5-flash',
    is: 'gcp.vertex_ai',
    since: 6,
  },
  {
    name: 'amazon-bedrock',
    create: 'createAmazonBedrock',
    options: { region: 'us-east-1' },
    model: 'anthropic.claude-3-5-sonnet-20240620-v1:0',
    is: 'aws.bedrock',
  },
  {
    name: 'azure',
    create: 'createAzure',
    options: { resourceName: 'acme' },
    model: 'gpt-4o',
    is: 'azure.ai.openai',
  },
  { name: 'mistral', create: 'createMistral', model: 'mistral-small-latest', is: 'mistral_ai' },
  { name: 'groq', create: 'createGroq', model: 'llama-3.3-70b-versatile', is: 'groq' },
  { name: 'xai', create: 'createXai', model: 'grok-4', is: 'x_ai' },
  {
    name: 'openai-compatible',
    create: 'createOpenAICompatible',
    options: { name: 'own', baseURL: 'http://llm.internal:8080/v1' },
    model: 'llama-3',
    is: 'self_hosted',
  },
];

/** Every official provider, plain and streamed, and what else one call of the application can do. */
export async function aiSdkRows(major: number, telemetry: boolean): Promise<readonly Row[]> {
  const ai = await load(major);
  const observed = telemetry
    ? {
        experimental_telemetry: {
          isEnabled: true,
          functionId: 'capital',
          metadata: { customer: 'acme', plan: 'pro' },
        },
      }
    : {};
  const rows: Row[] = [];
  for (const { name, create, options, model, is, since = 5 } of PROVIDERS) {
    if (major < since) continue;
    const make = await provider(name, major, create, { apiKey: 'test', ...options });
    const common = { prompt: PROMPT, maxRetries: 0, ...observed };
    rows.push(
      {
        title: `ai ${major} ${name} generateText`,
        provider: is,
        call: async () => ai.generateText({ ...common, model: make(model) }),
      },
      {
        title: `ai ${major} ${name} streamText`,
        provider: is,
        call: async () => {
          let text = '';
          for await (const part of ai.streamText({ ...common, model: make(model) }).textStream) text += part;
          if (text !== 'Paris.') throw new Error(`the stream said ${JSON.stringify(text)}`);
        },
      },
    );
  }
  const openai = await provider('openai', major, 'createOpenAI', { apiKey: 'test' });
  const weather = ai.tool({
    description: 'the weather',
    inputSchema: ai.jsonSchema({ type: 'object', properties: { city: { type: 'string' } } }),
    execute: () => 'sunny',
  });
  rows.push(
    {
      title: `ai ${major} openai.chat generateText`,
      provider: 'openai',
      call: async () => ai.generateText({ prompt: PROMPT, model: openai.chat!('gpt-4o'), ...observed }),
    },
    {
      title: `ai ${major} a tool loop is one event per model call`,
      provider: 'openai',
      events: 2,
      call: async () =>
        ai.generateText({
          prompt: PROMPT,
          model: openai.chat!('gpt-4o'),
          tools: { weather },
          stopWhen: ai.stepCountIs(3),
          ...observed,
        }),
    },
    {
      title: `ai ${major} embedMany`,
      provider: 'openai',
      operation: 'embeddings',
      output: 0,
      call: async () =>
        ai.embedMany({
          values: ['a', 'b'],
          model: (openai.embedding ?? openai.textEmbeddingModel)!('text-embedding-3-small'),
          ...observed,
        }),
    },
    {
      title: `ai ${major} generateObject`,
      provider: 'openai',
      call: async () =>
        ai.generateObject({
          prompt: PROMPT,
          model: openai.chat!('gpt-4o'),
          schema: ai.jsonSchema({ type: 'object', properties: { city: { type: 'string' } } }),
          ...observed,
        }),
    },
    {
      title: `ai ${major} generateImage`,
      provider: 'openai',
      operation: 'image_generation',
      usage: { inputTokens: 20, outputTokens: 1056 },
      call: async () =>
        (ai.generateImage ?? ai.experimental_generateImage)!({
          model: openai.image!('gpt-image-1'),
          prompt: PROMPT,
        }),
    },
    {
      title: `ai ${major} generateSpeech`,
      provider: 'openai',
      operation: 'speech',
      // The characters of the prompt.
      usage: { inputCharacters: PROMPT.length },
      call: async () =>
        (ai.generateSpeech ?? ai.experimental_generateSpeech)!({
          model: openai.speech!('tts-1'),
          text: PROMPT,
        }),
    },
    {
      title: `ai ${major} transcribe`,
      provider: 'openai',
      operation: 'transcription',
      usage: { inputAudioSeconds: 13 },
      call: async () =>
        (ai.transcribe ?? ai.experimental_transcribe)!({
          model: openai.transcription!('whisper-1'),
          audio: new Uint8Array([1, 2, 3]),
        }),
    },
  );
  return rows;
}
