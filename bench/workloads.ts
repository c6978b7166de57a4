import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { sseEvent } from '../test/support/provider-server.ts';
import * as wire from '../test/support/wire.ts';

/** What is called, of the one SDK or the other. */
export type Client = Pick<OpenAI, 'chat' | 'responses' | 'embeddings'> & Pick<Anthropic, 'messages'>;

/** The part of an application that is measured: how it calls the SDK, and what the provider answers. */
export interface Workload {
  readonly name: string;
  readonly sdk: 'openai' | '@anthropic-ai/sdk';
  /** Calls before the clock runs, and measured ones. */
  readonly warm: number;
  readonly calls: number;
  /** The reply, or its stream: one entry per network read. */
  readonly reply: object | readonly Uint8Array[];
  /** Makes one call and reads its reply; `chunk` hears of every chunk. */
  readonly call: (client: Client, chunk: () => void) => Promise<unknown>;
}

const model = 'gpt-4o';
const claude = 'claude-opus-4-5';
const say = (content: string): { readonly role: 'user'; readonly content: string } => ({
  role: 'user',
  content,
});
const messages = [say('What does each of our customers cost us?')];

/** A prompt of so many messages of a kilobyte each. */
const long = (messageCount: number) =>
  Array.from({ length: messageCount }, () => say('costs and causes '.repeat(62)));

const tools = Array.from({ length: 100 }, (_, index) => ({
  type: 'function' as const,
  function: {
    name: `look_up_${index}`,
    description: 'Looks a customer up, by name, country or number, and says what it has bought',
    parameters: {
      type: 'object',
      properties: Object.fromEntries(
        ['name', 'country', 'number', 'since'].map((name) => [
          name,
          { type: 'string', description: `The ${name}` },
        ]),
      ),
      required: ['name'],
    },
  },
}));

const embeddings = {
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: Buffer.alloc(4 * 1536).toString('base64') }],
  model: 'text-embedding-3-small',
  usage: { prompt_tokens: 8, total_tokens: 8 },
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A streamed reply in which so many chunks say a word. */
function stream(words: number): readonly Uint8Array[] {
  const [first, word, , last] = wire.chatChunksWithUsage;
  const events = [first, ...Array.from({ length: words }, () => word), last, wire.chatChunksWithUsage.at(-1)];
  return [...events.map((event) => bytes(sseEvent(event))), bytes('data: [DONE]\n\n')];
}

function claudeStream(words: number): readonly Uint8Array[] {
  const events = wire.messageEvents;
  const isWord = ({ type }: { readonly type?: unknown }): boolean => type === 'content_block_delta';
  const word = events.find(isWord);
  const at = events.findIndex(isWord);
  return [...events.slice(0, at), ...Array.from({ length: words }, () => word), ...events.slice(at + 1)].map(
    (event) => bytes(sseEvent(event)),
  );
}

const joined = (parts: readonly Uint8Array[]): readonly Uint8Array[] => [Buffer.concat(parts)];

async function each(chunks: AsyncIterable<unknown>, chunk: () => void): Promise<void> {
  for await (const _ of chunks) chunk();
}

const openai = { sdk: 'openai', warm: 100, calls: 200, reply: wire.chatCompletion } as const;
const streamed = {
  ...openai,
  call: async (client: Client, chunk: () => void) =>
    each(
      await client.chat.completions.create({
        model,
        messages,
        stream: true,
        stream_options: { include_usage: true },
      }),
      chunk,
    ),
} as const;

export const CHAT: Workload = {
  ...openai,
  name: 'chat',
  warm: 2000,
  calls: 2000,
  call: (client) => client.chat.completions.create({ model, messages }),
};

/** The first one meets a fresh process; it is the one that ratios speak of. */
export const WORKLOADS: readonly Workload[] = [
  CHAT,
  {
    ...openai,
    name: 'chat, prompt of 50 kB',
    call: (client) => client.chat.completions.create({ model, messages: long(50) }),
  },
  {
    ...openai,
    name: 'chat, prompt of 500 kB',
    warm: 20,
    calls: 40,
    call: (client) => client.chat.completions.create({ model, messages: long(500) }),
  },
  {
    ...openai,
    name: 'chat, 100 tools',
    call: (client) => client.chat.completions.create({ model, messages, tools }),
  },
  { ...streamed, name: 'stream of 100 chunks', reply: stream(100), warm: 100, calls: 100 },
  { ...streamed, name: 'stream of 1,000 chunks', reply: stream(1000), warm: 20, calls: 20 },
  {
    ...streamed,
    name: 'stream of 1,000 chunks in one read',
    reply: joined(stream(1000)),
    warm: 20,
    calls: 20,
  },
  {
    ...openai,
    name: 'responses',
    reply: wire.response,
    call: (client) => client.responses.create({ model: 'gpt-4.1', input: 'What does each customer cost?' }),
  },
  {
    ...openai,
    name: 'embeddings',
    reply: embeddings,
    call: (client) =>
      client.embeddings.create({ model: 'text-embedding-3-small', input: 'What does it cost?' }),
  },
  {
    ...openai,
    name: 'Anthropic message',
    sdk: '@anthropic-ai/sdk',
    reply: wire.message,
    call: (client) => client.messages.create({ model: claude, max_tokens: 100, messages }),
  },
  {
    ...openai,
    name: 'Anthropic stream of 100 chunks',
    sdk: '@anthropic-ai/sdk',
    reply: claudeStream(100),
    warm: 100,
    calls: 100,
    call: async (client, chunk) =>
      each(await client.messages.create({ model: claude, max_tokens: 100, messages, stream: true }), chunk),
  },
];

/** What the provider's `fetch` answers with; the body is made anew, as on a network. */
export function answer({ reply }: Workload): Response {
  if (!Array.isArray(reply))
    return new Response(JSON.stringify(reply), {
      headers: { 'content-type': 'application/json', 'x-request-id': 'req_1' },
    });
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = (reply as readonly Uint8Array[])[next++];
      if (part === undefined) controller.close();
      else controller.enqueue(part.slice());
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' } });
}
