import { Readable } from 'node:stream';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { Mistral } from '@mistralai/mistralai';
import { CohereClient, CohereClientV2 } from 'cohere-ai';
import { GoogleGenAI } from 'genai3';
import Groq from 'groq-sdk';
import { Ollama } from 'ollama';
import { object } from '../../../src/base/read.ts';
import type { Recording } from '../../support/recordings.ts';

const google = new GoogleGenAI({ apiKey: 'test' });
const vertex = new GoogleGenAI({
  vertexai: true,
  project: 'p',
  location: 'us-central1',
  googleAuthOptions: { authClient: { getRequestHeaders: () => Promise.resolve(new Headers()) } as never },
});
const mistral = new Mistral({ apiKey: 'test' });
const cohere = new CohereClient({ token: 'test' });
const cohere2 = new CohereClientV2({ token: 'test' });
const groq = new Groq({ apiKey: 'test', maxRetries: 0 });
const ollama = new Ollama();
const messages = [{ role: 'user' as const, content: 'hi' }];

/** The address; placeholders stand for the recorders' own hosts and regions. */
export function urlOf({ url }: Recording): string {
  return url.replace(/^<\w+>/, 'http://recorded.internal/v1').replaceAll(/<\w+>/g, 'us-east-1');
}

/** How an application makes the recorded call with the real SDK; undefined where there is none for JavaScript. */
export function callOf(recording: Recording): (() => Promise<unknown>) | undefined {
  const { file, stream } = recording;
  const path = new URL(urlOf(recording)).pathname;
  const body = object(recording.request_body) ?? {};
  const model = /\/models\/([^:/]+)/.exec(path)?.[1] ?? recording.request_model ?? 'unknown';
  const [, make] = CALLS.find(([pattern]) => pattern.test(`${file} ${path}`)) ?? [];
  return make === undefined ? undefined : () => make({ model, body, stream, path, recording });
}

interface Asked {
  readonly model: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly stream: boolean;
  readonly path: string;
  readonly recording: Recording;
}

const clientOf = (path: string): GoogleGenAI => (path.includes('/projects/') ? vertex : google);

/** File and path → the call; what is asked is the recorded model, and the recorded body where the bill depends on it. */
const CALLS: readonly (readonly [RegExp, (asked: Asked) => Promise<unknown>])[] = [
  [
    /^(?:google|vertex)\.\w+ .*:generateContent$/,
    ({ path, model }) => clientOf(path).models.generateContent({ model, contents: 'hi' }),
  ],
  [
    /^(?:google|vertex)\.\w+ .*:streamGenerateContent$/,
    async ({ path, model }) =>
      drain(await clientOf(path).models.generateContentStream({ model, contents: 'hi' })),
  ],
  [
    /:(?:batchEmbedContents|embedContent|predict)$/,
    ({ path, model }) => clientOf(path).models.embedContent({ model, contents: 'hi' }),
  ],
  [
    /\/interactions$/,
    async ({ body, stream }) => {
      const asked = { model: 'gemini-2.5-flash', ...body, input: 'hi' };
      const reply: unknown = await google.interactions.create({ ...asked, stream } as never);
      if (stream) await drain(reply as AsyncIterable<unknown>);
    },
  ],
  [/\/batches\/\w+$/, ({ path }) => google.batches.get({ name: path.replace(/^.*(?=batches\/)/, '') })],
  [/\/converse$/, (asked) => bedrock(asked).send(new ConverseCommand(turn(asked)))],
  [
    /\/converse-stream$/,
    async (asked) => drain((await bedrock(asked).send(new ConverseStreamCommand(turn(asked)))).stream!),
  ],
  [/\/invoke$/, (asked) => bedrock(asked).send(new InvokeModelCommand(invocation(asked)))],
  [
    /\/invoke-with-response-stream$/,
    async (asked) =>
      drain((await bedrock(asked).send(new InvokeModelWithResponseStreamCommand(invocation(asked)))).body!),
  ],
  [
    /^mistral\.chat/,
    async ({ model, stream }) =>
      stream
        ? drain(await mistral.chat.stream({ model, messages }))
        : mistral.chat.complete({ model, messages }),
  ],
  [/^mistral\.embeddings/, ({ model }) => mistral.embeddings.create({ model, inputs: ['hi'] })],
  [
    /^mistral\.audio\.transcriptions/,
    ({ model }) => mistral.audio.transcriptions.complete({ model, fileUrl: 'https://example.com/a.mp3' }),
  ],
  [
    /^cohere\.chat \/v1/,
    async ({ model, stream }) =>
      stream
        ? drain(await cohere.chatStream({ model, message: 'hi' }))
        : cohere.chat({ model, message: 'hi' }),
  ],
  [
    /^cohere\.chat \/v2/,
    async ({ model, stream }) =>
      stream ? drain(await cohere2.chatStream({ model, messages })) : cohere2.chat({ model, messages }),
  ],
  [/^cohere\.generate/, ({ model }) => cohere.generate({ model, prompt: 'hi' })],
  [
    /^cohere\.embeddings/,
    ({ model }) =>
      cohere2.embed({ model, texts: ['hi'], inputType: 'search_query', embeddingTypes: ['float'] }),
  ],
  [/^cohere\.rerank/, ({ model }) => cohere2.rerank({ model, query: 'hi', documents: ['a', 'b'] })],
  [
    /^groq\./,
    async ({ model, stream }) => {
      const reply: unknown = await groq.chat.completions.create({ model, messages, stream });
      if (stream) await drain(reply as AsyncIterable<unknown>);
    },
  ],
  [
    /^ollama\.api\.chat/,
    async ({ model, stream }) =>
      stream ? drain(await ollama.chat({ model, messages, stream: true })) : ollama.chat({ model, messages }),
  ],
  [
    /^ollama\.api\.generate/,
    async ({ model, stream }) =>
      stream
        ? drain(await ollama.generate({ model, prompt: 'hi', stream: true }))
        : ollama.generate({ model, prompt: 'hi' }),
  ],
  [/^ollama\.embeddings \/api\/embed$/, ({ model }) => ollama.embed({ model, input: 'hi' })],
];

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const each of stream) void each;
}

/** Its HTTP handler is not `fetch`: this one answers with the recorded reply. */
function bedrock({ recording }: Asked): BedrockRuntimeClient {
  const { status, response_headers: headers, response_body: body, response_body_type: type } = recording;
  const bytes = Buffer.from(body, type === 'aws-eventstream-base64' ? 'base64' : 'utf8');
  return new BedrockRuntimeClient({
    region: /bedrock-runtime\.([\w-]+)\./.exec(urlOf(recording))?.[1] ?? 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      handle: () =>
        Promise.resolve({
          response: {
            statusCode: status,
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
            ),
            body: Readable.from([bytes]),
          },
        }),
    },
  });
}

function modelIdOf({ path }: Asked): string {
  return decodeURIComponent(/\/model\/([^/]+)\//.exec(path)?.[1] ?? '');
}

function turn(asked: Asked): { modelId: string; messages: { role: 'user'; content: { text: string }[] }[] } {
  return { modelId: modelIdOf(asked), messages: [{ role: 'user', content: [{ text: 'hi' }] }] };
}

function invocation(asked: Asked): { modelId: string; body: string } {
  return { modelId: modelIdOf(asked), body: JSON.stringify(asked.body) };
}
