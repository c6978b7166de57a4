import { describe, expect, test } from 'vitest';
import { calculateCost } from '../../src/pricing/calculate-cost.ts';
import { defaultPriceList } from '../../src/pricing/shipped/default-price-list.ts';
import { explainCost } from '../../src/reports/explain-cost.ts';

const query = {
  provider: 'anthropic',
  responseModel: 'claude-opus-4-8',
  at: new Date('2026-09-20T12:00:00Z'),
};

describe('explainCost', () => {
  test('shows factors by name and the model of every step', () => {
    const usage = {
      inputTokens: 1000,
      iterations: [{ type: 'advisor_message', model: 'claude-haiku-4-5', usage: { outputTokens: 10 } }],
    };
    const shown = explainCost(calculateCost(usage, { ...query, inferenceGeo: 'us' }, defaultPriceList));
    expect(shown).toContain('input   1000 × 5 ÷ 1000000 × 1.1 (geo:us) = 0.0055');
    expect(shown).toContain('output  10 × 5 ÷ 1000000 × 1.1 (geo:us) = 0.000055  [claude-haiku-4-5]');
    expect(shown).toContain('priced  USD 0.005555');
  });

  test('shows the provider’s figure and ours below it', () => {
    const reported = { amount: '0.006', currency: 'USD' };
    const shown = explainCost(calculateCost({ inputTokens: 1000 }, { ...query, reported }, defaultPriceList));
    expect(shown).toContain('priced  USD 0.006, as the provider reports it');
    expect(shown).toContain('our own figure:\nprice   anthropic/claude-opus-4-8 in genai-prices@0.1.8');
    expect(shown).toContain('priced  USD 0.005\n');
  });

  test('shows notes, and marks an amount that its factors do not give', () => {
    const cost = calculateCost({ inputTokens: 1000 }, query, defaultPriceList);
    const [item] = cost.lineItems;
    const wrong = {
      ...cost,
      notes: ['a note'],
      lineItems: item === undefined ? [] : [{ ...item, amount: '0.1' }],
    };
    expect(explainCost(wrong)).toContain('= 0.1  (recalculated: 0.005)');
    expect(explainCost(wrong)).toContain('(the lines add up to 0.1)');
    expect(explainCost(wrong)).toContain('note    a note');
  });

  test('lets no control character through to the terminal', () => {
    const shown = explainCost({ status: 'unpriced', lineItems: [], reason: 'evil\u001B[2Jmodel' });
    expect(shown).not.toContain('\u001B');
  });
});
