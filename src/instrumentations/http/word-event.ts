/**
 * Tells whether an event of a stream says the same as another but for the words of the answer. Most events of a stream
 * do, and comparing their text takes a fraction of parsing it.
 */

/** The text of an event around its words. */
export type WordEvent = readonly string[];

/** An event whose words may be others; undefined when it has none. */
export function wordEventOf(data: string): WordEvent | undefined {
  const parts: string[] = [];
  let start = 0;
  for (const { 0: key, index } of data.matchAll(WORD)) {
    const end = closingQuote(data, index + key.length);
    if (end < 0) return undefined;
    parts.push(data.slice(start, index + key.length));
    start = end;
  }
  return parts.length === 0 ? undefined : [...parts, data.slice(start)];
}

export function isLike(data: string, event: WordEvent): boolean {
  const last = event.length - 1;
  let at = 0;
  for (let index = 0; index < last; index++) {
    const part = event[index] ?? '';
    if (!data.startsWith(part, at)) return false;
    at = closingQuote(data, at + part.length);
    if (at < 0) return false;
  }
  const rest = event[last] ?? '';
  return data.length - at === rest.length && data.startsWith(rest, at);
}

/** What the wires call a word, and the padding that hides how long it is. Within a string a quote is escaped. */
const WORD =
  /"(?:content|reasoning_content|reasoning|text|thinking|delta|arguments|partial_json|obfuscation)": ?"/g;

function closingQuote(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (quote - 1 - slashes >= from && text[quote - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return quote;
  }
  return -1;
}
