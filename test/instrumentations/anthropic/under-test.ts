import type Anthropic from '@anthropic-ai/sdk';
import type { MessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { AnthropicInstrumentation } from '../../../src/instrumentations/anthropic/instrumentation.ts';
import { json, type SeenRequest, sse, sseEvent } from '../../support/provider-server.ts';
import { message, messageEvents } from '../../support/wire.ts';
import { all } from '../../support/waiting.ts';
import type {
  CallStyle,
  Client as AppClient,
  ClientOptions,
  ProviderUnderTest,
} from '../contract/provider-under-test.ts';
import { stainless, type StainlessClass } from '../contract/stainless.ts';

export type AnthropicClass = typeof Anthropic;

const messages = [{ role: 'user' as const, content: 'Hello' }];
const ask = { model: 'claude-sonnet-4-6', max_tokens: 100, messages };
/** 12 fresh + 5 000 read + 700 written = 5 712 in; 210 out. */
const usage = {
  inputTokens: 5712,
  cacheReadTokens: 5000,
  cacheWriteTokens: 700,
  cacheWrite5mTokens: 500,
  cacheWrite1hTokens: 200,
  outputTokens: 210,
  totalTokens: 5922,
};
const ok = { status: 'ok', usageSource: 'provider', usage };

interface Options {
  /** Whether the SDK may trace itself, where it can. */
  readonly native?: boolean;
  /** Of a cloud's client: what it needs to know beside the URL. It offers messages and nothing else. */
  readonly cloud?: object;
}

/** A version of `@anthropic-ai/sdk`, or a client built on it, as the contract calls it. */
export function anthropicUnderTest(
  name: string,
  Client: AnthropicClass,
  { native = true, cloud }: Options = {},
): ProviderUnderTest {
  const fixed = {
    ...(cloud ?? { apiKey: 'sk-ant-test' }),
    ...(native ? {} : { openTelemetry: false as const }),
  };
  const instrumentation = new AnthropicInstrumentation({ enabled: false });
  const connect = ({ url, ...rest }: ClientOptions, Class: StainlessClass = Client): AppClient =>
    new (Class as AnthropicClass)({ ...fixed, baseURL: url, ...rest });
  const create: ProviderUnderTest['create'] = (client, params, rest) =>
    anthropic(client).messages.create(params as typeof ask, rest);
  const provider: ProviderUnderTest = {
    name,
    instrumentation,
    prepare: () => instrumentation.manuallyInstrument(Client),
    connect,
    create,
    ...stainless({ Client, connect, create, path: '/v1/messages' }),
    params: ask,
    streamParams: { ...ask, stream: true },
    reply: message,
    events: () => messageEvents,
    errorEvent: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    stream: { contentType: 'text/event-stream', encode: sseEvent, end: '' },
    usage,
    isText: (event) => (event as MessageStreamEvent).type === 'content_block_delta',
    styles: stylesOf(new Client({ ...fixed }), cloud !== undefined),
  };
  if (cloud !== undefined) return provider;
  return {
    ...provider,
    free: {
      call: (client) => all(anthropic(client).models.list()),
      page: {
        data: [{ id: 'claude-sonnet-4-6', type: 'model' }],
        has_more: false,
        first_id: null,
        last_id: null,
      },
    },
  };
}

/** The ways to call only this SDK has, as far as this version has them. */
function stylesOf(probe: Probe, isCloud: boolean): Record<string, CallStyle> {
  return {
    ...HELPERS,
    ...(isCloud ? {} : FREE),
    ...(probe.messages.parse === undefined ? {} : { 'messages.parse() is one call': PARSE }),
    ...(probe.beta.messages.toolRunner === undefined ? {} : TOOL_RUNNERS),
    ...(probe.completions === undefined ? {} : { 'completions.create() is one estimated call': COMPLETE }),
    ...(probe.middleware === undefined ? {} : { 'a call through middleware is one call': MIDDLEWARE }),
  };
}

interface Probe {
  readonly messages: { readonly parse?: unknown };
  readonly beta: { readonly messages: { readonly toolRunner?: unknown } };
  readonly completions?: unknown;
  readonly middleware?: unknown;
}

const streamed = sse(messageEvents, { done: false });
const whole = json(message);

const HELPERS: Record<string, CallStyle> = {
  'messages.stream() with its emitters and its final message is one call': {
    answer: streamed,
    run: async (client) => {
      const seen: unknown[] = [];
      const stream = anthropic(client).messages.stream(ask);
      stream.on('text', (text) => void seen.push(text));
      stream.on('end', () => void seen.push('end'));
      const final = await stream.finalMessage();
      return { seen, usage: final.usage, text: await stream.finalText() };
    },
    calls: [ok],
  },
  'messages.stream() iterated to its end is one call': {
    answer: streamed,
    run: (client) => all(anthropic(client).messages.stream(ask)),
    calls: [ok],
  },
  'messages.stream() abandoned at its first text is one aborted call': {
    answer: streamed,
    run: async (client) => {
      const stream = anthropic(client).messages.stream(ask);
      for await (const event of stream) if (event.type === 'content_block_delta') break;
      return stream.aborted;
    },
    calls: [{ status: 'aborted', usageSource: 'estimated', usage: { inputTokens: 5712, outputTokens: 3 } }],
  },
  'messages.stream() with its response is one call': {
    answer: streamed,
    run: async (client) => {
      const { data, request_id: requestId } = await anthropic(client).messages.stream(ask).withResponse();
      return { requestId, text: await data.finalText() };
    },
    calls: [{ ...ok, requestId: 'req_1' }],
  },
  'a stream left after its final figures is one complete call': {
    answer: streamed,
    run: async (client) => {
      const stream = await anthropic(client).messages.create({ ...ask, stream: true });
      for await (const event of stream) if (event.type === 'message_delta') break;
      return stream.controller.signal.aborted;
    },
    calls: [ok],
  },
  'beta messages, whole and streamed, are one call each': {
    answer: (request, reply) => (isStreamed(request) ? streamed : whole)(request, reply),
    run: async (client) => [
      await anthropic(client).beta.messages.create(ask),
      await all(await anthropic(client).beta.messages.create({ ...ask, stream: true })),
      await anthropic(client).beta.messages.stream(ask).finalText(),
    ],
    calls: [ok, ok, ok],
  },
};

/** The clouds say it in the path. */
function isStreamed({ body, path }: SeenRequest): boolean {
  return body.includes('"stream":true') || /invoke-with-response-stream|streamRawPredict/.test(path);
}

const FREE: Record<string, CallStyle> = {
  'counting tokens is free': {
    answer: json({ input_tokens: 14 }),
    run: (client) => anthropic(client).messages.countTokens({ model: ask.model, messages }),
    calls: [],
  },
  'batches, models and files are free': {
    answer: json({ id: 'msgbatch_1', type: 'message_batch', data: [], has_more: false }),
    run: async (client) => [
      await anthropic(client).messages.batches.create({ requests: [{ custom_id: 'a', params: ask }] }),
      await anthropic(client).messages.batches.retrieve('msgbatch_1'),
      await anthropic(client).models.retrieve('claude-sonnet-4-6'),
    ],
    calls: [],
  },
};

const PARSE: CallStyle = {
  answer: json({ ...message, content: [{ type: 'text', text: '{"answer":42}' }] }),
  run: async (client) => {
    const format = {
      type: 'json_schema' as const,
      schema: { type: 'object' },
      parse: (text: string) => JSON.parse(text) as unknown,
    };
    const reply = await anthropic(client).messages.parse({ ...ask, output_config: { format } });
    return reply.parsed_output;
  },
  calls: [ok],
};

const toolUse = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} };
const toolUseMessage = { ...message, id: 'msg_tool', stop_reason: 'tool_use', content: [toolUse] };
const toolUseEvents = [
  messageEvents[0],
  { type: 'content_block_start', index: 0, content_block: toolUse },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { output_tokens: 210 },
  },
  { type: 'message_stop' },
];
const tools = [
  {
    type: 'custom' as const,
    name: 'weather',
    description: 'weather',
    input_schema: { type: 'object' as const, properties: {} },
    run: () => 'sunny',
    parse: (input: unknown) => input,
  },
];

const TOOL_RUNNERS: Record<string, CallStyle> = {
  'the tool runner is one call per hop': {
    answer: (request, reply) =>
      json(request.body.includes('tool_result') ? message : toolUseMessage)(request, reply),
    run: async (client) => {
      const final = await anthropic(client).beta.messages.toolRunner({ ...ask, tools });
      return final.content;
    },
    calls: [
      { ...ok, reading: { responseId: 'msg_tool' } },
      { ...ok, reading: { responseId: 'msg_123' } },
    ],
  },
  'the streaming tool runner is one call per hop': {
    answer: (request, reply) =>
      sse(request.body.includes('tool_result') ? messageEvents : toolUseEvents, { done: false })(
        request,
        reply,
      ),
    run: async (client) => {
      const runner = anthropic(client).beta.messages.toolRunner({ ...ask, tools, stream: true });
      const seen: unknown[] = [];
      for await (const stream of runner) seen.push((await stream.finalMessage()).content);
      return seen;
    },
    calls: [ok, ok],
  },
};

/** The wire of 2023 counts nothing: 30 characters in and 8 out, at four to a token. */
const COMPLETE: CallStyle = {
  answer: json({
    id: 'compl_1',
    type: 'completion',
    completion: 'Hi there',
    stop_reason: 'stop_sequence',
    model: 'claude-2.1',
  }),
  run: (client) =>
    (client as unknown as { completions: { create(params: object): Promise<unknown> } }).completions.create({
      model: 'claude-2.1',
      max_tokens_to_sample: 100,
      prompt: '\n\nHuman: Hello\n\nAssistant:....',
    }),
  calls: [
    {
      operation: 'text_completion',
      status: 'ok',
      usageSource: 'estimated',
      usage: { inputTokens: 8, outputTokens: 2 },
    },
  ],
};

/** Middleware sees every attempt; a call is one, however often it is tried. */
const MIDDLEWARE: CallStyle = {
  answer: whole,
  run: async (client) => {
    const seen: unknown[] = [];
    const through = anthropic(client).withOptions({
      middleware: [
        async (request, next, ctx) => {
          const response = await next(request);
          seen.push([request.method, ((await ctx.parse(response)) as { id: string }).id]);
          return response;
        },
      ],
    });
    return { reply: await through.messages.create(ask), seen };
  },
  calls: [ok],
};

function anthropic(client: AppClient): Anthropic {
  return client as unknown as Anthropic;
}
