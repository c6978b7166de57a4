import { type JsonObject, object } from '../../base/read.ts';

/** `{ chunk: { bytes } }` → the JSON inside it. */
export function decodeChunk(event: unknown): JsonObject {
  const fields = object(event) ?? {};
  const bytes = object(fields.chunk)?.bytes ?? fields.bytes;
  if (!(bytes instanceof Uint8Array) && typeof bytes !== 'string') return fields;
  try {
    const binary =
      typeof bytes === 'string' ? Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0)) : bytes;
    return object(JSON.parse(UTF8.decode(binary))) ?? {};
  } catch {
    return {};
  }
}

const UTF8 = new TextDecoder();
