import type OpenAI from 'openai';
import type { AzureOpenAI } from 'openai';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { OpenAIInstrumentation } from '../../../src/instrumentations/openai/instrumentation.ts';
import { json, sse, sseEvent } from '../../support/provider-server.ts';
import {
  chatChunks,
  chatChunksWithUsage,
  chatCompletion,
  chatUsage,
  response,
  responseEvents,
} from '../../support/wire.ts';
import { all } from '../../support/waiting.ts';
import type {
  CallStyle,
  Client as AppClient,
  ClientOptions,
  ProviderUnderTest,
} from '../contract/provider-under-test.ts';
import { stainless, type StainlessClass } from '../contract/stainless.ts';

type OpenAIClass = typeof OpenAI;

/** What the package exports. */
export interface OpenAIModule {
  readonly OpenAI: OpenAIClass;
  readonly AzureOpenAI: typeof AzureOpenAI;
}

const messages = [{ role: 'user' as const, content: 'Hello' }];
const usage = {
  inputTokens: 2006,
  cacheReadTokens: 1920,
  outputTokens: 300,
  reasoningTokens: 192,
  totalTokens: 2306,
};
const responseUsage = { inputTokens: 1000, cacheReadTokens: 400, outputTokens: 50, reasoningTokens: 20 };

/** A major of the `openai` package, CommonJS or ES module, as the contract calls it. */
export function openaiUnderTest(
  name: string,
  { OpenAI: Client, AzureOpenAI }: OpenAIModule,
): ProviderUnderTest {
  const major = Number(/\d+/.exec(name)?.[0] ?? 7);
  const instrumentation = new OpenAIInstrumentation({ enabled: false });
  const connect = ({ url, ...options }: ClientOptions, Class: StainlessClass = Client): AppClient =>
    new (Class as OpenAIClass)({ apiKey: 'sk-test', baseURL: `${url}/v1`, ...options });
  const create: ProviderUnderTest['create'] = (client, params, options) =>
    openai(client).chat.completions.create(params as never, options);
  return {
    name,
    instrumentation,
    prepare: () => instrumentation.manuallyInstrument(Client),
    connect,
    create,
    ...stainless({ Client, connect, create, path: '/chat/completions' }),
    params: { model: 'gpt-4o', messages },
    streamParams: { model: 'gpt-4o', messages, stream: true },
    reply: chatCompletion,
    events: (request) => (request.json().stream_options === undefined ? chatChunks : chatChunksWithUsage),
    errorEvent: { error: { message: 'overloaded', type: 'server_error', code: 'overloaded' } },
    stream: { contentType: 'text/event-stream', encode: sseEvent, end: 'data: [DONE]\n\n' },
    usage,
    isText: (event) => Boolean((event as ChatCompletionChunk).choices?.[0]?.delta?.content),
    free: {
      call: (client) => all(openai(client).models.list()),
      page: { object: 'list', data: [{ id: 'gpt-4o', object: 'model', created: 1, owned_by: 'openai' }] },
    },
    styles: { ...stylesOf(major), ...azureStyles(AzureOpenAI) },
  };
}

/** The ways to call only this SDK has; helpers lived below `beta` up to 4. */
function stylesOf(major: number): Record<string, CallStyle> {
  const completions = (client: AppClient): OpenAI['chat']['completions'] => {
    const { beta, chat } = openai(client);
    return major === 4
      ? (beta as unknown as { chat: { completions: OpenAI['chat']['completions'] } }).chat.completions
      : chat.completions;
  };
  const ok = { status: 'ok', usageSource: 'provider', usage };
  const okResponse = { status: 'ok', usageSource: 'provider', usage: responseUsage };
  const input = { model: 'gpt-4.1', input: 'Hello' };
  const whole = json(chatCompletion);
  return {
    'chat.completions.parse is one call': {
      answer: whole,
      run: (client) => completions(client).parse({ model: 'gpt-4o', messages }),
      calls: [ok],
    },
    'chat.completions.parse reads its format once': {
      answer: json(withContent('{"answer":42}')),
      run: async (client) => {
        const format = {
          type: 'json_schema',
          json_schema: { name: 'answer', strict: true, schema: { type: 'object' } },
          $brand: 'auto-parseable-response-format',
          $parseRaw: (content: string) => JSON.parse(content) as unknown,
        };
        const reply = await completions(client).parse({
          model: 'gpt-4o',
          messages,
          response_format: format as never,
        });
        return reply.choices[0]?.message.parsed;
      },
      calls: [ok],
    },
    'chat.completions.stream() with its emitters and finals is one call': {
      answer: async (request, reply) =>
        sse(request.json().stream_options === undefined ? chatChunks : chatChunksWithUsage)(request, reply),
      run: async (client) => {
        const events: unknown[] = [];
        const stream = completions(client).stream({ model: 'gpt-4o', messages });
        stream.on('content', (delta) => void events.push(delta));
        stream.on('end', () => void events.push('end'));
        return { events, content: await stream.finalContent() };
      },
      calls: [ok],
    },
    'chat.completions.stream() abandoned at once is one aborted call': {
      answer: sse(chatChunksWithUsage),
      run: async (client) => {
        const stream = completions(client).stream({ model: 'gpt-4o', messages });
        for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
        return stream.aborted;
      },
      calls: [{ status: 'aborted', usageSource: 'estimated' }],
    },
    'chat.completions.runTools is one call per hop': {
      answer: (request, reply) =>
        json(request.body.includes('"tool_call_id"') ? chatCompletion : toolCall)(request, reply),
      run: async (client) => {
        const runner = completions(client).runTools({
          model: 'gpt-4o',
          messages,
          tools: [
            {
              type: 'function',
              function: {
                name: 'weather',
                description: 'weather',
                parameters: { type: 'object', properties: {} },
                function: () => 'sunny',
              },
            },
          ],
        } as never);
        return { content: await runner.finalContent(), usage: await runner.totalUsage() };
      },
      calls: [ok, ok],
    },
    'chat.completions with usage asked for shows it': {
      answer: sse(chatChunksWithUsage),
      run: async (client) =>
        all(
          await openai(client).chat.completions.create({
            model: 'gpt-4o',
            messages,
            stream: true,
            stream_options: { include_usage: true },
          }),
        ),
      calls: [ok],
    },
    'legacy completions are one call': {
      answer: json({
        id: 'cmpl-1',
        object: 'text_completion',
        model: 'gpt-3.5-turbo-instruct',
        choices: [{ text: 'Hi', index: 0, logprobs: null, finish_reason: 'stop' }],
        usage: chatUsage,
      }),
      run: (client) =>
        openai(client).completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'Hello' }),
      calls: [{ ...ok, operation: 'text_completion' }],
    },
    'responses.create is one call': {
      answer: json(response),
      run: (client) => openai(client).responses.create(input),
      calls: [okResponse],
    },
    'responses.create streamed is one call': {
      answer: sse(responseEvents, { done: false }),
      run: async (client) => all(await openai(client).responses.create({ ...input, stream: true })),
      calls: [okResponse],
    },
    'responses.parse is one call': {
      answer: json(response),
      run: (client) => openai(client).responses.parse(input),
      calls: [okResponse],
    },
    'responses.stream() with its final response is one call': {
      answer: sse(streamedResponse, { done: false }),
      run: async (client) => {
        const stream = openai(client).responses.stream(input);
        const types: string[] = [];
        stream.on('event', (event) => void types.push(event.type));
        return { types, final: await stream.finalResponse() };
      },
      calls: [okResponse],
    },
    'embeddings are one call, decoded as without us': {
      answer: json({
        object: 'list',
        model: 'text-embedding-3-small',
        data: [
          {
            object: 'embedding',
            index: 0,
            embedding: Buffer.from(new Float32Array([1, 2]).buffer).toString('base64'),
          },
        ],
        usage: { prompt_tokens: 8, total_tokens: 8 },
      }),
      run: async (client) => {
        const reply = await openai(client).embeddings.create({
          model: 'text-embedding-3-small',
          input: 'Hello',
        });
        return { ...reply, data: reply.data.map((item) => Array.from(item.embedding)) };
      },
      calls: [{ status: 'ok', operation: 'embeddings', usageSource: 'provider', usage: { inputTokens: 8 } }],
    },
  };
}

/** Azure's client puts the deployment into the path. */
function azureStyles(Azure: OpenAIModule['AzureOpenAI']): Record<string, CallStyle> {
  const connect = (client: AppClient): OpenAI => {
    const { baseURL } = openai(client);
    const endpoint = baseURL.replace(/\/v1$/, '');
    return new Azure({
      apiKey: 'key',
      apiVersion: '2025-01-01',
      endpoint,
      deployment: 'my-gpt',
      maxRetries: 0,
    });
  };
  return {
    'AzureOpenAI is one call, at Azure': {
      answer: json(chatCompletion),
      run: (client) => connect(client).chat.completions.create({ model: 'my-gpt', messages }),
      calls: [
        { status: 'ok', usageSource: 'provider', usage, provider: 'azure.ai.openai', operation: 'chat' },
      ],
    },
    'AzureOpenAI streams as one call': {
      answer: sse(chatChunksWithUsage),
      run: async (client) =>
        all(
          await connect(client).chat.completions.create({
            model: 'my-gpt',
            messages,
            stream: true,
            stream_options: { include_usage: true },
          }),
        ),
      calls: [{ status: 'ok', usageSource: 'provider', usage, provider: 'azure.ai.openai' }],
    },
  };
}

/** The clients of every major, typed as those of the newest. */
function openai(client: AppClient): OpenAI {
  return client as unknown as OpenAI;
}

function withContent(content: string): object {
  const [choice] = chatCompletion.choices;
  return {
    ...chatCompletion,
    choices: [{ ...choice, message: { role: 'assistant', content, refusal: null } }],
  };
}

const toolCall = {
  ...chatCompletion,
  choices: [
    {
      index: 0,
      logprobs: null,
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
      },
    },
  ],
};

/** What `responses.stream()` wants to see: items and parts opened before their deltas. */
const [created, delta, completed] = responseEvents;
const streamedResponse = [
  created,
  {
    type: 'response.output_item.added',
    sequence_number: 1,
    output_index: 0,
    item: { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] },
  },
  {
    type: 'response.content_part.added',
    sequence_number: 2,
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text', text: '', annotations: [] },
  },
  delta,
  completed,
];
