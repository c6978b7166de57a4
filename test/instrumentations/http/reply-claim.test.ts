import { expect, test } from 'vitest';
import { ReplyClaim } from '../../../src/instrumentations/http/reply-claim.ts';
import { collectGarbage } from '../../support/garbage.ts';

/** A claim on a reply whose only handle is dropped at once. */
function dropped(act: (claim: ReplyClaim) => void = () => undefined): {
  ours: () => boolean;
  claim: ReplyClaim;
} {
  const claim = new ReplyClaim();
  let isOurs = false;
  claim.hold({}, () => (isOurs = true));
  act(claim);
  return { ours: () => isOurs, claim };
}

test('a reply that nobody took is ours once its handle is garbage', async () => {
  const { ours } = dropped();
  await collectGarbage(() => ours());
  expect(ours()).toBe(true);
});

test('a reply that somebody took, at once or later, is never ours', async () => {
  const taken = dropped((claim) => claim.claim());
  const early = new ReplyClaim();
  early.claim();
  let isOurs = false;
  early.hold({}, () => (isOurs = true));
  const witness = dropped();
  await collectGarbage(() => witness.ours());
  expect([taken.ours(), isOurs]).toEqual([false, false]);
});

test('a reply whose handle is held is nobody else’s', async () => {
  const claim = new ReplyClaim();
  const handle = {};
  let isOurs = false;
  claim.hold(handle, () => (isOurs = true));
  const witness = dropped();
  await collectGarbage(() => witness.ours());
  expect(isOurs).toBe(false);
  expect(handle).toBeDefined();
});
