import { describe, expect, it } from 'vitest';
import { UNATTRIBUTED } from '../../src/attribution/attribution.ts';
import { resolveAttribution } from '../../src/attribution/resolve.ts';
import { snapshotAttribution, withCustomer } from '../../src/attribution/scope.ts';

const call = { hints: { user: 'user-7' } };
type Call = typeof call;
const resolveCustomer = ({ hints }: Call): string => hints.user;

describe('an attribution is completed', () => {
  it('by the resolver, when nobody claimed the call', () => {
    expect(
      resolveAttribution(UNATTRIBUTED, call, { resolveCustomer, defaultCustomer: 'house' }),
    ).toMatchObject({
      customer: 'user-7',
      source: 'resolver',
    });
  });

  it('by nobody else when the scope spoke, also when it said "nobody"', () => {
    for (const customer of ['acme', null]) {
      const said = withCustomer(customer, snapshotAttribution);
      expect(resolveAttribution(said, call, { resolveCustomer, defaultCustomer: 'house' })).toEqual(said);
    }
  });

  it('by the default when the resolver does not know, throws, promises or answers nonsense', () => {
    const answers = [
      undefined,
      () => undefined,
      () => '',
      () => Promise.resolve('acme'),
      () => ({ id: 1 }),
      () => {
        throw new Error('no');
      },
    ];
    for (const answer of answers) {
      const options = { resolveCustomer: answer as () => string, defaultCustomer: 'house' };
      expect(resolveAttribution(UNATTRIBUTED, call, options)).toMatchObject({
        customer: 'house',
        source: 'default',
      });
    }
    expect(resolveAttribution(UNATTRIBUTED, call, {})).toEqual(UNATTRIBUTED);
  });

  it('takes "explicitly nobody" from the resolver', () => {
    const options = { resolveCustomer: () => null, defaultCustomer: 'house' };
    expect(resolveAttribution(UNATTRIBUTED, call, options)).toMatchObject({
      customer: null,
      source: 'resolver',
    });
  });

  it('by static context, under what the scope says', () => {
    const said = withCustomer('acme', { service: 'worker' }, snapshotAttribution);
    const staticContext = { service: 'api', environment: 'prod' };
    expect(resolveAttribution(said, call, { staticContext }).context).toEqual({
      service: 'worker',
      environment: 'prod',
    });
  });
});
