import { ProviderFetchInstrumentation } from '../../../src/instrumentations/fetch/provider-fetch-instrumentation.ts';
import type { Client, ClientOptions, Options, ProviderUnderTest } from '../contract/provider-under-test.ts';

const answer = { answer: 'a-1', brain: 'owl-1', spent: { in: 1000, out: 100 } };

/** The toy provider behind plain `fetch`, as an application without any SDK calls it. */
export function toyUnderTest(): ProviderUnderTest {
  return {
    name: 'a provider from outside, without an SDK',
    // On loopback the host says nothing.
    instrumentation: new ProviderFetchInstrumentation({ enabled: false, providers: { '127.0.0.1': 'toy' } }),
    patched: { owner: globalThis, names: ['fetch'] },
    connect: (options) => new ToyClient(options),
    create: (client, params, options) => toy(client).think(params, options),
    params: { brain: 'owl-1', say: 'Hi' },
    streamParams: { brain: 'owl-1', say: 'Hi', stream: true },
    reply: answer,
    events: () => [{ start: true }, { piece: 'Hel' }, { piece: 'lo' }, { pause: true }, answer],
    errorEvent: { error: { type: 'tired', message: 'The owl sleeps.' } },
    stream: {
      contentType: 'application/x-ndjson',
      encode: (event) => `${JSON.stringify(event)}\n`,
      end: '',
    },
    usage: { inputTokens: 1000, outputTokens: 100, totalTokens: 1100 },
    isText: (event) => 'piece' in (event as object),
    free: { page: answer, call: (client) => toy(client).weigh() },
    can: { raw: (client, params) => toy(client).fetch('/think', params) },
  };
}

/** All that such an application needs. */
class ToyClient {
  readonly #url: string;

  constructor({ url }: ClientOptions) {
    this.#url = url;
  }

  async think(params: object, options?: Options): Promise<unknown> {
    const isStream = 'stream' in params;
    const response = await this.fetch(isStream ? '/think/aloud' : '/think', params, options);
    if (!response.ok) throw new Error(`refused with ${response.status}`);
    return isStream ? lines(response) : response.json();
  }

  async weigh(): Promise<unknown> {
    return (await this.fetch('/weigh', {})).json();
  }

  fetch(path: string, body: object, { signal }: Options = {}): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetch(`${this.#url}/v1${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal: signal ?? null,
    });
  }
}

/** The events of a stream, one per line. */
async function* lines(response: Response): AsyncGenerator {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    const [...whole] = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) {
      const event = JSON.parse(line) as { readonly error?: { readonly message: string } };
      if (event.error !== undefined) throw new Error(event.error.message);
      yield event;
    }
  }
}

function toy(client: Client): ToyClient {
  return client as ToyClient;
}
