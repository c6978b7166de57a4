import { describe, expect, test } from 'vitest';
import { Budget, type BudgetOptions } from '../../src/budgets/budget.ts';

const valid: BudgetOptions = { id: 'monthly', limit: '50.00', period: 'month' };

describe('a budget', () => {
  test('counts cost in USD, tells half, most and all of it, and refuses nothing unless told to', () => {
    expect(new Budget(valid)).toMatchObject({
      measure: 'cost',
      currency: 'USD',
      timeZone: 'UTC',
      action: 'alert',
      mode: 'observe',
      thresholds: [50, 80, 100],
      onStoreError: 'allow',
      unpriced: 'allow',
    });
  });

  test('that blocks holds an estimate for each call under way', () => {
    expect(new Budget({ ...valid, action: 'block' }).mode).toBe('hold');
  });

  test('cannot be changed once it is made', () => {
    const budget = new Budget(valid);
    expect(() => Object.assign(budget, { limit: '999' })).toThrow(TypeError);
  });

  test.each<[string, object, RegExp]>([
    ['an unknown option', { limti: 1 }, /unknown option 'limti'. Did you mean 'limit'/],
    ['no id', { id: undefined }, /needs an 'id'/],
    ['a limit that is no number', { limit: 'fifty' }, /expected 'limit' to be a decimal number.*got 'fifty'/],
    ['a negative limit', { limit: '-1' }, /'limit'.*got '-1'/],
    ['an unknown period', { period: 'monht' }, /'period'.*got 'monht'. Did you mean 'month'/],
    ['a window without a unit', { period: { rolling: '24' } }, /\{ rolling: '24h' \}/],
    ['an unknown time zone', { timeZone: 'Europe/Berln' }, /IANA name.*got 'Europe\/Berln'/],
    ['an anchor day of 32', { anchorDay: 32 }, /'anchorDay'.*1 to 31.*got 32/],
    ['an anchor day of a week', { period: 'week', anchorDay: 2 }, /'anchorDay' is for the period 'month'/],
    ['an unknown action', { action: 'blok' }, /'action'.*got 'blok'. Did you mean 'block'/],
    [
      'a mode that cannot act',
      { action: 'alert', mode: 'hold' },
      /the mode 'hold' is for the action 'block'/,
    ],
    ['thresholds that are no percentages', { thresholds: ['half'] }, /'thresholds'/],
    ['a match without a value', { match: { customer: '' } }, /match.customer.*non-empty/],
    ['each as a string', { each: 'customer' }, /'each'.*list of keys/],
  ])('refuses %s, and says what it expects', (_title, change, message) => {
    expect(() => new Budget({ ...valid, ...change })).toThrow(message);
  });

  test('of 0 is allowed: it admits nothing', () => {
    expect(new Budget({ ...valid, limit: 0 }).limit).toBe('0');
  });
});
