import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { ProviderFetchInstrumentation } from '../../../src/instrumentations/fetch/provider-fetch-instrumentation.ts';
import { caught } from '../../support/caught.ts';
import { json, sseEvent } from '../../support/provider-server.ts';
import { chatChunks, chatChunksWithUsage, chatCompletion } from '../../support/wire.ts';
import type {
  CallStyle,
  Capabilities,
  Client,
  ClientOptions,
  Options,
  ProviderUnderTest,
} from '../contract/provider-under-test.ts';

/**
 * An SDK whose instrumentation is not there, or that has none, through the net alone. Below an SDK each attempt is a
 * call of its own, and nobody can tell its time-out from the application's abort.
 */
export function throughTheNet(
  sdk: ProviderUnderTest,
  provider: string,
  below: Capabilities,
): ProviderUnderTest {
  const { prepare: _prepare, styles: _styles, ...rest } = sdk;
  const { retries, timeout, ...can } = sdk.can;
  return {
    ...rest,
    name: `${sdk.name}, through the net`,
    ...netFor(provider),
    can: { ...can, ...below },
    styles: { ...(retries && retried(sdk)), ...(timeout && timedOut(sdk)) },
  };
}

/** What clients that Stainless generates are, seen from below. */
export const STAINLESS: Capabilities = { aborted: 'unseen', keepsFetch: true, readsWhenAwaited: true };

function netFor(provider: string): Pick<ProviderUnderTest, 'instrumentation' | 'patched'> {
  return {
    // On loopback the host says nothing.
    instrumentation: new ProviderFetchInstrumentation({
      enabled: false,
      providers: { '127.0.0.1': provider },
    }),
    patched: { owner: globalThis, names: ['fetch'] },
  };
}

function retried(sdk: ProviderUnderTest): Record<string, CallStyle> {
  const refused = { status: 'error', errorType: '503', consumedNothing: true, retries: 0 };
  let asked = 0;
  return {
    'refused and tried again is a free call and a billed one': {
      answer: (request, reply) => {
        const busy = json({ error: { message: 'busy' } }, 503, { 'retry-after-ms': '1' });
        return (++asked % 2 === 1 ? busy : json(sdk.reply))(request, reply);
      },
      run: (client, params) => sdk.create(client, params),
      calls: [refused, { status: 'ok', usageSource: 'provider', usage: sdk.usage }],
      options: { maxRetries: 1 },
    },
  };
}

function timedOut(sdk: ProviderUnderTest): Record<string, CallStyle> {
  return {
    'given up by the SDK is one call that was aborted and may have been billed': {
      answer: () => undefined,
      run: (client, params) => caught(() => sdk.create(client, params)),
      calls: [{ status: 'aborted', usageSource: 'estimated' }],
      options: { timeout: 60 },
    },
  };
}

/** OpenAI's wire spoken by hand, as an application without any SDK does; the usage is asked for, and hidden. */
export function plainFetchUnderTest(): ProviderUnderTest {
  const messages = [{ role: 'user', content: 'Hello' }];
  return {
    name: 'plain fetch',
    ...netFor('openai'),
    connect: (options) => options,
    create: async (client, params, options) => {
      const response = await post(client, CHAT, params, options);
      if (!response.ok) throw new Error(`refused with ${response.status}`);
      return 'stream' in params ? events(response) : response.json();
    },
    params: { model: 'gpt-4o', messages },
    streamParams: { model: 'gpt-4o', messages, stream: true },
    reply: chatCompletion,
    events: (request) => (request.json().stream_options === undefined ? chatChunks : chatChunksWithUsage),
    errorEvent: { error: { message: 'overloaded', type: 'server_error', code: 'overloaded' } },
    stream: { contentType: 'text/event-stream', encode: sseEvent, end: 'data: [DONE]\n\n' },
    usage: {
      inputTokens: 2006,
      cacheReadTokens: 1920,
      outputTokens: 300,
      reasoningTokens: 192,
      totalTokens: 2306,
    },
    isText: (event) => Boolean((event as ChatCompletionChunk).choices?.[0]?.delta.content),
    free: {
      page: { object: 'list', data: [] },
      call: async (client) => (await fetch(`${(client as ClientOptions).url}/v1/models`)).json(),
    },
    can: {
      raw: (client, params) => post(client, CHAT, params),
      post: async (client, path, params) => (await post(client, path, params)).json(),
      path: CHAT,
    },
  };
}

const CHAT = '/chat/completions';

function post(client: Client, path: string, body: object, { signal }: Options = {}): Promise<Response> {
  return fetch(`${(client as ClientOptions).url}/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
}

/** The events of a stream, up to its end mark. */
async function* events(response: Response): AsyncGenerator {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    const blocks = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block === 'data: [DONE]') return;
      const event = JSON.parse(block.slice('data: '.length)) as {
        readonly error?: { readonly message: string };
      };
      if (event.error !== undefined) throw new Error(event.error.message);
      yield event;
    }
  }
}
