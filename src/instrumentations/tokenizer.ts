import { loadOptionalPackage } from '../base/optional-package.ts';
import { isHooksWorker } from '../base/preload.ts';
import { eachText } from '../wire/characters.ts';

/**
 * An optional tokenizer (the package `gpt-tokenizer`), for estimates of what was cut off before its usage came.
 * Loaded once, after the start; without one, characters are counted. `js-tiktoken` is not looked for: frameworks
 * bring it along unasked, and it blocks a process for a second while it loads.
 */
export function loadTokenizer(): void {
  if (isAsked || isHooksWorker()) return;
  isAsked = true;
  setImmediate(() => useTokenizer(loadOptionalPackage('gpt-tokenizer'))).unref();
}

let isAsked = false;
let count: ((text: string) => number) | undefined;

/** Takes the package's exports; false when they are not its. */
export function useTokenizer(module: unknown): boolean {
  const { countTokens } = (module ?? {}) as { readonly countTokens?: CountTokens };
  if (typeof countTokens !== 'function') return false;
  count = (text) => countTokens(text, PLAIN);
  return true;
}

type CountTokens = (text: string, options: { readonly disallowedSpecial: ReadonlySet<string> }) => number;

/** Marks such as `<|endoftext|>` are plain text in what people write. */
const PLAIN = { disallowedSpecial: new Set<string>() };

/** Tokens of all text in a value; undefined without a tokenizer, or when counting would take too long. */
export function countTokens(value: unknown, characters = 0): number | undefined {
  const countText = count;
  if (countText === undefined || characters > MAX_CHARACTERS) return undefined;
  try {
    let tokens = 0;
    eachText(value, (text) => {
      tokens += countText(text);
    });
    return tokens;
  } catch {
    return undefined;
  }
}

/** Some ten milliseconds of work at the end of a broken stream; beyond it, characters must do. */
const MAX_CHARACTERS = 100_000;
