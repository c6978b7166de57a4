import { type JsonObject, jsonValue, known, object, text } from '../base/read.ts';
import { countCharacters } from './characters.ts';
import type { RequestReading } from './reading.ts';

/** The parts of a request body that are text sent to a model, at any of the providers. */
const TEXT_PARTS = [
  'messages',
  'system',
  'input',
  'inputs',
  'instructions',
  'prompt',
  'tools',
  'functions',
  'response_format',
  'texts',
  'query',
  'documents',
];

/** The text a request sends to a model. */
export function textParts(fields: JsonObject): readonly unknown[] {
  return TEXT_PARTS.map((part) => fields[part]);
}

/** What every JSON request of this API says: model, streaming, and how much text it sends. */
export function readRequest(body: unknown): RequestReading {
  const fields = fieldsOf(body);
  if (fields === undefined) return {};
  return known({
    model: text(fields.model),
    stream: fields.stream === true || fields.stream === 'true' ? true : undefined,
    inputCharacters: () => countCharacters(textParts(fields)),
  });
}

/** The fields of a JSON body, of a multipart form, or of a body sent as JSON text. */
export function fieldsOf(body: unknown): JsonObject | undefined {
  if (body instanceof FormData) {
    const fields: Record<string, unknown> = {};
    for (const [name, value] of body) if (typeof value === 'string') fields[name] = value;
    return fields;
  }
  if (typeof body === 'string') return object(jsonValue(body));
  return object(body);
}

/** The named fields that have a text or a number, as price parameters. */
export function parametersOf(
  fields: JsonObject | undefined,
  names: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const found = names.flatMap((name) => {
    const value = fields?.[name];
    const shown = text(typeof value === 'number' ? String(value) : value);
    return shown === undefined || shown === 'auto' ? [] : [[name, shown] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
