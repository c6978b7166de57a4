import { expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent, CostEventFields } from '../../src/metering/cost-event.ts';
import { formatInvoice, invoiceToHtml } from '../../src/reports/format-invoice.ts';
import { type InvoiceOptions, invoice } from '../../src/reports/invoice.ts';
import { cost, costEvent } from '../ledger/events.ts';

function ledgerWith(...events: CostEvent[]): SqliteLedger {
  const ledger = new SqliteLedger({ path: ':memory:' });
  ledger.write(events);
  return ledger;
}

const november = (options: Partial<InvoiceOptions> = {}): InvoiceOptions => ({
  customer: 'acme',
  month: '2026-11',
  ...options,
});
const charged = (amount: string, more: Partial<CostEventFields> = {}): CostEvent =>
  costEvent({
    charge: {
      status: 'charged',
      currency: 'USD',
      amount,
      rateCard: 'metered',
      lineItems: [{ meter: 'requests', quantity: '1', unitPrice: amount, per: '1', amount }],
    },
    ...more,
  });

test('without rate cards, an invoice is what each call was charged when it was metered', async () => {
  const found = await invoice(ledgerWith(charged('0.5'), charged('0.5'), costEvent()), november());
  // 2 × 0.5; the third was charged nothing by anybody.
  expect(found).toMatchObject({
    total: '1.00',
    calls: 3,
    uncharged: [{ reason: 'no rate card fits', calls: 1 }],
  });
  expect(found.lines).toMatchObject([
    { description: 'Requests', rateCard: 'metered', calls: 2, unitPrice: '0.5' },
  ]);
});

test('the month before this one is the month that is meant', async () => {
  const { month: _, ...options } = november({ now: new Date('2026-12-01T00:00:00Z') });
  expect((await invoice(ledgerWith(charged('1')), options)).period).toEqual({
    start: new Date('2026-11-01T00:00:00Z'),
    end: new Date('2026-12-01T00:00:00Z'),
  });
  const { now: __, ...today } = options;
  expect((await invoice(ledgerWith(), today)).period.end.getTime()).toBeLessThanOrEqual(Date.now());
});

test('a correction passes on its cost, without a fee; it is no call', async () => {
  const correction = costEvent({
    kind: 'adjustment',
    adjusts: 'x',
    usage: {},
    usageSource: 'none',
    cost: cost('-1'),
  });
  const cards = [
    { name: 'fees', when: { models: ['gpt-4o-mini*'] }, prices: { requests: { price: '3' } } },
    { name: 'standard', markup: '50' },
  ];
  const found = await invoice(
    ledgerWith(costEvent({ cost: cost('10') }), correction),
    november({ rateCards: cards }),
  );
  // (10 − 1) × 1.5
  expect(found).toMatchObject({ total: '13.50', cost: '9', calls: 1 });
});

test('a call of which nobody knows what it used is charged nothing, and is named', async () => {
  const blind = costEvent({ usage: {}, usageSource: 'none', cost: cost(undefined) });
  const found = await invoice(
    ledgerWith(blind),
    november({ rateCards: [{ name: 'standard', markup: '20' }] }),
  );
  expect(found).toMatchObject({ total: '0.00', uncharged: [{ reason: 'no rate card fits', calls: 1 }] });
});

test('the card a customer is registered with alone counts; one that nobody gave is refused, with the nearest', async () => {
  const ledger = ledgerWith(costEvent({ cost: cost('10') }));
  await ledger.customers.put({ key: 'acme', name: 'Acme Corp', rateCard: 'pro', plan: 'gold' });
  const cards = [
    { name: 'standard', markup: '100' },
    { name: 'pro', when: { context: { plan: 'gold' } }, markup: '10' },
  ];
  const found = await invoice(ledger, november({ rateCards: cards }));
  expect(found).toMatchObject({ name: 'Acme Corp', total: '11.00' });
  expect(formatInvoice(found)).toContain(
    'Invoice preview: Acme Corp (acme), 2026-11-01 until 2026-12-01 (UTC)',
  );
  await expect(invoice(ledger, november({ rateCards: [{ name: 'pros', markup: '1' }] }))).rejects.toThrow(
    "the customer's rate card is 'pro', and there is none of that name. Did you mean 'pros'? Rate cards: pros.",
  );
  await expect(invoice(ledger, november({ rateCards: [] }))).rejects.toThrow('Rate cards: none.');
});

test('a ledger without a registry knows no name', async () => {
  const ledger = ledgerWith(charged('1'));
  const bare = { events: ledger.events.bind(ledger) };
  expect(await invoice(bare, november())).not.toHaveProperty('name');
});

test('a cost in two currencies, or one that is unknown, is no cost and no margin', async () => {
  for (const other of [cost('1', 'EUR'), cost(undefined)]) {
    const found = await invoice(
      ledgerWith(charged('1'), charged('1', { cost: other }), charged('1')),
      november(),
    );
    expect(found.total).toBe('3.00');
    expect(found).not.toHaveProperty('cost');
    expect(found).not.toHaveProperty('margin');
    expect(formatInvoice(found)).not.toContain('cost:');
  }
});

test('an invoice in another currency than the cost has a cost and no margin', async () => {
  const found = await invoice(ledgerWith(charged('1', { cost: cost('0.5', 'EUR') })), november());
  expect(found.cost).toBe('0.5');
  expect(formatInvoice(found)).toContain('cost: 0.5\n');
});

test('each line says its price, where it has one; estimates are told to us and not to the customer', async () => {
  const item = (meter: string, unitPrice: string, per: string) => ({
    meter,
    quantity: '1',
    unitPrice,
    per,
    amount: '1',
  });
  const event = charged('1', {
    usageSource: 'estimated',
    charge: {
      status: 'charged',
      currency: 'USD',
      amount: '5',
      rateCard: 'all',
      lineItems: [
        item('cost', '1', '1'),
        item('fixed', '1', '1'),
        item('minimum', '1', '1'),
        item('input', '1', '1000000'),
      ],
    },
  });
  const { responseModel: _, requestModel: __, ...bare } = event;
  const ledger = {
    async *events() {
      yield* [event, bare as CostEvent];
    },
  };
  const found = await invoice(ledger, november());
  expect(found.lines.map(({ description }) => description)).toEqual([
    'Usage of gpt-4o-2024-08-06',
    'Fee per call',
    'Up to the minimum',
    'Input',
    'Usage of chat',
  ]);
  const text = formatInvoice(found, 100);
  expect(text).toContain('1 / 1000000');
  expect(text).toContain('estimated: 2 charged calls whose provider sent no usage.');
  expect(invoiceToHtml(found)).not.toContain('estimated');
});
