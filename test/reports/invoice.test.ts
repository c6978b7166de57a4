import { expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import {
  formatInvoice,
  invoiceToCsv,
  invoiceToHtml,
  invoiceToJson,
} from '../../src/reports/format-invoice.ts';
import { invoice } from '../../src/reports/invoice.ts';
import { cost, costEvent } from '../ledger/events.ts';

function ledgerWith(...events: CostEvent[]): SqliteLedger {
  const ledger = new SqliteLedger({ path: ':memory:' });
  ledger.write(events);
  return ledger;
}

const NOVEMBER = { customer: 'acme', month: '2026-11' };

test('a markup is one line per model, rounded once, with the residue shown', async () => {
  const ledger = ledgerWith(
    costEvent({ cost: cost('0.0035') }),
    costEvent({ cost: cost('0.0041') }),
    costEvent({ cost: cost('1'), responseModel: 'gpt-4o-mini' }),
    costEvent({ customer: 'globex', cost: cost('100') }),
  );
  const found = await invoice(ledger, { ...NOVEMBER, rateCards: [{ name: 'standard', markup: '20' }] });
  // (0.0035 + 0.0041) × 1.2 = 0.00912 → 0.01; 1 × 1.2 = 1.20
  expect(found).toMatchObject({
    customer: 'acme',
    currency: 'USD',
    total: '1.21',
    exact: '1.20912',
    residue: '0.00088',
    cost: '1.0076',
    // 1.20912 − 1.0076
    margin: '0.20152',
    calls: 3,
    uncharged: [],
  });
  expect(found.lines).toMatchObject([
    { description: 'Usage of gpt-4o-2024-08-06, cost × 1.2', calls: 2, exact: '0.00912', amount: '0.01' },
    { description: 'Usage of gpt-4o-mini, cost × 1.2', calls: 1, exact: '1.2', amount: '1.20' },
  ]);
});

test('a quota and tiers count through the month in the order of the calls', async () => {
  const at = (day: number): Date => new Date(Date.UTC(2026, 10, day));
  const ledger = ledgerWith(
    ...[3, 1, 2].map((day) =>
      costEvent({ timestamp: at(day), usage: { inputTokens: 600, outputTokens: 0 } }),
    ),
  );
  const found = await invoice(ledger, {
    ...NOVEMBER,
    rateCards: [
      {
        name: 'volume',
        prices: {
          input_tokens: { price: '2', per: '1000', included: '1000', tiers: [{ above: '1500', price: '1' }] },
        },
      },
    ],
  });
  // 1,800 tokens: 1,000 free, 500 at 2 per 1,000 = 1.00, 300 at 1 per 1,000 = 0.30
  expect(found.lines.map(({ quantity, unitPrice, amount }) => [quantity, unitPrice, amount])).toEqual([
    ['1000', '0', '0.00'],
    ['500', '2', '1.00'],
    ['300', '1', '0.30'],
  ]);
  expect(found.total).toBe('1.30');
});

test("the month's fee and minimum are lines of their own, on top of what was rounded", async () => {
  const rateCards = [{ name: 'standard', markup: '0' }];
  const ledger = ledgerWith(costEvent({ cost: cost('3.004') }));
  // 3.00 + 5.00 = 8.00; 2.00 are missing to 10.
  const found = await invoice(ledger, { ...NOVEMBER, rateCards, fee: '5', minimum: '10' });
  expect(found.lines.map(({ meter, amount }) => [meter, amount])).toEqual([
    ['cost', '3.00'],
    ['monthly_fee', '5.00'],
    ['monthly_minimum', '2.00'],
  ]);
  expect(found).toMatchObject({ total: '10.00', cost: '3.004' });
  expect((await invoice(ledger, { ...NOVEMBER, rateCards, minimum: '3' })).total).toBe('3.00');
  await expect(invoice(ledger, { ...NOVEMBER, rateCards, fee: '-1' })).rejects.toThrow(
    'an amount of 0 or more',
  );
});

test('what is not charged is named with its reason', async () => {
  const ledger = ledgerWith(costEvent({ cost: cost('0.5') }), costEvent({ cost: cost(undefined) }));
  const found = await invoice(ledger, { ...NOVEMBER, rateCards: [{ name: 'standard', markup: '0' }] });
  expect(found).toMatchObject({
    total: '0.50',
    uncharged: [{ reason: 'the cost is unpriced: unknown model', calls: 1 }],
  });
  const none = await invoice(ledger, {
    ...NOVEMBER,
    rateCards: [{ name: 'other', when: { customer: 'globex' }, markup: '0' }],
  });
  expect(none).toMatchObject({ total: '0.00', uncharged: [{ reason: 'no rate card fits', calls: 2 }] });
});

test.each([
  ['UTC', ['2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z']],
  ['Europe/Berlin', ['2026-10-31T23:00:00.000Z', '2026-11-30T23:00:00.000Z']],
  // Daylight saving time ends on November 1: the month begins in it and ends outside it.
  ['America/New_York', ['2026-11-01T04:00:00.000Z', '2026-12-01T05:00:00.000Z']],
])('the month of %s begins and ends where its clocks do', async (timeZone, [start, end]) => {
  const times = [start, end].flatMap((time) => [-1, 0].map((ms) => new Date(Date.parse(time ?? '') + ms)));
  const ledger = ledgerWith(...times.map((timestamp) => costEvent({ timestamp, cost: cost('1') })));
  const found = await invoice(ledger, {
    ...NOVEMBER,
    timeZone,
    rateCards: [{ name: 'standard', markup: '0' }],
  });
  expect([found.period.start.toISOString(), found.period.end.toISOString()]).toEqual([start, end]);
  expect(found.total).toBe('2.00');
});

test('one invoice has one currency', async () => {
  const ledger = ledgerWith(
    costEvent({ cost: cost('1', 'USD') }),
    costEvent({ cost: cost('1', 'EUR'), provider: 'mistral' }),
  );
  const rateCards = [
    { name: 'euro', when: { provider: 'mistral' }, markup: '0', currency: 'EUR' },
    { name: 'dollar', markup: '0' },
  ];
  await expect(invoice(ledger, { ...NOVEMBER, rateCards })).rejects.toThrow('an invoice has one currency');
});

test.each([
  [{ month: '2026-11' }, "expected 'customer' to be a non-empty string, got undefined"],
  [{ ...NOVEMBER, month: '2026-13' }, "a month like '2026-11', got '2026-13'"],
  [{ ...NOVEMBER, timezone: 'UTC' }, "Did you mean 'timeZone'?"],
  [{ ...NOVEMBER, rateCards: [{ name: 'standard', markpu: '20' }] }, "Did you mean 'markup'?"],
  [{ ...NOVEMBER, rateCards: 'standard' }, 'rate_cards'],
])('a wrong option is refused: %j', async (options, message) => {
  await expect(invoice(ledgerWith(), options as never)).rejects.toThrow(message);
});

test('prints as table, CSV, JSON and a page that runs nothing', async () => {
  const customer = '<script>alert(1)</script>';
  const ledger = ledgerWith(costEvent({ customer, cost: cost('0.005') }));
  const found = await invoice(ledger, {
    ...NOVEMBER,
    customer,
    rateCards: [{ name: 'standard', markup: '0' }],
  });
  expect(formatInvoice(found)).toContain('2026-11-01 until 2026-12-01 (UTC)');
  expect(formatInvoice(found)).toMatch(/^total .*0\.01$/m);
  expect(invoiceToCsv(found).split('\r\n')[1]).toContain(',0.005,0.01,USD');
  expect(invoiceToJson(found)).toMatchObject({
    total: '0.01',
    exact: '0.005',
    lines: [{ rate_card: 'standard' }],
  });
  const page = invoiceToHtml(found);
  expect(page).not.toContain('<script>');
  expect(page).toContain('&#60;script&#62;');
  expect(page).not.toContain('margin:</');
});

test.each<[string, object, RegExp]>([
  ['no customer', { customer: undefined }, /customer/],
  ['half a digit', { places: 1.5 }, /'places' to be a whole number from 0 to 12/],
  ['more digits than money has', { places: 13 }, /'places' to be a whole number from 0 to 12/],
  ['a fee below nothing', { fee: '-1' }, /'fee' to be an amount of 0 or more/],
  ['a minimum that is no amount', { minimum: 'much' }, /'minimum' to be an amount of 0 or more/],
  ['an unknown rounding', { rounding: 'down' }, /half-up/],
  ['a misspelt option', { rateCard: [] }, /Did you mean 'rateCards'/],
])('an invoice with %s is refused', async (_, options, message) => {
  const ledger = ledgerWith(costEvent({}));
  await expect(invoice(ledger, { ...NOVEMBER, ...options })).rejects.toThrow(message);
});
