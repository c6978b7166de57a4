import {
  BedrockRuntime,
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenerativeAI } from '@google/generative-ai';
import { InferenceClient } from '@huggingface/inference';
import { Mistral } from '@mistralai/mistralai';
import { CohereClientV2 } from 'cohere-ai';
import { GoogleGenAI as GoogleGenAI1 } from 'genai1';
import { GoogleGenAI as GoogleGenAI2 } from 'genai2';
import { GoogleGenAI as GoogleGenAI3 } from 'genai3';
import Groq from 'groq-sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import Together from 'together-ai';
import type { Usage } from '../../../src/usage/usage.ts';

/** One call as an application makes it, and what the bill must say. */
export interface Row {
  readonly title: string;
  readonly call: () => Promise<unknown>;
  readonly provider: string;
  readonly operation?: string;
  readonly input?: number;
  readonly output?: number;
  /** What the event says of quantities, where these are no tokens; then `input` and `output` say nothing. */
  readonly usage?: Usage;
  /** Model calls this makes; 1 unless said. */
  readonly events?: number;
}

export const PROMPT = 'What is the capital of France?';
const messages = [{ role: 'user' as const, content: PROMPT }];

/** Reads a stream to its end. */
async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const each of stream) void each;
}

const genai = [
  ['1', new GoogleGenAI1({ apiKey: 'secret-key' })],
  ['2', new GoogleGenAI2({ apiKey: 'secret-key' })],
  ['3', new GoogleGenAI3({ apiKey: 'secret-key' })],
] as const;

const genaiRows: readonly Row[] = genai.flatMap(([major, client]) => {
  const request = { model: 'gemini-2.5-flash', contents: PROMPT };
  return [
    {
      title: `@google/genai ${major} generateContent`,
      provider: 'gcp.gemini',
      call: () => client.models.generateContent(request),
    },
    {
      title: `@google/genai ${major} generateContentStream`,
      provider: 'gcp.gemini',
      call: async () => drain(await client.models.generateContentStream(request)),
    },
    {
      title: `@google/genai ${major} chat`,
      provider: 'gcp.gemini',
      call: () => client.chats.create({ model: 'gemini-2.5-flash' }).sendMessage({ message: PROMPT }),
    },
    {
      title: `@google/genai ${major} countTokens is free`,
      provider: 'gcp.gemini',
      call: () => client.models.countTokens(request),
      events: 0,
    },
  ];
});

const legacy = new GoogleGenerativeAI('secret-key').getGenerativeModel({ model: 'gemini-2.5-flash' });
const mistral = new Mistral({ apiKey: 'secret-key' });
const cohere = new CohereClientV2({ token: 'secret-key' });
const groq = new Groq({ apiKey: 'secret-key' });
const together = new Together({ apiKey: 'secret-key' });
const ollama = new Ollama();
const huggingface = new InferenceClient('secret-key');

/** SDKs that speak through `fetch`, plain and streamed. */
export const fetchSdks: readonly Row[] = [
  ...genaiRows,
  {
    title: '@google/generative-ai generateContent',
    provider: 'gcp.gemini',
    call: () => legacy.generateContent(PROMPT),
  },
  {
    title: '@google/generative-ai generateContentStream',
    provider: 'gcp.gemini',
    call: async () => drain((await legacy.generateContentStream(PROMPT)).stream),
  },
  {
    title: '@mistralai/mistralai chat.complete',
    provider: 'mistral_ai',
    call: () => mistral.chat.complete({ model: 'mistral-small-latest', messages }),
  },
  {
    title: '@mistralai/mistralai chat.stream',
    provider: 'mistral_ai',
    call: async () => drain(await mistral.chat.stream({ model: 'mistral-small-latest', messages })),
  },
  {
    title: '@mistralai/mistralai embeddings',
    provider: 'mistral_ai',
    operation: 'embeddings',
    output: 0,
    call: () => mistral.embeddings.create({ model: 'mistral-embed', inputs: [PROMPT] }),
  },
  {
    title: 'cohere-ai chat',
    provider: 'cohere',
    call: () => cohere.chat({ model: 'command-a-03-2025', messages }),
  },
  {
    title: 'cohere-ai chatStream',
    provider: 'cohere',
    call: async () => drain(await cohere.chatStream({ model: 'command-a-03-2025', messages })),
  },
  {
    title: 'groq-sdk chat',
    provider: 'groq',
    call: () => groq.chat.completions.create({ model: 'llama-3.3-70b-versatile', messages }),
  },
  {
    title: 'groq-sdk chat, streamed',
    provider: 'groq',
    call: async () =>
      drain(await groq.chat.completions.create({ model: 'llama-3.3-70b-versatile', messages, stream: true })),
  },
  {
    title: 'together-ai chat',
    provider: 'together',
    call: () =>
      together.chat.completions.create({ model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo', messages }),
  },
  {
    title: 'together-ai chat, streamed',
    provider: 'together',
    call: async () =>
      drain(
        await together.chat.completions.create({
          model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
          messages,
          stream: true,
        }),
      ),
  },
  {
    title: 'ollama chat',
    provider: 'ollama',
    call: () => ollama.chat({ model: 'llama3.2', messages }),
  },
  {
    title: 'ollama chat, streamed',
    provider: 'ollama',
    call: async () => drain(await ollama.chat({ model: 'llama3.2', messages, stream: true })),
  },
  {
    title: '@huggingface/inference chatCompletion',
    provider: 'huggingface',
    call: () =>
      huggingface.chatCompletion({
        model: 'meta-llama/Llama-3.1-8B-Instruct',
        messages,
        endpointUrl: 'https://router.huggingface.co/v1',
      }),
  },
];

const openai = new OpenAI({ apiKey: 'secret-key', maxRetries: 0 });
const anthropic = new Anthropic({ apiKey: 'secret-key', maxRetries: 0 });

/** Those that take `fetch` when a client is made. */
export const openaiRows: readonly Row[] = [
  {
    title: 'openai chat',
    provider: 'openai',
    call: () => openai.chat.completions.create({ model: 'gpt-4o', messages }),
  },
  {
    title: 'openai chat, streamed',
    provider: 'openai',
    call: async () =>
      drain(await openai.chat.completions.create({ model: 'gpt-4o', messages, stream: true })),
  },
  {
    title: 'openai responses',
    provider: 'openai',
    call: () => openai.responses.create({ model: 'gpt-4o', input: PROMPT }),
  },
  {
    title: 'openai embeddings',
    provider: 'openai',
    call: () => openai.embeddings.create({ model: 'text-embedding-3-small', input: PROMPT }),
  },
];

export const anthropicRows: readonly Row[] = [
  {
    title: '@anthropic-ai/sdk messages',
    provider: 'anthropic',
    call: () => anthropic.messages.create({ model: 'claude-sonnet-4-6', max_tokens: 100, messages }),
  },
  {
    title: '@anthropic-ai/sdk messages, streamed',
    provider: 'anthropic',
    call: async () =>
      drain(
        await anthropic.messages.create({
          model: 'claude-sonnet-4-6',
          max_tokens: 100,
          messages,
          stream: true,
        }),
      ),
  },
];

/** Plain HTTP, as applications without an SDK speak it. */
export const plainFetch: readonly Row[] = [
  {
    title: 'fetch to /v1/chat/completions',
    provider: 'openai',
    call: async () =>
      (
        await fetch('https://api.openai.com/v1/chat/completions', {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: 'Bearer secret-key' },
          body: JSON.stringify({ model: 'gpt-4o', messages }),
        })
      ).json(),
  },
  {
    title: 'fetch of a Request with bytes',
    provider: 'anthropic',
    call: async () =>
      (
        await fetch(
          new Request('https://api.anthropic.com/v1/messages', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: new TextEncoder().encode(
              JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 100, messages }),
            ),
          }),
        )
      ).text(),
  },
  {
    title: 'fetch of a stream nobody asked the usage for',
    provider: 'openai',
    call: async () => {
      const reply = await fetch('https://api.openai.com/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt-4o', messages, stream: true }),
      });
      const text = await reply.text();
      if (text.includes('usage')) throw new Error('the application sees a chunk that it did not ask for');
    },
  },
  {
    title: 'fetch to Gemini, a JSON array as stream',
    provider: 'gcp.gemini',
    call: async () => {
      const reply = await fetch(
        'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent',
        { method: 'POST', body: JSON.stringify({ contents: [{ parts: [{ text: PROMPT }] }] }) },
      );
      await drain(reply.body!);
    },
  },
];

/** The AWS SDK speaks through handlers of its own; its endpoint is set to the loopback server. */
export function bedrockRows(endpoint: string): readonly Row[] {
  const options = {
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    // Its default speaks HTTP/2, which the loopback server does not.
    requestHandler: new NodeHttpHandler(),
  };
  const client = new BedrockRuntimeClient(options);
  const modelId = 'anthropic.claude-3-5-sonnet-20240620-v1:0';
  const asked = { modelId, messages: [{ role: 'user' as const, content: [{ text: PROMPT }] }] };
  const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages });
  const provider = 'aws.bedrock';
  return [
    { title: 'Converse', provider, call: () => client.send(new ConverseCommand(asked)) },
    {
      title: 'ConverseStream',
      provider,
      call: async () => drain((await client.send(new ConverseStreamCommand(asked))).stream!),
    },
    {
      title: 'InvokeModel',
      provider,
      call: async () => {
        const reply = await client.send(new InvokeModelCommand({ modelId, body }));
        if (!reply.body.transformToString().includes('Paris'))
          throw new Error('the caller’s body was consumed');
      },
    },
    {
      title: 'InvokeModelWithResponseStream',
      provider,
      call: async () =>
        drain((await client.send(new InvokeModelWithResponseStreamCommand({ modelId, body }))).body!),
    },
    {
      title: 'the aggregated client',
      provider,
      call: () => new BedrockRuntime(options).converse(asked),
    },
  ];
}
