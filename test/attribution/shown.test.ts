import { expect, onTestFinished, test } from 'vitest';
import { type Attribution, UNATTRIBUTED } from '../../src/attribution/attribution.ts';
import { createRedactor, joinRedactor } from '../../src/attribution/redact.ts';
import {
  asGiven,
  completeFromMemory,
  fromMemory,
  overShown,
  shareAttribution,
  showAttribution,
  withoutContext,
} from '../../src/attribution/shown.ts';

const acme: Attribution = {
  ...UNATTRIBUTED,
  customer: 'acme',
  source: 'scope',
  context: { email: 'ann@acme.test', feature: 'chat' },
};
const noEmail = createRedactor({ drop: ['email'] });

/** Somebody in the process redacts by these rules, for as long as the test runs. */
function redacting(redact: ReturnType<typeof createRedactor>): void {
  onTestFinished(joinRedactor(redact));
}

test('a processor shows its sinks what its own rules leave', () => {
  expect(showAttribution({ attribution: acme }, {}, noEmail)).toMatchObject({
    customer: 'acme',
    context: { feature: 'chat' },
  });
});

test('what all share is redacted by all; what stays in the process by nobody', () => {
  redacting(noEmail);
  expect(shareAttribution(acme).context).toEqual({ feature: 'chat' });
  expect(shareAttribution(acme, noEmail)).toBe(acme);
  expect([asGiven(acme), fromMemory(acme)]).toEqual([acme, acme]);
});

test('where redacting failed, nothing that was given is shown, and what counts for delivery stays', () => {
  expect(withoutContext({ ...acme, tracked: false, persist: false })).toEqual({
    ...UNATTRIBUTED,
    tracked: false,
    persist: false,
  });
});

test('a memory of nobody is completed with the default, redacted; a memory of somebody stays as it is', () => {
  const hashed = createRedactor({ hash: { customer: true, secret: 'key' } });
  const nobody = fromMemory({ ...UNATTRIBUTED, context: { feature: 'chat' } });
  expect(completeFromMemory(nobody, { defaultCustomer: 'house' }, noEmail)).toEqual({
    ...nobody,
    customer: 'house',
    source: 'default',
  });
  expect(completeFromMemory(nobody, { defaultCustomer: 'house' }, hashed).customer).toMatch(/^hmac:/);
  expect(completeFromMemory(nobody, {}, noEmail)).toBe(nobody);
  for (const customer of ['acme', null]) {
    const known = fromMemory({ ...nobody, customer, source: 'scope' });
    expect(completeFromMemory(known, { defaultCustomer: 'house' }, noEmail)).toBe(known);
  }
});

test('what is said of a part goes over what is said of the whole, redacted like it', () => {
  redacting(noEmail);
  const whole = fromMemory({ ...acme, context: { feature: 'batch', team: 'a' } });
  expect(overShown(whole, { customer: 'globex', context: { feature: 'line', email: 'x' } })).toMatchObject({
    customer: 'globex',
    source: 'scope',
    context: { feature: 'line', team: 'a' },
  });
  // Of a part that names nobody, the whole's customer pays; one that says nobody is nobody's.
  expect(overShown(whole, { context: {} })).toMatchObject({
    customer: 'acme',
    source: 'scope',
    context: whole.context,
  });
  expect(overShown(whole, { customer: null, context: {} }).customer).toBeNull();
});
