import { jsonValue } from '../../base/read.ts';

/**
 * The values of a body that is written value by value: JSON lines (Ollama, batch results), or one JSON array whose
 * items come one after another (Gemini without `alt=sse`). A value that cannot be read is passed over.
 */
export class JsonValues {
  readonly #isLines: boolean;
  readonly #decoder = new TextDecoder();
  #text = '';
  /** Where the value under way begins, how deep it is, and where the next character is to be looked at. */
  #start = -1;
  #depth = 0;
  #at = 0;
  #isInText = false;

  constructor(isLines: boolean) {
    this.#isLines = isLines;
  }

  push(piece: Uint8Array): unknown[] {
    this.#text += this.#decoder.decode(piece, { stream: true });
    return this.#isLines ? this.#lines() : this.#items();
  }

  /** The last line may have no end. */
  end(): unknown[] {
    if (!this.#isLines) return [];
    const rest = jsonValue(this.#text);
    this.#text = '';
    return rest === undefined ? [] : [rest];
  }

  #lines(): unknown[] {
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    return lines.map(jsonValue).filter((value) => value !== undefined);
  }

  #items(): unknown[] {
    const items: unknown[] = [];
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (this.#isInText) {
        if (character === '\\') this.#at++;
        else if (character === '"') this.#isInText = false;
      } else if (character === '"') this.#isInText = true;
      else if (character === '{' || character === '[') {
        this.#depth++;
        if (this.#depth === 2) this.#start = this.#at;
      } else if (character === '}' || character === ']') {
        this.#depth--;
        if (this.#depth !== 1) continue;
        const item = jsonValue(this.#text.slice(this.#start, this.#at + 1));
        if (item !== undefined) items.push(item);
        this.#text = this.#text.slice(this.#at + 1);
        this.#at = -1;
      }
    }
    return items;
  }
}
