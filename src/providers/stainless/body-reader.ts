import type { Outcome } from '../call.ts';
import type { Reading, StreamReader } from '../reading.ts';
import { failed, left, ended, readingOf } from './observe-stream.ts';
import type { PendingCall } from './pending-call.ts';

/** Follows the text of a raw body, piece by piece. */
export interface BodyReader {
  /** Sees the next piece; what the application gets instead of it, where that differs. */
  see(piece: string): string | undefined;
  /** The body ended: what was held back. */
  rest(): string;
  /** The application had the body parsed for it. */
  parsed(data: unknown): Outcome;
  ended(): Outcome;
  /** The application stopped reading. */
  left(): Outcome;
  failed(error: unknown, aborted: boolean): Outcome;
}

/** The reader for this kind of body; undefined for bytes without usage in them. */
export function createBodyReader(response: Response, pending: PendingCall): BodyReader | undefined {
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('event-stream')) return new EventsReader(response, pending);
  return type.includes('json') ? new JsonReader(response, pending) : undefined;
}

/** A JSON body can be read when it is there to its end; it is held no longer than that. */
class JsonReader implements BodyReader {
  readonly #read: (body: unknown) => Reading;
  #text = '';

  constructor(response: Response, pending: PendingCall) {
    const context = pending.context(response);
    this.#read = (body) => pending.read(body, context);
  }

  see(piece: string): undefined {
    if (this.#text.length < MAX_JSON) this.#text += piece;
  }

  rest(): string {
    return '';
  }

  parsed(data: unknown): Outcome {
    const reading = this.#read(data);
    return {
      status: reading.errorType !== undefined && reading.usage === undefined ? 'error' : 'ok',
      reading,
    };
  }

  ended(): Outcome {
    const data = parse(this.#text);
    this.#text = '';
    return data === undefined ? { status: 'partial' } : this.parsed(data);
  }

  /** The provider answered; what it said stays unknown. */
  left(): Outcome {
    this.#text = '';
    return { status: 'partial' };
  }

  failed(error: unknown, aborted: boolean): Outcome {
    this.#text = '';
    return { status: aborted ? 'aborted' : 'partial', error };
  }
}

/** More than any reply but generated media, which would not be worth the memory. */
const MAX_JSON = 32_000_000;

/** Server-sent events; those that were asked for on the application's behalf are taken out. */
class EventsReader implements BodyReader {
  readonly #reader: StreamReader | undefined;
  readonly #hide: ((event: unknown) => boolean) | undefined;
  readonly #pending: PendingCall;
  /** The beginning of an event whose end has not come. */
  #pieces: string[] = [];
  /** Its last characters: the boundary may be half there. */
  #tail = '';

  constructor(response: Response, pending: PendingCall) {
    this.#pending = pending;
    this.#reader = pending.billable?.endpoint.readStream?.(pending.context(response));
    this.#hide = pending.billable?.hide;
  }

  see(piece: string): string | undefined {
    this.#pending.call.firstChunk();
    // What came before was searched before: an event may be a picture of many megabytes.
    const boundary = new RegExp(BOUNDARY, 'g');
    const text = this.#tail + piece;
    let shown = '';
    let start = this.#tail.length;
    while (boundary.exec(text) !== null) {
      shown += this.#show(this.#takeWith(text.slice(start, boundary.lastIndex)));
      start = boundary.lastIndex;
    }
    const isWithin = this.#pieces.length > 0;
    if (start < text.length) this.#pieces.push(text.slice(start));
    this.#tail = text.slice(isWithin ? 0 : start).slice(1 - LONGEST_BOUNDARY);
    return this.#hide === undefined ? undefined : shown;
  }

  rest(): string {
    const rest = this.#takeWith('');
    return rest === '' ? '' : this.#show(rest);
  }

  /** What was begun, ended with `end`. */
  #takeWith(end: string): string {
    const text = this.#pieces.join('') + end;
    this.#pieces = [];
    return text;
  }

  /** Reads one event; its text as the application would have got it without us. */
  #show(block: string): string {
    const data = dataOf(block);
    const event = data === undefined ? undefined : parse(data);
    if (event === undefined) return block;
    this.#reader?.read(event);
    if (this.#hide === undefined) return block;
    if (this.#hide(event)) return '';
    const shown = JSON.stringify(event);
    return shown.length === data?.length ? block : `data: ${shown}\n\n`;
  }

  parsed(): Outcome {
    return this.ended();
  }

  ended(): Outcome {
    this.#reader?.end?.();
    return ended(this.#reading(), false);
  }

  left(): Outcome {
    return left(this.#reading());
  }

  failed(error: unknown, aborted: boolean): Outcome {
    return failed(error, this.#reading(), aborted);
  }

  #reading(): Reading {
    return this.#reader === undefined ? {} : readingOf(this.#reader);
  }
}

/** One JSON value a line; a line that is none is passed over. */
export class LinesReader implements BodyReader {
  readonly #seeLine: (line: unknown) => void;
  #buffer = '';

  constructor(seeLine: (line: unknown) => void) {
    this.#seeLine = seeLine;
  }

  see(piece: string): undefined {
    const lines = (this.#buffer + piece).split('\n');
    this.#buffer = lines.pop() ?? '';
    for (const line of lines) this.#show(line);
  }

  rest(): string {
    this.#show(this.#buffer);
    this.#buffer = '';
    return '';
  }

  parsed(data: unknown): Outcome {
    this.#seeLine(data);
    return DONE;
  }

  ended(): Outcome {
    this.rest();
    return DONE;
  }

  left(): Outcome {
    return DONE;
  }

  failed(): Outcome {
    return DONE;
  }

  #show(line: string): void {
    const value = parse(line);
    if (value !== undefined) this.#seeLine(value);
  }
}

const DONE: Outcome = { status: 'ok' };

const BOUNDARY = /\r?\n\r?\n/;
const LONGEST_BOUNDARY = 4;

/** The payload of one event; undefined for comments, pings and the end mark. */
function dataOf(block: string): string | undefined {
  const data = block
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trimStart())
    .join('\n');
  return data === '' || data === '[DONE]' ? undefined : data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
