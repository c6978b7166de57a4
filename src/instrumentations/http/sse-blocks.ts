/**
 * Cuts the text of server-sent events into blocks, piece by piece, and keeps every character: the blocks and the
 * rest, joined, are the pieces (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
 */
export class SseBlocks {
  /** The beginning of a block whose end has not come. */
  #pieces: string[] = [];
  /** Its last characters: the boundary may be half there. */
  #tail = '';

  /** No block is under way. */
  get isBetween(): boolean {
    return this.#pieces.length === 0;
  }

  /** The blocks that this piece ends, each with the empty line after it. */
  push(piece: string): string[] {
    // Whole blocks with plain line ends are what almost every piece is.
    if (this.isBetween && endsPlainly(piece) && !piece.includes('\r')) return plainBlocks(piece);
    const blocks: string[] = [];
    // Only the new piece is searched: a block may be a picture of many megabytes.
    const boundary = new RegExp(BOUNDARY, 'g');
    const text = this.#tail + piece;
    let start = this.#tail.length;
    while (boundary.exec(text) !== null) {
      blocks.push(this.#takeWith(text.slice(start, boundary.lastIndex)));
      start = boundary.lastIndex;
    }
    const isWithin = this.#pieces.length > 0;
    if (start < text.length) this.#pieces.push(text.slice(start));
    this.#tail = text.slice(isWithin ? 0 : start).slice(1 - LONGEST_BOUNDARY);
    return blocks;
  }

  /** What was begun and never ended. */
  rest(): string {
    this.#tail = '';
    return this.#takeWith('');
  }

  #takeWith(end: string): string {
    const block = this.#pieces.join('') + end;
    this.#pieces = [];
    return block;
  }
}

function endsPlainly(piece: string): boolean {
  return piece.endsWith('\n\n') && piece.at(-3) !== '\n';
}

function plainBlocks(piece: string): string[] {
  const blocks: string[] = [];
  for (let start = 0, end = 0; start < piece.length; start = end) {
    end = piece.indexOf('\n\n', start) + 2;
    blocks.push(piece.slice(start, end));
  }
  return blocks;
}

/** A carriage return at the end of a piece may be half a line end: the next piece tells. */
const LINE_END = String.raw`(?:\r\n|\n|\r(?!\n|$))`;
const BOUNDARY = `${LINE_END}{2}`;
const LONGEST_BOUNDARY = 4;
const DATA_LINE = /^(data:? ?)(.*)$/;

/** The payload of a block; undefined for comments, pings and the end mark. */
export function dataOf(block: string): string | undefined {
  // One `data:` line and nothing else is what almost every block is.
  if (block.startsWith('data: {') && block.endsWith('}\n\n') && block.indexOf('\n') === block.length - 2)
    return block.slice('data: '.length, -2);
  const data = block
    .split(/\r\n|\n|\r/)
    .filter(isData)
    .map((line) => DATA_LINE.exec(line)?.[2] ?? '')
    .join('\n')
    .trim();
  return data === '' || data === '[DONE]' ? undefined : data;
}

/** What failed, where it stands as plain JSON between the events, as Gemini puts it. */
export function bareErrorOf(block: string): string | undefined {
  const text = block.trim();
  return text.startsWith('{') && text.includes('"error"') ? text : undefined;
}

/** The block with another payload: its other lines, its line ends and the spelling of `data:` stay. */
export function withData(block: string, data: string): string {
  const lines = block.split(/(\r\n|\n|\r)/);
  const first = lines.findIndex(isData);
  const last = lines.findLastIndex(isData);
  if (first < 0) return block;
  const prefix = DATA_LINE.exec(lines[first] ?? '')?.[1] ?? 'data: ';
  const lineEnd = lines[first + 1] ?? '\n';
  const written = data
    .split('\n')
    .map((line) => prefix + line)
    .join(lineEnd);
  return [...lines.slice(0, first), written, ...lines.slice(last + 1)].join('');
}

function isData(line: string): boolean {
  return line.startsWith('data:') || line === 'data';
}
