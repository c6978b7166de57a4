import { expect, test } from 'vitest';
import { callerContext } from '../../src/attribution/caller-context.ts';
import { addToRun, currentRunCost } from '../../src/attribution/run-cost.ts';
import { withCostContext, withCustomer } from '../../src/attribution/scope.ts';

const spend = (amount?: string, currency = 'USD'): void =>
  addToRun(callerContext(), amount === undefined ? {} : { amount, currency });

test('a scope sums what was spent in it and in the scopes inside it, exactly', () => {
  withCustomer('acme', () => {
    spend('0.1');
    withCostContext({ step: 1 }, () => {
      spend('0.2');
      expect(currentRunCost()).toEqual({ amount: '0.2', currency: 'USD', calls: 1, unpriced: 0 });
    });
    // 0.1 + 0.2 = 0.3
    expect(currentRunCost()).toEqual({ amount: '0.3', currency: 'USD', calls: 2, unpriced: 0 });
  });
});

test('scopes beside each other know nothing of each other', async () => {
  const run = (amount: string) =>
    withCustomer('acme', async () => {
      spend(amount);
      await Promise.resolve();
      return currentRunCost().amount;
    });
  expect(await Promise.all([run('1'), run('2'), run('3')])).toEqual(['1', '2', '3']);
});

test('calls without a price are counted apart', () => {
  withCustomer('acme', () => {
    spend('0.5');
    spend();
    spend('0.5', 'EUR');
    expect(currentRunCost()).toEqual({ amount: '0.5', currency: 'USD', calls: 3, unpriced: 2 });
  });
});

test('outside every scope nothing is summed', () => {
  spend('1');
  expect(currentRunCost()).toEqual({ amount: '0', currency: 'USD', calls: 0, unpriced: 0 });
});

test('a scope that opens itself again for ever keeps only the last of its outer scopes', () => {
  const nest = (depth: number): void => {
    if (depth === 0) spend('1');
    else withCostContext({ depth }, () => nest(depth - 1));
  };
  withCustomer('acme', () => {
    nest(200);
    expect(currentRunCost().calls).toBe(0);
  });
});
