import { EventStreamCodec } from '@smithy/eventstream-codec';
import { ProviderServer, type SeenRequest } from '../../support/provider-server.ts';
import type { ServerResponse } from 'node:http';

/**
 * The providers' hosts, as far as these tests go: real names, real HTTP, and one loopback server that answers for
 * all of them in each one's own wire. SDKs run as installed, with their default addresses.
 */
export class Internet {
  readonly server: ProviderServer;
  readonly #fetch = globalThis.fetch;

  private constructor(server: ProviderServer) {
    this.server = server;
  }

  /** Takes the place of `fetch` until disposed; what patches `fetch` afterwards stands above it. */
  static async start(): Promise<Internet> {
    const server = await ProviderServer.start();
    server.answer(answer);
    const internet = new Internet(server);
    const real = internet.#fetch;
    globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      const { protocol, host, pathname, search } = new URL(request.url);
      if (protocol === 'data:') return real(input, init);
      const headers = new Headers(request.headers);
      headers.set('x-asked-host', host);
      const body = request.body === null ? null : await request.arrayBuffer();
      const { method, signal } = request;
      return real(`${server.url}${pathname}${search}`, { method, headers, body, signal });
    };
    return internet;
  }

  /** The next request is told to come back. */
  refuseNext(): void {
    this.server.answer((_request, response) => {
      this.server.answer(answer);
      response
        .writeHead(503, { 'content-type': 'application/json' })
        .end('{"error":{"message":"overloaded"}}');
    });
  }

  async stop(): Promise<void> {
    globalThis.fetch = this.#fetch;
    await this.server.stop();
  }
}

/** Every reply says the same in its own words: 120 tokens in, 100 of them from the cache where the wire has one, 30 out. */
export const TEXT = 'Paris.';

async function answer(request: SeenRequest, response: ServerResponse): Promise<void> {
  const path = request.path.replace(/\?.*$/, '');
  const reply = REPLIES.find(([pattern]) => pattern.test(path))?.[1];
  if (reply === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: `nothing at ${path}` } }));
    return;
  }
  await reply(request, response);
}

type Reply = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

const json =
  (body: (asked: Record<string, unknown>, request: SeenRequest) => unknown): Reply =>
  (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
    response.end(JSON.stringify(body(parse(request.body), request)));
  };

const sse =
  (events: (asked: Record<string, unknown>) => readonly unknown[], named = false): Reply =>
  async (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events(parse(request.body))) {
      const { type } = event as { type?: string };
      response.write(
        `${named && type !== undefined ? `event: ${type}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
      );
      await new Promise(setImmediate);
    }
    response.end(named ? '' : 'data: [DONE]\n\n');
  };

const ndjson =
  (lines: readonly unknown[]): Reply =>
  async (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const line of lines) {
      response.write(`${JSON.stringify(line)}\n`);
      await new Promise(setImmediate);
    }
    response.end();
  };

const awsEvents =
  (events: readonly (readonly [string, unknown])[]): Reply =>
  async (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    for (const [type, payload] of events) {
      response.write(eventStreamMessage(type, payload));
      await new Promise(setImmediate);
    }
    response.end();
  };

const ENCODER = new TextEncoder();
const CODEC = new EventStreamCodec(
  (bytes) => new TextDecoder().decode(bytes as Uint8Array),
  (text) => ENCODER.encode(text),
);

export function eventStreamMessage(
  type: string,
  payload: unknown,
  kind: 'event' | 'exception' = 'event',
): Uint8Array {
  const text = (value: string) => ({ type: 'string' as const, value });
  return CODEC.encode({
    headers: {
      [`:${kind}-type`]: text(type),
      ':content-type': text('application/json'),
      ':message-type': text(kind),
    },
    body: ENCODER.encode(JSON.stringify(payload)),
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

const streamedOr =
  (stream: Reply, plain: Reply): Reply =>
  (request, response) =>
    (parse(request.body).stream === true ? stream : plain)(request, response);

const CHAT_USAGE = {
  prompt_tokens: 120,
  completion_tokens: 30,
  total_tokens: 150,
  prompt_tokens_details: { cached_tokens: 100 },
};

const toolCall = (asked: Record<string, unknown>): boolean =>
  Array.isArray(asked.tools) && !JSON.stringify(asked.messages ?? asked.input).includes('sunny');

const chat = json((asked) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: asked.model ?? 'gpt-4o',
  choices: [
    {
      index: 0,
      finish_reason: toolCall(asked) ? 'tool_calls' : 'stop',
      message: toolCall(asked)
        ? {
            role: 'assistant',
            content: null,
            tool_calls: [
              {
                id: 'call_1',
                type: 'function',
                function: { name: 'weather', arguments: '{"city":"Paris"}' },
              },
            ],
          }
        : { role: 'assistant', content: isJson(asked) ? '{"city":"Paris"}' : TEXT },
    },
  ],
  usage: CHAT_USAGE,
}));

const isJson = (asked: Record<string, unknown>): boolean => asked.response_format !== undefined;

const chatStream = sse((asked) => {
  const chunk = (choices: unknown, usage?: unknown) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: asked.model ?? 'gpt-4o',
    choices,
    ...(usage === undefined ? {} : { usage }),
  });
  const asksForUsage = (asked.stream_options as { include_usage?: boolean } | undefined)?.include_usage;
  return [
    chunk([{ index: 0, delta: { role: 'assistant', content: TEXT }, finish_reason: null }]),
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
    ...(asksForUsage === true ? [chunk([], CHAT_USAGE)] : []),
  ];
});

/** Mistral and Together send the usage unasked, on the chunk that finishes. */
const mistralStream = sse((asked) => [
  {
    id: 'm-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: asked.model,
    choices: [{ index: 0, delta: { role: 'assistant', content: TEXT }, finish_reason: null }],
  },
  {
    id: 'm-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: asked.model,
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 },
  },
]);

const isGenerous = (request: SeenRequest): boolean =>
  /mistral|together/.test(String(request.headers['x-asked-host']));

const response = (asked: Record<string, unknown>, status: string) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1_790_000_000,
  status,
  model: asked.model,
  output:
    status === 'completed'
      ? [
          toolCall(asked)
            ? {
                type: 'function_call',
                id: 'fc_1',
                call_id: 'call_1',
                name: 'weather',
                arguments: '{"city":"Paris"}',
                status: 'completed',
              }
            : {
                type: 'message',
                id: 'msg_1',
                role: 'assistant',
                status: 'completed',
                content: [
                  {
                    type: 'output_text',
                    text: asksForJson(asked) ? '{"city":"Paris"}' : TEXT,
                    annotations: [],
                  },
                ],
              },
        ]
      : [],
  usage:
    status === 'completed'
      ? {
          input_tokens: 120,
          input_tokens_details: { cached_tokens: 100 },
          output_tokens: 30,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 150,
        }
      : null,
});

const asksForJson = (asked: Record<string, unknown>): boolean =>
  JSON.stringify(asked.text ?? {}).includes('json_schema');

const responses = json((asked) => response(asked, 'completed'));

const responsesStream = sse(
  (asked) => [
    { type: 'response.created', sequence_number: 0, response: response(asked, 'in_progress') },
    {
      type: 'response.output_item.added',
      sequence_number: 1,
      output_index: 0,
      item: { type: 'message', id: 'msg_1', role: 'assistant', status: 'in_progress', content: [] },
    },
    {
      type: 'response.content_part.added',
      sequence_number: 2,
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      part: { type: 'output_text', text: '', annotations: [] },
    },
    {
      type: 'response.output_text.delta',
      sequence_number: 3,
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      delta: TEXT,
    },
    {
      type: 'response.output_item.done',
      sequence_number: 4,
      output_index: 0,
      item: {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: TEXT, annotations: [] }],
      },
    },
    { type: 'response.completed', sequence_number: 5, response: response(asked, 'completed') },
  ],
  true,
);

/** Anthropic leaves the cache out of `input_tokens`: 20 + 100 = 120. */
const ANTHROPIC_USAGE = {
  input_tokens: 20,
  cache_read_input_tokens: 100,
  cache_creation_input_tokens: 0,
  output_tokens: 30,
};

const messages = json((asked) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: asked.model,
  content: toolCall(asked)
    ? [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Paris' } }]
    : [{ type: 'text', text: TEXT }],
  stop_reason: toolCall(asked) ? 'tool_use' : 'end_turn',
  stop_sequence: null,
  usage: ANTHROPIC_USAGE,
}));

const messagesStream = sse(
  (asked) => [
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: asked.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...ANTHROPIC_USAGE, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: TEXT } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 30 },
    },
    { type: 'message_stop' },
  ],
  true,
);

/** Gemini counts thoughts apart from candidates: 20 + 10 = 30 out. */
const GEMINI_USAGE = {
  promptTokenCount: 120,
  cachedContentTokenCount: 100,
  candidatesTokenCount: 20,
  thoughtsTokenCount: 10,
  totalTokenCount: 150,
};

const gemini = (text: string, last: boolean) => ({
  candidates: [
    {
      index: 0,
      content: { role: 'model', parts: [{ text }] },
      ...(last ? { finishReason: 'STOP' } : {}),
    },
  ],
  usageMetadata: last ? GEMINI_USAGE : { promptTokenCount: 120, totalTokenCount: 120 },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'gem-1',
});

const generateContent = json((asked) =>
  Array.isArray(asked.tools) && !JSON.stringify(asked.contents).includes('sunny')
    ? withToolCall(gemini('', true))
    : gemini(TEXT, true),
);

function withToolCall(reply: ReturnType<typeof gemini>): object {
  const content = { role: 'model', parts: [{ functionCall: { name: 'weather', args: {} } }] };
  return { ...reply, candidates: [{ index: 0, content, finishReason: 'STOP' }] };
}
const streamGenerateContent: Reply = async (request, out) => {
  const error = { error: { code: 503, message: 'overloaded', status: 'UNAVAILABLE' } };
  const events = [gemini(TEXT, false), request.path.includes('broken') ? error : gemini('', true)];
  if (request.path.includes('alt=sse')) {
    out.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) {
      out.write(`data: ${JSON.stringify(event)}\r\n\r\n`);
      await new Promise(setImmediate);
    }
    out.end();
    return;
  }
  out.writeHead(200, { 'content-type': 'application/json' });
  out.end(JSON.stringify(events, undefined, 2));
};

const BATCH = {
  model: 'models/gemini-2.5-flash',
  createTime: '2026-11-30T00:00:00Z',
  state: 'BATCH_STATE_RUNNING',
};

/** Bedrock leaves the cache out of `inputTokens`: 20 + 100 = 120. */
const CONVERSE_USAGE = {
  inputTokens: 20,
  cacheReadInputTokens: 100,
  cacheWriteInputTokens: 0,
  outputTokens: 30,
  totalTokens: 150,
};

const converse = json(() => ({
  metrics: { latencyMs: 5 },
  output: { message: { role: 'assistant', content: [{ text: TEXT }] } },
  stopReason: 'end_turn',
  usage: CONVERSE_USAGE,
}));

const converseStream = awsEvents([
  ['messageStart', { role: 'assistant' }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: TEXT } }],
  ['contentBlockStop', { contentBlockIndex: 0 }],
  ['messageStop', { stopReason: 'end_turn' }],
  ['metadata', { usage: CONVERSE_USAGE, metrics: { latencyMs: 5 } }],
]);

const invokeStream = awsEvents(
  [
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude',
        content: [],
        usage: { ...ANTHROPIC_USAGE, output_tokens: 1 },
      },
    },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: TEXT } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 30 } },
    { type: 'message_stop' },
  ].map((event) => ['chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64') }] as const),
);

const cohereUsage = {
  billed_units: { input_tokens: 120, output_tokens: 30 },
  tokens: { input_tokens: 120, output_tokens: 30 },
};
const cohere = json(() => ({
  id: 'co-1',
  finish_reason: 'COMPLETE',
  message: { role: 'assistant', content: [{ type: 'text', text: TEXT }] },
  usage: cohereUsage,
}));
const cohereStream = sse(
  () => [
    { type: 'message-start', id: 'co-1', delta: { message: { role: 'assistant', content: [] } } },
    { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
    { type: 'content-delta', index: 0, delta: { message: { content: { text: TEXT } } } },
    { type: 'content-end', index: 0 },
    { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: cohereUsage } },
  ],
  true,
);

const ollamaLast = {
  model: 'llama3.2',
  created_at: '2026-11-30T00:00:00Z',
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  prompt_eval_count: 120,
  eval_count: 30,
  total_duration: 5,
};
const ollama = json(() => ({ ...ollamaLast, message: { role: 'assistant', content: TEXT } }));
const ollamaStream = ndjson([
  {
    model: 'llama3.2',
    created_at: '2026-11-30T00:00:00Z',
    message: { role: 'assistant', content: TEXT },
    done: false,
  },
  ollamaLast,
]);

const embeddings = json((asked) => ({
  id: 'emb-1',
  object: 'list',
  model: asked.model ?? 'text-embedding-3-small',
  data: [asked.input].flat().map((_, index) => ({ object: 'embedding', index, embedding: [0.1, 0.2] })),
  usage: { prompt_tokens: 120, total_tokens: 120 },
}));

/** Path → reply; the first that fits. */
const REPLIES: readonly (readonly [RegExp, Reply])[] = [
  [
    /\/chat\/completions$/,
    (request, out) => streamedOr(isGenerous(request) ? mistralStream : chatStream, chat)(request, out),
  ],
  [/\/responses$/, streamedOr(responsesStream, responses)],
  [/\/embeddings$/, embeddings],
  [/\/v1\/messages$/, streamedOr(messagesStream, messages)],
  [/:generateContent$/, generateContent],
  [/:streamGenerateContent$/, streamGenerateContent],
  [/:batchEmbedContents$/, json(() => ({ embeddings: [{ values: [0.1] }] }))],
  [/:countTokens$/, json(() => ({ totalTokens: 120 }))],
  [
    /\/cachedContents$/,
    json((asked) => ({
      name: 'cachedContents/c1',
      model: asked.model,
      createTime: '2026-11-30T00:00:00Z',
      expireTime: '2026-11-30T01:00:00Z',
      usageMetadata: { totalTokenCount: 4096 },
    })),
  ],
  [/:batchGenerateContent$/, json(() => ({ name: 'batches/b1', metadata: BATCH }))],
  [
    /\/batches\/b1$/,
    json(() => ({
      name: 'batches/b1',
      metadata: {
        ...BATCH,
        state: 'BATCH_STATE_SUCCEEDED',
        output: {
          inlinedResponses: {
            inlinedResponses: [
              { response: gemini(TEXT, true), metadata: { key: 'one' } },
              { response: gemini(TEXT, true) },
              { error: { code: 3, message: 'no' }, metadata: { key: 'three' } },
            ],
          },
        },
      },
      done: true,
    })),
  ],
  [
    /\/batches\/b2$/,
    json(() => ({
      name: 'batches/b2',
      metadata: { ...BATCH, state: 'BATCH_STATE_SUCCEEDED', output: { responsesFile: 'files/results-b2' } },
      done: true,
    })),
  ],
  [
    /\/files\/results-b2:download$/,
    ndjson([
      { key: 'one', response: gemini(TEXT, true) },
      { key: 'two', response: gemini(TEXT, true) },
    ]),
  ],
  [
    /:predict$/,
    json(() => ({ predictions: [{ bytesBase64Encoded: 'iVBORw0KGgo=', mimeType: 'image/png' }] })),
  ],
  [/:predictLongRunning$/, json(() => ({ name: 'models/veo-3.0-generate-001/operations/o1' }))],
  [
    /\/interactions$/,
    json((asked) => ({
      id: 'int_1',
      object: 'interaction',
      model: asked.model,
      status: 'completed',
      outputs: [{ type: 'text', text: TEXT }],
      usage: {
        total_input_tokens: 110,
        total_tool_use_tokens: 10,
        total_output_tokens: 20,
        total_thought_tokens: 10,
        total_tokens: 150,
      },
    })),
  ],
  [/\/converse$/, converse],
  [/\/async-invoke$/, json(() => ({ invocationArn: 'arn:aws:bedrock:us-east-1:1:async-invoke/a1' }))],
  [
    /\/guardrail\/g1\/version\/1\/apply$/,
    json(() => ({
      action: 'NONE',
      outputs: [],
      assessments: [],
      usage: { topicPolicyUnits: 2, contentPolicyUnits: 3, wordPolicyUnits: 1 },
    })),
  ],
  [/\/model\/[^/]+\/count-tokens$/, json(() => ({ inputTokens: 120 }))],
  [/\/converse-stream$/, converseStream],
  [/\/invoke$/, messages],
  [/\/invoke-with-response-stream$/, invokeStream],
  [/\/v2\/chat$/, streamedOr(cohereStream, cohere)],
  [
    /\/v2\/embed$/,
    json(() => ({
      id: 'co-2',
      embeddings: { float: [[0.1]] },
      texts: [],
      meta: { billed_units: { input_tokens: 120 } },
    })),
  ],
  [
    /\/v2\/rerank$/,
    json(() => ({
      id: 'co-3',
      results: [{ index: 0, relevance_score: 0.9 }],
      meta: { billed_units: { search_units: 1 } },
    })),
  ],
  [
    /\/api\/chat$/,
    (request, out) => (parse(request.body).stream === false ? ollama : ollamaStream)(request, out),
  ],
  [
    /\/images\/generations$/,
    json(() => ({
      created: 1_790_000_000,
      data: [{ b64_json: 'iVBORw0KGgo=' }],
      usage: {
        input_tokens: 20,
        output_tokens: 1056,
        total_tokens: 1076,
        input_tokens_details: { text_tokens: 20, image_tokens: 0 },
      },
    })),
  ],
  [
    /\/audio\/speech$/,
    (_request, out) => void out.writeHead(200, { 'content-type': 'audio/mpeg' }).end(Buffer.from([1, 2, 3])),
  ],
  [
    /\/audio\/transcriptions$/,
    json(() => ({
      text: TEXT,
      duration: 12.5,
      language: 'english',
      usage: { type: 'duration', seconds: 13 },
    })),
  ],
];
