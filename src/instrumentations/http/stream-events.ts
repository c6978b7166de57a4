import { jsonValue, object } from '../../base/read.ts';
import { readingOf } from '../../calls/outcome.ts';
import { errorTypeOf } from '../../wire/error-type.ts';
import type { Reading, StreamReader } from '../../wire/reading.ts';
import { isLike, type WordEvent, wordEventOf } from './word-event.ts';

/**
 * The events of a stream, as JSON text or as values, for whoever wants to know what they say. Most say only a word
 * of the answer, which matters when the usage never comes: they are kept as they are, and read only then.
 */
export class StreamEvents {
  readonly #open: () => StreamReader | undefined;
  #reader: StreamReader | undefined;
  /** All events in order, until it is certain that they need not all be read. */
  #kept: string[] = [];
  #length = 0;
  /** Every event has to be read at once: they are too many to keep, or are no text. */
  #isEager: boolean;
  /** The reader was told of every event so far. */
  #isWhole = true;
  #errorType: string | undefined;
  #isEmpty = true;
  /** The shape of an event that says only a word of the answer: all else in it was read before. */
  #word: WordEvent | undefined;
  #tries = 0;

  /** `isEager`: every event is told at once, and once, to a reader that acts on them. */
  constructor(open: () => StreamReader | undefined, isEager = false) {
    this.#open = open;
    this.#isEager = isEager;
  }

  /** The last event was read. */
  get isOver(): boolean {
    return this.#reader?.isOver?.() === true;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** An event as JSON text; what is none is passed over. */
  see(data: string): void {
    const isFirst = this.#isEmpty;
    this.#isEmpty = false;
    if (this.#isEager) return this.#read(data);
    this.#kept.push(data);
    this.#length += data.length;
    if (this.#length > MAX_KEPT) return this.#readAll();
    if (this.#word !== undefined && isLike(data, this.#word)) {
      this.#isWhole = false;
      return;
    }
    if (isFirst || matters(data)) this.#read(data);
    else this.#isWhole = false;
    if (this.#tries < MAX_TRIES && saysOneWord(data)) {
      this.#tries++;
      this.#word = wordEventOf(data);
    }
  }

  /** An event that was parsed already. */
  value(event: unknown): void {
    if (!this.#isWhole) this.#readAll();
    this.#isEager = true;
    this.#isEmpty = false;
    this.#tell(event);
  }

  /** The stream ended by itself. */
  end(): void {
    this.#complete();
    this.#reader?.end?.();
  }

  /** What the events so far say. */
  reading(): Reading {
    this.#complete();
    const reading = this.#reader === undefined ? {} : readingOf(this.#reader);
    return this.#errorType === undefined ? reading : { errorType: this.#errorType, ...reading };
  }

  /** What was passed over is read after all, unless the usage makes it needless. */
  #complete(): void {
    if (this.#isWhole || (this.#reader !== undefined && readingOf(this.#reader).usage !== undefined)) return;
    this.#readAll();
  }

  /** From the first event on, with a fresh reader: their order may matter. */
  #readAll(): void {
    const kept = this.#kept;
    this.#kept = [];
    this.#reader = undefined;
    this.#isEager = true;
    this.#isWhole = true;
    for (const data of kept) this.#read(data);
  }

  #read(data: string): void {
    const event = jsonValue(utf8(data));
    if (event !== undefined) this.#tell(event);
  }

  #tell(event: unknown): void {
    this.#reader ??= this.#open() ?? SILENT;
    // OpenAI says what failed in an event of its own, which no chunk reader knows.
    const { error } = object(event) ?? {};
    if (error !== undefined && error !== null) this.#errorType ??= errorTypeOf(error);
    try {
      this.#reader.read(event);
    } catch {
      // An event that cannot be read says nothing.
    }
  }
}

const SILENT: StreamReader = { read: () => undefined, reading: () => ({}) };

/** More text than most answers have; beyond it, events are read as they come. */
const MAX_KEPT = 1_000_000;

/** An event that says more than a word of the answer has one of these in it, on any wire. */
const MARKS =
  /[uU]sage|_reason"|Reason"|"error|server_tool|search|citation|annotation|"cost|metrics|"(?:message_(?:start|delta|stop)|response\.(?:created|completed|incomplete|failed))"|_duration"|tool_calls|"output_item|"web_|"code_|"file_|"done"|"delta":\{\}|tier/;

/** `"usage": null` stands in every chunk where usage was asked for, and says nothing. */
const SAYS_NOTHING = /"(?:usage|finish_reason|service_tier|annotations|tool_calls|error)":\s*null/g;

function matters(data: string): boolean {
  return MARKS.test(data) && MARKS.test(data.replace(SAYS_NOTHING, ''));
}

/** OpenAI repeats the service tier in every chunk. It is the same in all that look alike. */
function saysOneWord(data: string): boolean {
  return !MARKS.test(data.replace(SAYS_NOTHING, '').replace(TIER, ''));
}

const TIER = /"service_tier":\s*"\w*"/;

/** In a stream whose events never look alike, looking for it is given up. */
const MAX_TRIES = 8;

/** Bytes are carried one per character, so that what is passed on is what came; only what is read is decoded. */
function utf8(bytes: string): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString() : bytes;
}

const NOT_ASCII = /[\u0080-\u00ff]/;
