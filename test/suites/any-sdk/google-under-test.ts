import type { GenerateContentResponse, GoogleGenAI } from 'genai3';
import { GoogleGenAIInstrumentation } from '../../../src/index.ts';
import type {
  Client,
  ClientOptions,
  Options,
  ProviderUnderTest,
} from '../../instrumentations/contract/provider-under-test.ts';

/** What a major of `@google/genai` exports. */
export interface GenAIModule {
  readonly GoogleGenAI: typeof GoogleGenAI;
}

const model = 'gemini-2.5-flash';
const asked = { model, contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };
const chunk = (parts: readonly object[], counted: object, finish: object = {}): object => ({
  candidates: [{ index: 0, content: { role: 'model', parts }, ...finish }],
  usageMetadata: { promptTokenCount: 1000, cachedContentTokenCount: 400, ...counted },
  modelVersion: model,
  responseId: 'resp_1',
});
const final = { candidatesTokenCount: 50, thoughtsTokenCount: 20, totalTokenCount: 1070 };
const stopped = { finishReason: 'STOP' };

/** A major of `@google/genai`, as the contract calls it. */
export function googleUnderTest(major: number, module: GenAIModule): ProviderUnderTest {
  const instrumentation = new GoogleGenAIInstrumentation({ enabled: false });
  const connect = ({ url, ...options }: ClientOptions, Class = module.GoogleGenAI): Client =>
    new Class({ apiKey: 'secret-key', httpOptions: httpOptions(url, options) });
  const probe = connect({ url: 'http://127.0.0.1:9' });
  const { apiClient } = genai(probe).models as unknown as { readonly apiClient: object };
  return {
    name: `@google/genai ${major}`,
    instrumentation,
    prepare: () => instrumentation.manuallyInstrument(module),
    patched: {
      owner: Object.getPrototypeOf(apiClient) as object,
      names: ['apiCall', ...('getFetch' in apiClient ? ['getFetch'] : [])],
    },
    connect,
    create: (client, params, { signal }: Options = {}) => {
      const { stream, ...rest } = params as typeof asked & { readonly stream?: true };
      const { models } = genai(client);
      const request = signal === undefined ? rest : { ...rest, config: { abortSignal: signal } };
      return stream === true ? models.generateContentStream(request) : models.generateContent(request);
    },
    params: asked,
    streamParams: { ...asked, stream: true },
    reply: chunk([{ text: 'Hello' }], final, stopped),
    events: () => [
      chunk([{ text: '' }], { totalTokenCount: 1000 }),
      chunk([{ text: 'Hel' }], { candidatesTokenCount: 20, totalTokenCount: 1020 }),
      chunk([{ text: 'lo' }], { candidatesTokenCount: 40, totalTokenCount: 1040 }),
      chunk([{ text: ', you' }], { candidatesTokenCount: 45, totalTokenCount: 1045 }),
      chunk([{ text: '.' }], final, stopped),
    ],
    errorEvent: { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } },
    stream: {
      contentType: 'text/event-stream',
      // What failed is said in plain JSON between the events.
      encode: (event) =>
        'error' in (event as object) ? JSON.stringify(event) : `data: ${JSON.stringify(event)}\r\n\r\n`,
      end: '',
    },
    usage: { inputTokens: 1000, cacheReadTokens: 400, outputTokens: 70, reasoningTokens: 20 },
    isText: (event) => Boolean((event as GenerateContentResponse).candidates?.[0]?.content?.parts?.[0]?.text),
    free: { page: { totalTokens: 3 }, call: (client) => genai(client).models.countTokens(asked) },
    can: {
      subclass: (options) => {
        class Ours extends module.GoogleGenAI {}
        return connect(options, Ours);
      },
      timeout: true,
      ...(major === 1 ? { aborted: 'sent' as const, hidesCauses: true } : { retries: true }),
    },
  };
}

function httpOptions(baseUrl: string, { maxRetries, timeout }: Omit<ClientOptions, 'url'>): object {
  const retryOptions = { attempts: (maxRetries ?? 0) + 1, initialDelay: 0.001, jitter: 0 };
  return { baseUrl, ...(maxRetries ? { retryOptions } : {}), ...(timeout === undefined ? {} : { timeout }) };
}

function genai(client: Client): GoogleGenAI {
  return client as GoogleGenAI;
}
