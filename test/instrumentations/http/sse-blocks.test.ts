import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bareErrorOf, dataOf, SseBlocks, withData } from '../../../src/instrumentations/http/sse-blocks.ts';

test.each(['\n', '\r\n', '\r'])('blocks are the same however the body is cut, lines ending in %j', (eol) => {
  const blocks = [
    `id: 1${eol}data: one${eol}${eol}`,
    `: ping${eol}${eol}`,
    `data: two${eol}data: lines${eol}${eol}`,
  ];
  const body = blocks.join('');
  fc.assert(
    fc.property(fc.array(fc.nat(body.length), { maxLength: 40 }), (places) => {
      const ends = [...places.toSorted((a, b) => a - b), body.length];
      const cut = new SseBlocks();
      const found = ends.flatMap((end, index) => cut.push(body.slice(ends[index - 1] ?? 0, end)));
      // A last `\r` may be half a line end: at the end of the body it is known.
      found.push(cut.rest());
      expect(found.join('')).toBe(body);
      expect(found.map(dataOf).filter((data) => data !== undefined)).toEqual(['one', 'two\nlines']);
    }),
  );
});

test('a block keeps its other lines when its payload changes', () => {
  expect(withData('id: 7\r\nevent: delta\r\ndata:{"a":1}\r\nretry: 5\r\n\r\n', '{}')).toBe(
    'id: 7\r\nevent: delta\r\ndata:{}\r\nretry: 5\r\n\r\n',
  );
  expect(withData('data: {"a":\ndata: 1}\n\n', '{"a":\n2}')).toBe('data: {"a":\ndata: 2}\n\n');
  expect(withData(': only a comment\n\n', '{}')).toBe(': only a comment\n\n');
});

test('comments, pings and the end mark carry nothing', () => {
  expect([': ping\n\n', 'event: ping\n\n', 'data: [DONE]\n\n', '\n\n'].map(dataOf)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('an error in plain JSON between the events is told from what is none', () => {
  const error = '{\n  "error": { "code": 503 }\n}';
  expect(bareErrorOf(`${error}\r\n\r\n`)).toBe(error);
  expect(bareErrorOf(error)).toBe(error);
  expect([': ping\n\n', 'event: error\n\n', '{"a":1}\n\n', ''].map(bareErrorOf)).toEqual(
    Array.from({ length: 4 }, () => undefined),
  );
});
