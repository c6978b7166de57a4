import { countCharacters } from './characters.ts';
import type { TokenCount } from './reading.ts';

/** Counts what passes by of a stream's text: characters always, tokens with a tokenizer. Keeps none of it. */
export class TextCounter {
  characters = 0;
  readonly #count: TokenCount | undefined;
  #tokens: number | undefined = 0;

  constructor(count: TokenCount | undefined) {
    this.#count = count;
  }

  add(value: unknown): void {
    this.characters += countCharacters(value);
    const tokens = this.#count?.(value);
    // A tokenizer that came late has missed a part: then characters count.
    this.#tokens = tokens === undefined || this.#tokens === undefined ? undefined : this.#tokens + tokens;
  }

  get tokens(): number | undefined {
    return this.characters === 0 ? undefined : this.#tokens;
  }
}
