import type { JsonObject } from '../base/read.ts';
import { known, object } from '../base/read.ts';
import type { Usage } from '../usage/usage.ts';
import type { Reading, RequestReading } from '../wire/reading.ts';

/**
 * Text from a reply is kept only where it looks like a word of the API's vocabulary. A host may echo a prompt in an
 * error code, a finish reason or an unknown field of its usage block, and that must not reach a span or an event.
 */
export function boundedReading(reading: Reading): Reading {
  const { finishReasons, serviceTier, speed, inferenceGeo, errorType, usage, usageRaw, parameters } = reading;
  return known({
    ...reading,
    responseId: boundedId(reading.responseId),
    responseModel: boundedName(reading.responseModel),
    finishReasons: finishReasons?.slice(0, MAX_ITEMS).map((reason) => wordOr(OTHER, reason)),
    serviceTier: serviceTier && wordOr(OTHER, serviceTier),
    speed: speed && wordOr(OTHER, speed),
    inferenceGeo: inferenceGeo && wordOr(OTHER, inferenceGeo),
    errorType: errorType && boundedErrorType(errorType),
    usage: usage && boundedUsage(usage),
    usageRaw: usageRaw && boundedBlock(usageRaw),
    parameters: parameters && boundedParameters(parameters),
  });
}

/** The same for what a request says. */
export function boundedRequest(request: RequestReading): RequestReading {
  const { model, parameters } = request;
  return known({
    ...request,
    model: boundedName(model),
    parameters: parameters && boundedParameters(parameters),
  });
}

/** `error.type` is one of few values, never a sentence. */
export function boundedErrorType(errorType: string): string {
  return wordOr('_OTHER', errorType);
}

/** An id the provider made. */
export function boundedId(id: string | undefined): string | undefined {
  return id !== undefined && ID.test(id) ? id : undefined;
}

/** A block of the wire with its numbers, flags and words, and without its prose. */
export function boundedBlock(block: JsonObject): JsonObject {
  return object(boundedValue(block, 0)) ?? {};
}

const WORD = /^[\w.:@/+-]{1,64}$/;
/** Some gateways wrap the provider's id in one of their own, several hundred characters long. */
const ID = /^[\x21-\x7e]{1,1024}$/;
const OTHER = 'other';
const MAX_NAME = 256;
const MAX_ITEMS = 256;
const MAX_DEPTH = 8;

function wordOr(other: string, value: string): string {
  return WORD.test(value) ? value : other;
}

/** Model names may be paths and ARNs of any characters: only their length is bounded. */
function boundedName(name: string | undefined): string | undefined {
  return name?.slice(0, MAX_NAME);
}

function boundedParameters(parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, wordOr(OTHER, value)] as const),
  );
}

/** The same for the steps inside a call, which name their kind and model. */
export function boundedUsage(usage: Usage): Usage {
  const { iterations } = usage;
  if (iterations === undefined) return usage;
  const bounded = iterations.slice(0, MAX_ITEMS).map((step) => ({
    ...step,
    type: wordOr(OTHER, step.type),
    ...known({ model: boundedName(step.model) }),
    usage: boundedUsage(step.usage),
  }));
  return { ...usage, iterations: bounded };
}

/** Undefined = left out. */
function boundedValue(value: unknown, depth: number): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'string') return value === '' || WORD.test(value) ? value : undefined;
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return undefined;
  if (Array.isArray(value))
    return value.slice(0, MAX_ITEMS).flatMap((item) => boundedValue(item, depth + 1) ?? []);
  const bounded: Record<string, unknown> = {};
  for (const key of Object.keys(value).slice(0, MAX_ITEMS)) {
    const inner = WORD.test(key) ? boundedValue((value as JsonObject)[key], depth + 1) : undefined;
    // Assigning would set the prototype instead.
    if (inner !== undefined && key !== '__proto__') bounded[key] = inner;
  }
  return bounded;
}
