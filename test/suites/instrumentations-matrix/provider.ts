import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the provider billed for one request, in its own words. */
export interface Billed {
  readonly id: string;
  readonly model: string;
  readonly wire: 'openai' | 'anthropic' | 'google';
  /** Inclusive totals, in the words of the cost event. */
  readonly usage: Readonly<Record<string, number>>;
}

/**
 * The three wires on loopback, with usage that differs from call to call, so that a sum tells which calls are in it.
 * A request that offers tools is answered with a tool call first, and with text once a tool has answered.
 */
export class Provider {
  readonly billed: Billed[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Provider> {
    const server = createServer();
    const provider = new Provider(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body = (text === '' ? {} : JSON.parse(text)) as Body;
        provider.#answer(request.url ?? '', body, response);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return provider;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(url: string, body: Body, response: ServerResponse): void {
    const n = this.billed.length;
    if (url.includes('/embeddings')) return this.#embeddings(n, body, response);
    if (url.includes('/chat/completions')) return this.#chat(n, body, response);
    if (url.includes('/responses')) return this.#responses(n, body, response);
    if (url.includes('/messages')) return this.#messages(n, body, response);
    if (url.includes('enerateContent')) return this.#gemini(n, url, body, response);
    response.writeHead(404, JSON_TYPE).end('{}');
  }

  #embeddings(n: number, { model = '' }: Body, response: ServerResponse): void {
    const input_tokens = 10 + n;
    this.billed.push({ id: `emb-${n}`, model, wire: 'openai', usage: { input_tokens } });
    json(response, {
      object: 'list',
      model,
      data: [{ object: 'embedding', index: 0, embedding: [0.1, 0.2] }],
      usage: { prompt_tokens: input_tokens, total_tokens: input_tokens },
    });
  }

  #chat(n: number, body: Body, response: ServerResponse): void {
    const { model = '', stream } = body;
    const id = `chatcmpl-${n}-${model}`;
    const [prompt_tokens, completion_tokens] = [2006 + n, 300 + n];
    this.billed.push({
      id,
      model: served(model),
      wire: 'openai',
      usage: {
        input_tokens: prompt_tokens,
        cache_read_tokens: 1920,
        output_tokens: completion_tokens,
        reasoning_tokens: 192,
      },
    });
    const usage = {
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
      prompt_tokens_details: { cached_tokens: 1920 },
      completion_tokens_details: { reasoning_tokens: 192 },
    };
    const tool = toolToCall(body);
    const base = { id, created: 1_764_000_000, model: served(model) };
    const message =
      tool === undefined
        ? { role: 'assistant', content: 'Hello there.' }
        : {
            role: 'assistant',
            content: null,
            tool_calls: [
              { index: 0, id: `call_${n}`, type: 'function', function: { name: tool, arguments: '{}' } },
            ],
          };
    const finish_reason = tool === undefined ? 'stop' : 'tool_calls';
    if (stream !== true) {
      return json(response, {
        ...base,
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason }],
        usage,
      });
    }
    const chunk = { ...base, object: 'chat.completion.chunk' };
    sse(response, [
      { ...chunk, choices: [{ index: 0, delta: message, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: {}, finish_reason }] },
      ...(body.stream_options?.include_usage === true ? [{ ...chunk, choices: [], usage }] : []),
      '[DONE]',
    ]);
  }

  #responses(n: number, body: Body, response: ServerResponse): void {
    const { model = '', stream } = body;
    const id = `resp_${n}_${model}`;
    const [input_tokens, output_tokens] = [1500 + n, 120 + n];
    this.billed.push({
      id,
      model: served(model),
      wire: 'openai',
      usage: { input_tokens, cache_read_tokens: 1024, output_tokens, reasoning_tokens: 64 },
    });
    const tool = toolToCall(body);
    const output = [
      tool === undefined
        ? {
            type: 'message',
            id: `msg_${n}`,
            status: 'completed',
            role: 'assistant',
            content: [{ type: 'output_text', text: 'Hello there.', annotations: [] }],
          }
        : {
            type: 'function_call',
            id: `fc_${n}`,
            call_id: `call_${n}`,
            status: 'completed',
            name: tool,
            arguments: '{}',
          },
    ];
    const reply = {
      id,
      object: 'response',
      created_at: 1_764_000_000,
      status: 'completed',
      model: served(model),
      output,
      parallel_tool_calls: true,
      tools: [],
      tool_choice: 'auto',
      error: null,
      incomplete_details: null,
      instructions: null,
      metadata: {},
      temperature: 1,
      top_p: 1,
      usage: {
        input_tokens,
        input_tokens_details: { cached_tokens: 1024 },
        output_tokens,
        output_tokens_details: { reasoning_tokens: 64 },
        total_tokens: input_tokens + output_tokens,
      },
    };
    if (stream !== true) return json(response, reply);
    const open = { ...reply, status: 'in_progress', output: [], usage: null };
    const item = output[0];
    sse(
      response,
      [
        { type: 'response.created', response: open },
        { type: 'response.output_item.added', output_index: 0, item },
        ...(tool === undefined
          ? [
              {
                type: 'response.output_text.delta',
                item_id: `msg_${n}`,
                output_index: 0,
                content_index: 0,
                delta: 'Hello there.',
              },
            ]
          : []),
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response: reply },
      ].map((event, sequence_number) => ({ ...event, sequence_number })),
    );
  }

  #messages(n: number, body: Body, response: ServerResponse): void {
    const { model = '', stream } = body;
    const id = `msg_${n}_${model}`;
    const [fresh, read, write, output_tokens] = [12 + n, 5000, 700, 210 + n];
    this.billed.push({
      id,
      model: served(model),
      wire: 'anthropic',
      usage: {
        input_tokens: fresh + read + write,
        cache_read_tokens: read,
        cache_write_tokens: write,
        output_tokens,
      },
    });
    const usage = {
      input_tokens: fresh,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: write,
      cache_creation: { ephemeral_5m_input_tokens: write, ephemeral_1h_input_tokens: 0 },
      output_tokens,
    };
    const tool = toolToCall(body);
    const block =
      tool === undefined
        ? { type: 'text', text: 'Hello there.' }
        : { type: 'tool_use', id: `toolu_${n}`, name: tool, input: {} };
    const stop_reason = tool === undefined ? 'end_turn' : 'tool_use';
    const base = { id, type: 'message', role: 'assistant', model: served(model), stop_sequence: null };
    if (stream !== true) return json(response, { ...base, content: [block], stop_reason, usage });
    const delta =
      tool === undefined
        ? { type: 'text_delta', text: 'Hello there.' }
        : { type: 'input_json_delta', partial_json: '{}' };
    const opening = tool === undefined ? { type: 'text', text: '' } : block;
    sse(
      response,
      [
        {
          type: 'message_start',
          message: { ...base, content: [], stop_reason: null, usage: { ...usage, output_tokens: 3 } },
        },
        { type: 'content_block_start', index: 0, content_block: opening },
        { type: 'content_block_delta', index: 0, delta },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
        { type: 'message_stop' },
      ],
      true,
    );
  }

  #gemini(n: number, url: string, body: Body, response: ServerResponse): void {
    const model = /models\/([^:]+):/.exec(url)?.[1] ?? '';
    const [promptTokenCount, candidatesTokenCount, thoughtsTokenCount] = [900 + n, 80 + n, 40];
    const id = `gemini-${n}`;
    this.billed.push({
      id,
      model,
      wire: 'google',
      // Thoughts are counted beside candidates on this wire.
      usage: {
        input_tokens: promptTokenCount,
        cache_read_tokens: 512,
        output_tokens: candidatesTokenCount + thoughtsTokenCount,
        reasoning_tokens: thoughtsTokenCount,
      },
    });
    const usageMetadata = {
      promptTokenCount,
      cachedContentTokenCount: 512,
      candidatesTokenCount,
      thoughtsTokenCount,
      totalTokenCount: promptTokenCount + candidatesTokenCount + thoughtsTokenCount,
    };
    const tool = toolToCall(body);
    const part = tool === undefined ? { text: 'Hello there.' } : { functionCall: { name: tool, args: {} } };
    const reply = {
      candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
      usageMetadata,
      modelVersion: model,
      responseId: id,
    };
    if (url.includes('stream')) sse(response, [reply]);
    else json(response, reply);
  }
}

interface Body {
  readonly model?: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly tools?: readonly {
    readonly name?: string;
    readonly function?: { readonly name: string };
    readonly functionDeclarations?: readonly { readonly name: string }[];
  }[];
}

const JSON_TYPE = { 'content-type': 'application/json' };

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { ...JSON_TYPE, 'x-request-id': 'req_loopback' }).end(JSON.stringify(body));
}

function sse(response: ServerResponse, events: readonly (object | string)[], named = false): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) {
    const name =
      named && typeof event === 'object' && 'type' in event ? `event: ${String(event.type)}\n` : '';
    response.write(`${name}data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  }
  response.end();
}

/** The model that answers is a build of the one that was asked. */
function served(model: string): string {
  return model === 'gpt-4o' ? 'gpt-4o-2024-08-06' : model;
}

/** The first tool on offer, unless a tool has answered already. */
function toolToCall(body: Body): string | undefined {
  const answered = /"role":"tool"|tool_result|function_call_output|functionResponse/.test(
    JSON.stringify(body),
  );
  const [tool] = body.tools ?? [];
  if (answered || tool === undefined) return undefined;
  return tool.function?.name ?? tool.functionDeclarations?.[0]?.name ?? tool.name;
}
