import { type JsonObject, known, object, text } from '../base/read.ts';
import { identifyHost } from '../providers/host.ts';
import { matchEndpoint } from './endpoint.ts';
import { servedFromCache } from './gateway-cache.ts';
import type { Endpoint, Reading, ReadingContext } from './reading.ts';
import { unlistedEndpoint } from './unlisted.ts';
import type { SessionReading, Shape, Wire } from './wire.ts';
import { allWires, findEndpoint, wiresOf } from './wires.ts';

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

/** Reads a reply that did not come through a patched SDK, or one event of a WebSocket session. Never throws. */
export function readRawReply(reply: RawReply): RawReading {
  const { body, url, headers } = reply;
  const provider = reply.provider ?? (url === undefined ? 'openai' : identifyHost(url).provider);
  const model = text(reply.request?.model) ?? modelInUrl(url);
  const request = model === undefined ? reply.request : { ...reply.request, model };
  const context: ReadingContext = { provider, ...known({ request, headers: lowerCase(headers) }) };
  const session = readSessionEvent(body, context);
  if (session !== undefined) return { provider, free: false, ...session, ...known({ requestModel: model }) };
  const endpoint = readerFor({ ...reply, provider });
  const asked = reply.request && endpoint.readRequest?.(reply.request);
  const reading = withRequest(readWith(endpoint, body, context), asked?.parameters);
  const freeReason = servedFromCache((name) => context.headers?.[name]) ?? reading.freeReason;
  return {
    provider,
    operation: endpoint.operation,
    free: endpoint.free === true,
    ...known({ requestModel: model ?? asked?.model }),
    reading: known({ ...reading, freeReason }),
  };
}

/** A page of HTML, `null` and broken JSON come from something between us and the provider. */
function isReply(endpoint: Endpoint, body: unknown): boolean {
  return endpoint.repliesInText === true || body === undefined || object(body) !== undefined;
}

const NO_REPLY: Reading = { usageFault: 'the reply is no JSON object' };

function readSessionEvent(body: unknown, context: ReadingContext): SessionReading | undefined {
  for (const wire of wiresOf(context.provider)) {
    const session = wire.readSessionEvent?.(body, context);
    if (session !== undefined) return session;
  }
  return undefined;
}

/** What was asked for, under what the reply says was served. */
function withRequest(reading: Reading, asked: Reading['parameters']): Reading {
  return asked === undefined ? reading : { ...reading, parameters: { ...asked, ...reading.parameters } };
}

function readWith(endpoint: Endpoint, body: unknown, context: ReadingContext): Reading {
  if (!Array.isArray(body))
    return isReply(endpoint, body) ? (endpoint.readResponse?.(body, context) ?? {}) : NO_REPLY;
  const stream = endpoint.readStream?.(context);
  if (stream === undefined) return endpoint.readResponse?.(body.at(-1), context) ?? {};
  for (const event of body) stream.read(event);
  stream.end?.();
  return stream.reading();
}

/** The reader of a raw reply: by its address where there is one, else by the shape of what it says. */
export function readerFor(reply: RawReply & { readonly provider: string }): Endpoint {
  const { provider, url, method = 'POST', body, request } = reply;
  return (
    (url === undefined ? undefined : findEndpoint(provider, method, url)) ??
    findByShape(provider, body, request) ??
    unlistedEndpoint
  );
}

/** The kind of call that answers like this, or whose request looks like this when the reply says nothing. */
export function findByShape(provider: string, body: unknown, request?: JsonObject): Endpoint | undefined {
  const own = wiresOf(provider);
  const [anyShape] = own.flatMap((wire) => endpointOf(wire, wire.anyShape) ?? []);
  const candidates = anyShape === undefined ? [...own, ...allWires()] : own;
  const replies = Array.isArray(body) ? [body[0], body.at(-1), ...body] : [body];
  return (
    firstShape(candidates, replies, (wire) => wire.shapes?.filter(({ vague }) => vague !== true)) ??
    anyShape ??
    firstShape(candidates, replies, (wire) => wire.shapes?.filter(({ vague }) => vague === true)) ??
    firstShape(candidates, [request], (wire) => wire.requestShapes)
  );
}

function firstShape(
  wires: readonly Wire[],
  items: readonly unknown[],
  shapesOf: (wire: Wire) => readonly Shape[] | undefined,
): Endpoint | undefined {
  const shapes = wires.flatMap((wire) => (shapesOf(wire) ?? []).map((shape) => [wire, shape] as const));
  for (const item of items) {
    const fields = object(item);
    const found = fields && shapes.find(([, { fits }]) => fits(fields));
    if (found !== undefined) return endpointOf(found[0], found[1].path);
  }
  return undefined;
}

function endpointOf(wire: Wire, path: string | undefined): Endpoint | undefined {
  return path === undefined ? undefined : matchEndpoint(wire.endpoints, 'POST', path);
}

/** Gemini, Bedrock and Azure name the model in the path, Deepgram in the query. */
function modelInUrl(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const named = /\/(?:models?|tunedModels|deployments|engines)\/([^/:?]+(?:%3A\w+)?)/i.exec(url)?.[1];
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
