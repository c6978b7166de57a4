import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/base/errors.ts';
import {
  checkFields,
  date,
  either,
  fields,
  flag,
  type KindsOf,
  listOf,
  mapOf,
  oneOf,
  optionsOf,
  positive,
  required,
  text,
} from '../../src/base/options.ts';

interface TailOptions {
  readonly path: string;
  readonly follow?: boolean;
  readonly lines?: number;
  readonly from?: 'start' | 'end';
  readonly since?: Date;
}

const OPTIONS: KindsOf<TailOptions> = {
  path: required(text),
  follow: flag,
  lines: positive,
  from: oneOf('start', 'end'),
  since: date,
};

describe('optionsOf', () => {
  test('gives back what was given', () => {
    const given: TailOptions = { path: 'a.log', follow: true, from: 'end', since: new Date(0) };
    expect(optionsOf('new Tail', given, OPTIONS)).toBe(given);
  });

  test.each([
    [undefined, "new Tail: expected 'path' to be a non-empty string, got undefined."],
    [
      'a.log',
      "new Tail: expected an options object, got 'a.log'. Options: path, follow, lines, from, since.",
    ],
    [{ path: '' }, "new Tail: expected 'path' to be a non-empty string, got ''."],
    [{ path: 'a', follow: 'yes' }, "new Tail: expected 'follow' to be true or false, got 'yes'."],
    [{ path: 'a', lines: 0 }, "new Tail: expected 'lines' to be a number above 0, got 0."],
    [{ path: 'a', from: 'middle' }, "new Tail: expected 'from' to be 'start' or 'end', got 'middle'."],
    [{ path: 'a', since: '2026-01-01' }, "new Tail: expected 'since' to be a valid Date, got '2026-01-01'."],
    [{ path: 'a', folow: true }, "new Tail: unknown option 'folow'. Did you mean 'follow'?"],
  ])('refuses %j', (given, message) => {
    const wrong = (): unknown => optionsOf('new Tail', given as TailOptions, OPTIONS);
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(message);
  });

  test('the type and the kinds cannot drift apart', () => {
    // @ts-expect-error an option without a kind
    const missing: KindsOf<TailOptions> = {
      path: required(text),
      follow: flag,
      lines: positive,
      since: date,
    };
    // @ts-expect-error what the type requires is required
    const optional: KindsOf<{ readonly path: string }> = { path: text };
    // @ts-expect-error a kind that accepts another type
    const wrong: KindsOf<{ readonly follow?: boolean }> = { follow: text };
    expect([missing, optional, wrong]).toHaveLength(3);
  });
});

describe('checkFields', () => {
  interface Shelf {
    readonly name: string;
    readonly books?: readonly { readonly title: string }[];
    readonly prices?: Readonly<Record<string, string | { readonly price: string }>>;
  }
  const SHELF: KindsOf<Shelf> = {
    name: required(text),
    books: listOf(fields<{ readonly title: string }>({ title: required(text) })),
    prices: mapOf(either(text, fields<{ readonly price: string }>({ price: required(text) }))),
  };

  test.each([
    [{}, "shelf.yaml: 'name' is missing."],
    [
      { name: 'a', boks: [] },
      "shelf.yaml: unknown field 'boks'. Did you mean 'books'? Known: name, books, prices.",
    ],
    [{ name: 'a', books: [{ title: 'x' }, {}] }, "shelf.yaml: books[1]: 'title' is missing."],
    [{ name: 'a', prices: { x: 1 } }, 'shelf.yaml: prices.x: expected a non-empty string, got 1.'],
    [
      { name: 'a', prices: { x: { price: 1 } } },
      'shelf.yaml: prices.x.price: expected a non-empty string, got 1.',
    ],
    [[], 'shelf.yaml: expected an object, got an array of 0.'],
  ])('says where in %j it is wrong', (given, message) => {
    expect(() => checkFields('shelf.yaml', given, SHELF)).toThrow(message);
  });

  test('takes null for a field that is left out', () => {
    expect(() => checkFields('shelf.yaml', { name: 'a', books: null }, SHELF)).not.toThrow();
  });
});
