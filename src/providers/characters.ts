/** Nodes visited at most: a bound on the work done in the request path, not on what is sent. */
const MAX_NODES = 50_000;

/**
 * Characters of text in a request or reply, at any depth: counted, never kept. Keys, base64 payloads and
 * data URLs do not count. Good enough for an estimate, and cheap: a string costs its `length`.
 */
export function countCharacters(value: unknown): number {
  let characters = 0;
  eachText(value, (text) => {
    characters += text.length;
  });
  return characters;
}

/** Visits the texts that `countCharacters` counts. */
export function eachText(value: unknown, visit: (text: string) => void): void {
  let nodes = 0;
  const pending: unknown[] = [value];
  while (pending.length > 0 && nodes++ < MAX_NODES) {
    const node = pending.pop();
    if (typeof node === 'string') {
      if (!node.startsWith('data:')) visit(node);
    } else if (ArrayBuffer.isView(node)) continue;
    else if (Array.isArray(node))
      pending.push(...(node.length > MAX_NODES ? node.slice(0, MAX_NODES) : node));
    else if (typeof node === 'object' && node !== null) {
      for (const [key, inner] of Object.entries(node)) {
        if (!NOT_TEXT.has(key)) pending.push(inner);
      }
    }
  }
}

/** Keys whose value is an identifier, a discriminator or encoded bytes. */
const NOT_TEXT: ReadonlySet<string> = new Set([
  'b64_json',
  'bytes',
  'cache_control',
  'data',
  'encrypted_content',
  'file_data',
  'file_id',
  'id',
  'image_url',
  'inlineData',
  'media_type',
  'mime_type',
  'mimeType',
  'role',
  'signature',
  'thoughtSignature',
  'tool_call_id',
  'tool_use_id',
  'type',
]);
