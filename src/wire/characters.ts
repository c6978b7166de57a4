import { Recent } from '../base/recent.ts';

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
        if (!isNoText(key)) pending.push(inner);
      }
    }
  }
}

/** Keys whose value names or encodes something instead of saying it, on whichever wire. */
function isNoText(key: string): boolean {
  const seen = KEYS.get(key);
  if (seen !== undefined) return seen;
  const found = ENDINGS.some((ending) => key.endsWith(ending));
  KEYS.set(key, found);
  return found;
}

/** The keys of a wire come again and again. */
const KEYS = new Recent<string, boolean>(1_000);

const ENDINGS = [
  'id',
  'Id',
  'type',
  'Type',
  'role',
  'url',
  'Uri',
  'uri',
  'data',
  'Data',
  'bytes',
  'b64_json',
  'signature',
  'Signature',
  'cache_control',
  'encrypted_content',
];
