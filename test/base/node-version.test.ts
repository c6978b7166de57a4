import { expect, test } from 'vitest';
import { unsupportedNode } from '../../src/base/node-version.ts';

test.each(['22.15.0', '22.23.1', '24.0.0', '26.1.0'])('runs on Node %s', (version) => {
  expect(unsupportedNode(version)).toBeUndefined();
});

test.each(['18.20.0', '20.20.2', '22.14.9', '21.9.0'])('says on Node %s which one it needs', (version) => {
  expect(unsupportedNode(version)).toContain(`costspan needs Node 22.15 or newer; this is ${version}.`);
});
