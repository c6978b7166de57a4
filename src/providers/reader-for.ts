import { type JsonObject, known, list, object, text } from '../usage/read.ts';
import { anthropicEndpoints } from './anthropic/endpoints.ts';
import { bedrockEndpoints } from './bedrock/endpoints.ts';
import { matchEndpoint } from './endpoint.ts';
import { googleEndpoints } from './google-genai/endpoints.ts';
import { identifyHost } from './hosts.ts';
import { openaiEndpoints } from './openai/endpoints.ts';
import { cohereEndpoints } from './other/cohere.ts';
import { mistralEndpoints } from './other/mistral.ts';
import { ollamaEndpoints } from './other/ollama.ts';
import { deepgramEndpoints, elevenLabsEndpoints } from './other/speech-services.ts';
import type { Endpoint, Reading, ReadingContext } from './reading.ts';
import { unlistedEndpoint } from './unlisted.ts';

/** A reply outside of any SDK: as parsed JSON, or as the list of a stream's events. */
export interface RawReply {
  readonly body: unknown;
  /** Default: the owner of the `url`'s host. */
  readonly provider?: string;
  /** The address called; it names the call better than the body can. */
  readonly url?: string;
  /** Default: `POST`. */
  readonly method?: string;
  readonly request?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a raw reply says, and what kind of call it answers. */
export interface RawReading {
  readonly provider: string;
  readonly operation: string;
  /** The call costs nothing, whatever it says. */
  readonly free: boolean;
  readonly requestModel?: string;
  readonly reading: Reading;
}

/** Reads a reply that did not come through a patched SDK. Never throws. */
export function readRawReply(reply: RawReply): RawReading {
  const provider = reply.provider ?? (reply.url === undefined ? 'openai' : identifyHost(reply.url).provider);
  const endpoint = readerFor({ ...reply, provider });
  const model = text(reply.request?.['model']) ?? modelInUrl(reply.url);
  const request = model === undefined ? reply.request : { ...reply.request, model };
  const context: ReadingContext = {
    provider,
    ...known({ request, headers: lowerCase(reply.headers) }),
  };
  return {
    provider,
    operation: endpoint.operation,
    free: endpoint.free === true,
    ...known({ requestModel: model ?? endpoint.readRequest?.(request).model }),
    reading: readWith(endpoint, reply.body, context),
  };
}

function readWith(endpoint: Endpoint, body: unknown, context: ReadingContext): Reading {
  if (!Array.isArray(body)) return endpoint.readResponse?.(body, context) ?? {};
  const stream = endpoint.readStream?.(context);
  if (stream === undefined) return endpoint.readResponse?.(body.at(-1), context) ?? {};
  for (const event of body) stream.read(event);
  stream.end?.();
  return stream.reading();
}

/** The reader of a raw reply: by its address where there is one, else by the shape of what it says. */
export function readerFor(reply: RawReply & { readonly provider: string }): Endpoint {
  const { provider, url, method = 'POST', body, request } = reply;
  const tables = TABLES[provider] ?? COMPATIBLE;
  if (url !== undefined) {
    for (const table of tables) {
      const endpoint = matchEndpoint(table, method, url);
      if (endpoint !== undefined) return endpoint;
    }
  }
  const shape = shapeOf(body, provider) ?? shapeOfRequest(request);
  return (shape && matchEndpoint(shape[0], 'POST', shape[1])) ?? unlistedEndpoint;
}

const COMPATIBLE = [openaiEndpoints, anthropicEndpoints, googleEndpoints];
const GOOGLE = [googleEndpoints, anthropicEndpoints, openaiEndpoints];
const OWN_MACHINES = [ollamaEndpoints, ...COMPATIBLE];

/** Providers with calls of their own; the others speak OpenAI's API, or Anthropic's or Gemini's. */
const TABLES: Readonly<Record<string, readonly (readonly Endpoint[])[]>> = {
  anthropic: [anthropicEndpoints, openaiEndpoints],
  'aws.bedrock': [bedrockEndpoints, openaiEndpoints, anthropicEndpoints],
  cohere: [cohereEndpoints, openaiEndpoints],
  deepgram: [deepgramEndpoints],
  elevenlabs: [elevenLabsEndpoints],
  'gcp.gemini': GOOGLE,
  'gcp.gen_ai': GOOGLE,
  'gcp.vertex_ai': GOOGLE,
  mistral_ai: [mistralEndpoints, openaiEndpoints],
  ollama: OWN_MACHINES,
  self_hosted: OWN_MACHINES,
};

type Shape = readonly [table: readonly Endpoint[], path: string];

/** The kind of call that answers like this. */
function shapeOf(body: unknown, provider: string): Shape | undefined {
  const isBedrock = provider === 'aws.bedrock';
  const replies = Array.isArray(body) ? [body[0], body.at(-1), ...body] : [body];
  for (const item of replies) {
    const reply = object(item);
    const shape =
      reply && SHAPES.find(([table, path, fits]) => (!isBedrock || isOnBedrock(table, path)) && fits(reply));
    if (shape !== undefined) return [shape[0], shape[1]];
  }
  // Whatever a model on Bedrock answers in its own JSON, its reader tells the families apart.
  return isBedrock ? [bedrockEndpoints, '/model/m/invoke'] : undefined;
}

function isOnBedrock(table: readonly Endpoint[], path: string): boolean {
  return (
    table === bedrockEndpoints ||
    path === '/messages' ||
    path === '/responses' ||
    path === '/chat/completions'
  );
}

/** Replies that are sound say nothing; the request does. */
function shapeOfRequest(request: JsonObject | undefined): Shape | undefined {
  if (has(request, 'voice')) return [openaiEndpoints, '/audio/speech'];
  return has(request, 'file') ? [openaiEndpoints, '/audio/transcriptions'] : undefined;
}

const SHAPES: readonly (readonly [...Shape, fits: (reply: JsonObject) => boolean])[] = [
  [anthropicEndpoints, '/messages', (reply) => /^message(_start)?$/.test(text(reply['type']) ?? '')],
  [
    openaiEndpoints,
    '/responses',
    (reply) => /^response\b/.test(text(reply['object']) ?? text(reply['type']) ?? ''),
  ],
  [openaiEndpoints, '/chat/completions', (reply) => startsWith(reply['object'], 'chat.completion')],
  [openaiEndpoints, '/completions', (reply) => reply['object'] === 'text_completion'],
  [googleEndpoints, '/models/m:embedContent', (reply) => has(reply, 'embedding', 'predictions')],
  [
    googleEndpoints,
    '/models/m:embedContent',
    (reply) => has(reply, 'embeddings') && has(reply, 'usageMetadata'),
  ],
  [googleEndpoints, '/models/m:generateContent', (reply) => has(reply, 'usageMetadata', 'candidates')],
  [
    googleEndpoints,
    '/interactions',
    (reply) => reply['object'] === 'interaction' || startsWith(reply['event_type'], 'interaction.'),
  ],
  [
    bedrockEndpoints,
    '/model/m/converse',
    (reply) => has(reply, 'messageStart') || has(object(reply['usage']), 'inputTokens'),
  ],
  [
    bedrockEndpoints,
    '/model/m/invoke',
    (reply) => has(reply, 'inputTextTokenCount', 'generation_token_count', 'chunk'),
  ],
  [cohereEndpoints, '/rerank', (reply) => isCohere(reply) && has(reply, 'results')],
  [cohereEndpoints, '/embed', (reply) => isCohere(reply) && has(reply, 'embeddings')],
  [cohereEndpoints, '/chat', isCohere],
  [ollamaEndpoints, '/generate', (reply) => has(reply, 'done') && has(reply, 'response')],
  [ollamaEndpoints, '/chat', (reply) => has(reply, 'done', 'prompt_eval_count')],
  [deepgramEndpoints, '/listen', (reply) => has(object(reply['metadata']), 'duration')],
  [mistralEndpoints, '/ocr', (reply) => has(reply, 'usage_info')],
  [openaiEndpoints, '/videos', (reply) => reply['object'] === 'video'],
  [
    openaiEndpoints,
    '/threads/runs',
    (reply) => reply['object'] === 'thread.run' || startsWith(reply['event'], 'thread.'),
  ],
  [openaiEndpoints, '/audio/transcriptions', (reply) => startsWith(reply['type'], 'transcript.')],
  [openaiEndpoints, '/images/generations', (reply) => startsWith(reply['type'], 'image_')],
  [openaiEndpoints, '/audio/speech', (reply) => startsWith(reply['type'], 'speech.')],
  [openaiEndpoints, '/chat/completions', (reply) => has(reply, 'choices')],
  [openaiEndpoints, '/images/generations', (reply) => has(object(list(reply['data'])[0]), 'b64_json', 'url')],
  [openaiEndpoints, '/embeddings', (reply) => has(object(list(reply['data'])[0]), 'embedding')],
  [openaiEndpoints, '/audio/transcriptions', (reply) => typeof reply['text'] === 'string'],
];

function isCohere(reply: JsonObject): boolean {
  return (
    has(object(reply['usage']), 'billed_units') ||
    has(object(reply['meta']), 'billed_units') ||
    reply['type'] === 'message-end' ||
    reply['event_type'] === 'stream-end'
  );
}

function has(fields: JsonObject | undefined, ...names: readonly string[]): boolean {
  return fields !== undefined && names.some((name) => name in fields);
}

function startsWith(value: unknown, prefix: string): boolean {
  return typeof value === 'string' && value.startsWith(prefix);
}

/** Gemini, Bedrock and Azure name the model in the path, Deepgram in the query. */
function modelInUrl(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const named = /\/(?:models?|deployments|engines)\/([^/:?]+(?:%3A\w+)?)/i.exec(url)?.[1];
  const bedrock = /\/model\/([^/?]+)\//.exec(url)?.[1];
  const name = bedrock ?? named ?? /[?&]model=([^&]+)/.exec(url)?.[1];
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    return name;
  }
}

function lowerCase(headers: RawReply['headers']): RawReply['headers'] {
  if (headers === undefined) return undefined;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
