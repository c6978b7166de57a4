import { describe, expect, test } from 'vitest';
import { type Attribution, UNATTRIBUTED } from '../../src/attribution/attribution.ts';
import { type Said, whoPays } from '../../src/attribution/who-pays.ts';

const scope = (fields: Partial<Attribution>): Attribution => ({ ...UNATTRIBUTED, ...fields });
const inScope = scope({ customer: 'scoped', source: 'scope', context: { a: 'scope', b: 'scope' } });
const sent = scope({ customer: 'sent', source: 'inbound', context: { a: 'sent', c: 'sent' } });
const baggage = { customer: 'carried', context: { b: 'carried' } };

describe('who pays', () => {
  test.each<[string, Said, Partial<Attribution>]>([
    ['nobody, where nothing was said', {}, UNATTRIBUTED],
    ['the scope', { scope: inScope }, { customer: 'scoped', source: 'scope' }],
    ['baggage set inside the scope', { scope: inScope, baggage }, { customer: 'carried', source: 'baggage' }],
    [
      'the scope, before what a service sent',
      { scope: inScope, inbound: sent },
      { customer: 'scoped', source: 'scope' },
    ],
    [
      'what a service sent, where the scope names nobody',
      { scope: scope({}), inbound: sent },
      { customer: 'sent', source: 'inbound' },
    ],
    [
      'explicitly nobody, before what a service sent',
      { scope: scope({ customer: null, source: 'scope' }), inbound: sent },
      { customer: null, source: 'scope' },
    ],
    [
      'explicitly nobody, said by baggage',
      { scope: inScope, baggage: { ...baggage, customer: null } },
      { customer: null, source: 'baggage' },
    ],
    [
      'the newer of two services, where the scope had its customer from one',
      { scope: scope({ customer: 'first', source: 'inbound' }), inbound: sent },
      { customer: 'sent', source: 'inbound' },
    ],
    [
      'the service of the scope, where the newer one names nobody',
      { scope: scope({ customer: 'first', source: 'inbound' }), inbound: scope({}) },
      { customer: 'first', source: 'inbound' },
    ],
    [
      'the scope, where baggage brings context alone',
      { scope: inScope, baggage: { context: { b: 'carried' } } },
      { customer: 'scoped', source: 'scope' },
    ],
  ])('%s', (_, said, expected) => {
    expect(whoPays(said)).toMatchObject(expected);
  });

  test('context is merged in the same order, the nearest last', () => {
    expect(whoPays({ scope: inScope, baggage, inbound: sent }).context).toEqual({
      a: 'scope',
      b: 'carried',
      c: 'sent',
    });
  });

  test('tracked and persist are the scope’s', () => {
    const untracked = scope({ tracked: false, persist: false });
    expect(whoPays({ scope: untracked, baggage, inbound: sent })).toMatchObject({
      tracked: false,
      persist: false,
    });
  });
});
