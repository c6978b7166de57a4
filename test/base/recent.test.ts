import { expect, test } from 'vitest';
import { Recent } from '../../src/base/recent.ts';

test('forgets the oldest entry beyond its bound, and an entry set again is new', () => {
  const recent = new Recent<string, number>(2);
  recent.set('a', 1);
  recent.set('b', 2);
  recent.set('a', 3);
  recent.set('c', 4);
  expect([recent.get('a'), recent.get('b'), recent.get('c'), recent.size]).toEqual([3, undefined, 4, 2]);
  expect([recent.has('a'), recent.delete('a'), recent.has('a')]).toEqual([true, true, false]);
  recent.clear();
  expect(recent.size).toBe(0);
});
