import { expect, test } from 'vitest';
import { join, shared } from '../../src/base/process.ts';

test('every copy of the package gets the same part, made by the first', () => {
  const first = shared('test part', () => ({ made: 1 }));
  expect(shared('test part', () => ({ made: 2 }))).toBe(first);
  expect(first).toEqual({ made: 1 });
});

test('keeps everything in one slot of the global object, whose name has a version', () => {
  shared('test part', () => ({}));
  const ours = Object.getOwnPropertySymbols(globalThis).filter(({ description }) =>
    description?.includes('costspan'),
  );
  expect(ours).toEqual([Symbol.for('costspan.process.v1')]);
});

test('what joined a list leaves it alone, once, and in any order', () => {
  const members: string[] = [];
  const leaveFirst = join(members, 'a');
  const leaveSecond = join(members, 'b');
  leaveFirst();
  leaveFirst();
  expect(members).toEqual(['b']);
  leaveSecond();
  expect(members).toEqual([]);
});
