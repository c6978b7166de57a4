import { ended, failed, left, type Outcome, read } from '../../calls/outcome.ts';
import { jsonValue, object } from '../../base/read.ts';
import type { Reading, StreamReader } from '../../wire/reading.ts';
import { AwsMessages } from './aws-event-stream.ts';
import type { Disguiser } from './disguise.ts';
import { JsonValues } from './json-values.ts';
import { bareErrorOf, dataOf, SseBlocks, withData } from './sse-blocks.ts';
import { StreamEvents } from './stream-events.ts';

/** What a body's reader must know: how one kind of reply is read. It holds nothing of the reply itself. */
export interface BodyView {
  /** The request asked for a stream. */
  readonly streaming: boolean;
  /** The lower-case content type of the reply. It only helps: gateways forget it. */
  readonly contentType: string;
  /** A reply that is no JSON can be meant: a transcription as text or subtitles. */
  readonly repliesInText: boolean;
  /** JSON lines, whatever else the body looks like: a file of a batch's results. */
  readonly lines?: boolean;
  /** The reader acts on every event, at once and once. */
  readonly isEager?: boolean;
  /** The reader for the events of a stream; asked for again when events are read anew. */
  openStream(): StreamReader | undefined;
  /** What a whole reply says. */
  readWhole(body: unknown): Reading;
  /** Hides what was asked for on the application's behalf. */
  readonly disguise?: Disguiser;
  /** The first event reached the application. */
  firstChunk(): void;
}

/**
 * Reads a body as it passes, piece by piece, whatever kind it is: one JSON value, server-sent events, JSON lines, a
 * JSON array written item by item, or the event stream of AWS. The first bytes tell; the request and the header help.
 */
export class BodyReader {
  readonly #view: BodyView;
  #kind: Kind | undefined;
  readonly #events: StreamEvents;
  readonly #sse = new SseBlocks();
  #items: JsonValues | undefined;
  #aws: AwsMessages | undefined;
  #pieces: Uint8Array[] = [];
  #held = 0;
  #isOver = false;

  constructor(view: BodyView) {
    this.#view = view;
    this.#events = new StreamEvents(() => view.openStream(), view.isEager);
  }

  /** The last event was read: many read no further, and never see the body end. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sees the next piece; returns what the application gets for it, the same object where nothing is hidden. */
  see(piece: Uint8Array): Uint8Array {
    if (piece.length === 0) return piece;
    this.#kind ??= kindOf(piece, this.#view);
    switch (this.#kind) {
      case 'sse':
        return this.#seeBlocks(piece);
      case 'aws':
        this.#aws ??= new AwsMessages();
        for (const event of this.#aws.push(piece)) this.#readEvent(event);
        return piece;
      case 'items':
      case 'lines':
        this.#items ??= new JsonValues(this.#kind === 'lines');
        for (const item of this.#items.push(piece)) this.#readEvent(item);
        return piece;
      default:
        this.#hold(piece);
        return piece;
    }
  }

  /** What was held back until the body ended. */
  rest(): Uint8Array {
    if (this.#kind === 'sse') {
      const shown = this.#shown(this.#sse.rest());
      // Only what may be hidden is held back.
      return this.#view.disguise === undefined ? NOTHING : bytesOf(shown);
    }
    for (const item of this.#items?.end() ?? []) this.#readEvent(item);
    return NOTHING;
  }

  /** The body ended by itself. */
  ended(): Outcome {
    if (this.#events.isEmpty) return this.#whole();
    this.#events.end();
    return ended(this.soFar(), false);
  }

  /** The application had the body parsed for it. */
  parsed(data: unknown): Outcome {
    this.#pieces = [];
    if (this.#view.lines !== true) return this.#readWhole(data);
    this.#readEvent(data);
    return this.ended();
  }

  /** The application read the body whole as text. Undefined where that is no short cut. */
  parsedText(text: string): Outcome | undefined {
    const { disguise, lines, streaming } = this.#view;
    if (this.#kind !== undefined || disguise !== undefined || lines === true || streaming) return undefined;
    const data = text.startsWith('{') ? jsonValue(text) : undefined;
    return data === undefined ? undefined : this.parsed(data);
  }

  /** The application stopped reading; what a whole reply would have said stays unknown. */
  left(): Outcome {
    this.#pieces = [];
    // Whoever stops at an error does not wait for the empty line after it.
    if (this.#kind === 'sse') this.#look(this.#sse.rest());
    if (!this.#events.isEmpty || this.#view.streaming) return left(this.soFar());
    return { status: 'partial' };
  }

  failed(error: unknown): Outcome {
    this.#pieces = [];
    return failed(error, this.soFar());
  }

  /** The reply came whole, and its reader could not make sense of it. */
  unreadable(): Outcome {
    this.#pieces = [];
    return unreadable('broken JSON');
  }

  /** What the events so far say. */
  soFar(): Reading {
    return this.#events.reading();
  }

  #seeBlocks(piece: Uint8Array): Uint8Array {
    const wasBetween = this.#sse.isBetween;
    const blocks = this.#sse.push(characters(piece));
    this.#view.firstChunk();
    if (this.#view.disguise === undefined) {
      for (const block of blocks) this.#look(block);
      return piece;
    }
    let isSame = true;
    let shown = '';
    for (const block of blocks) {
      const text = this.#shown(block);
      isSame &&= text === block;
      shown += text;
    }
    // Nothing hidden, and nothing held back from this piece or before it.
    return isSame && wasBetween && this.#sse.isBetween ? piece : bytesOf(shown);
  }

  /** Reads one block; its text as the application would have got it without us. */
  #shown(block: string): string {
    const data = this.#look(block);
    const hidden = data === undefined ? undefined : this.#view.disguise?.(data);
    if (hidden === undefined || hidden.kind === 'as it is') return block;
    return hidden.kind === 'dropped' ? '' : withData(block, hidden.data);
  }

  /** Reads one block; its data, where it has any. */
  #look(block: string): string | undefined {
    const data = dataOf(block);
    const said = data ?? bareErrorOf(block);
    if (said === undefined) this.#isOver ||= block.includes('[DONE]');
    else {
      this.#events.see(said);
      this.#isOver ||= this.#events.isOver;
    }
    return data;
  }

  #readEvent(event: unknown): void {
    if (event === undefined) return;
    this.#view.firstChunk();
    this.#events.value(event);
    this.#isOver ||= this.#events.isOver;
  }

  #hold(piece: Uint8Array): void {
    this.#held += piece.length;
    // A copy: the application may transfer the memory of the piece that it was given.
    if (this.#held <= MAX_HELD) this.#pieces.push(piece.slice());
    else this.#pieces = [];
  }

  #whole(): Outcome {
    const { streaming, contentType, repliesInText } = this.#view;
    if (this.#kind === undefined && !streaming) return unreadable('an empty reply');
    if (this.#held > MAX_HELD) return read(this.#view.readWhole({}));
    const text = Buffer.concat(this.#pieces).toString();
    this.#pieces = [];
    const data = jsonValue(text);
    if (data !== undefined) return this.#readWhole(data);
    if (streaming && this.#readLines(text)) return this.ended();
    if (repliesInText && !contentType.includes('html')) return read(this.#view.readWhole(text));
    return this.#kind === 'opaque'
      ? read(this.#view.readWhole({}))
      : unreadable(`no JSON (${contentType || 'no content type'})`);
  }

  /** JSON lines under a header that promised one value; false when they are none. */
  #readLines(text: string): boolean {
    const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [jsonValue(line)]));
    if (lines.length < 2 || lines.includes(undefined)) return false;
    for (const line of lines) this.#readEvent(line);
    return true;
  }

  #readWhole(data: unknown): Outcome {
    if (Array.isArray(data) && this.#view.streaming) {
      for (const event of data as readonly unknown[]) this.#readEvent(event);
      return this.ended();
    }
    // A gateway that forgets the content type makes an SDK hand its JSON over as text.
    const reply = typeof data === 'string' && data.startsWith('{') ? jsonValue(data) : data;
    if (typeof reply === 'string' && this.#view.repliesInText) return read(this.#view.readWhole(reply));
    if (object(reply) === undefined && !Array.isArray(reply)) return unreadable('no JSON object');
    return read(this.#view.readWhole(reply));
  }
}

type Kind = 'json' | 'sse' | 'items' | 'lines' | 'aws' | 'opaque';

/** Larger than any reply but generated media, whose bytes say nothing of usage. */
const MAX_HELD = 32_000_000;
const NOTHING = new Uint8Array(0);

function kindOf(piece: Uint8Array, { streaming, contentType, lines }: BodyView): Kind {
  if (lines === true) return 'lines';
  if (contentType.includes('amazon.eventstream')) return 'aws';
  if (contentType.includes('event-stream')) return 'sse';
  if (contentType.includes('ndjson') || contentType.includes('jsonl')) return 'lines';
  const start = characters(piece.subarray(0, 64)).trimStart();
  if (SSE_FIELD.test(start)) return 'sse';
  if (start.startsWith('{')) return 'json';
  if (start.startsWith('[')) return streaming ? 'items' : 'json';
  const isText = /json|text|^$/.test(contentType);
  if (streaming && isText) return 'sse';
  // Sound and pictures say nothing; text may be JSON after a byte order mark, or all there is to read.
  return isText ? 'json' : 'opaque';
}

const SSE_FIELD = /^(?:data|event|id|retry)?:/;

/** A reply that cannot be read may have been billed, and nobody can say what. */
function unreadable(what: string): Outcome {
  return { status: 'partial', unreadable: `the reply could not be read: ${what}` };
}

function characters(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
