import type { WireEntry } from './entries.ts';

/** The limits of https://www.w3.org/TR/baggage/#limits, in entries and in bytes (the header is ASCII). */
const MAX_ENTRIES = 180;
const MAX_ENTRY_BYTES = 4096;
const MAX_HEADER_BYTES = 8192;

/** Reads the value or values of a `baggage` header within the limits; what is malformed is skipped. */
export function parseBaggageHeader(header: string | readonly string[] | undefined): readonly WireEntry[] {
  const text = Array.isArray(header) ? header.join(',') : typeof header === 'string' ? header : '';
  const entries: WireEntry[] = [];
  let bytes = 0;
  let start = 0;
  while (start < text.length && entries.length < MAX_ENTRIES) {
    const comma = text.indexOf(',', start);
    const end = comma === -1 ? text.length : comma;
    const member = text.slice(start, end);
    start = end + 1;
    const entry = member.length > MAX_ENTRY_BYTES ? undefined : parseMember(member);
    if (entry === undefined) continue;
    bytes += member.length + (entries.length === 0 ? 0 : 1);
    if (bytes > MAX_HEADER_BYTES) break;
    entries.push(entry);
  }
  return entries;
}

function parseMember(member: string): WireEntry | undefined {
  const semicolon = member.indexOf(';');
  const pair = semicolon === -1 ? member : member.slice(0, semicolon);
  const equals = pair.indexOf('=');
  if (equals <= 0) return undefined;
  try {
    const name = decodeURIComponent(pair.slice(0, equals).trim());
    const value = decodeURIComponent(pair.slice(equals + 1).trim());
    const metadata = semicolon === -1 ? '' : member.slice(semicolon + 1).trim();
    if (name === '') return undefined;
    return metadata === '' ? { name, value } : { name, value, metadata };
  } catch {
    return undefined;
  }
}

/** Fills a `baggage` header, entry by entry, within the limits. */
export class BaggageHeader {
  #text = '';
  #entries = 0;

  /** `existing`: what the header already says; counted, and kept outside `toString()`. */
  constructor(existing = '') {
    this.#reserved = existing === '' ? 0 : existing.length + 1;
    this.#entries = existing === '' ? 0 : existing.split(',').length;
  }

  readonly #reserved: number;

  /** True when all the entries fit together; otherwise nothing is added. */
  add(...entries: readonly WireEntry[]): boolean {
    const members = entries.map(formatMember);
    if (this.#entries + members.length > MAX_ENTRIES) return false;
    if (members.some((member) => member === undefined || member.length > MAX_ENTRY_BYTES)) return false;
    const text = [this.#text, ...members].filter((part) => part !== '').join(',');
    if (this.#reserved + text.length > MAX_HEADER_BYTES) return false;
    this.#text = text;
    this.#entries += members.length;
    return true;
  }

  toString(): string {
    return this.#text;
  }
}

function formatMember({ name, value, metadata }: WireEntry): string | undefined {
  try {
    const pair = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
    return metadata === undefined || metadata === '' ? pair : `${pair};${metadata}`;
  } catch {
    return undefined; // a lone surrogate has no percent-encoding
  }
}
