import { expect, test } from 'vitest';
import { formatDecimal, exact, subtract, sumDecimals } from '../../../src/base/decimal.ts';
import { callsOf, costBy, costOf, EVENTS, featureOf, NOVEMBER } from './figures.ts';
import { served } from './served.ts';

const { look } = served('screens');
const ACME = NOVEMBER.filter(({ customer }) => customer === 'acme_corp');
const GPT_4O = NOVEMBER.filter(({ responseModel }) => responseModel === 'gpt-4o-2024-08-06');

test('all customers are listed, and found by key or name', async () => {
  const screen = await look('#/customers');
  const rows = screen.page.getByRole('region', { name: 'Customers: table' }).locator('tbody tr');
  await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(12);
  await screen.page.getByRole('searchbox').fill('umbr');
  await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(1);
  expect(await rows.textContent()).toContain('Umbrella Health');
  expect(new URL(screen.page.url()).hash).toBe('#/customers?search=umbr');
  await screen.close();
});

test('a customer: cost, models, features and days, to the last digit', async () => {
  const screen = await look('#/customer/acme_corp');
  expect(await screen.page.getByRole('heading', { level: 1 }).textContent()).toBe('Acme Corporation');
  expect((await screen.values('Cost'))[0]).toBe(costOf(ACME));
  expect((await screen.values('Calls'))[0]).toBe(callsOf(ACME));
  const features = await screen.page
    .getByRole('region', { name: 'Features: table' })
    .locator('tbody tr')
    .evaluateAll((all) =>
      all.map((row): [string, string] => [
        row.querySelector('th')?.textContent ?? '',
        row.querySelector('td:last-child data')?.getAttribute('value') ?? '',
      ]),
    );
  expect(new Map(features)).toEqual(costBy(ACME, featureOf));
  await screen.close();
});

test('a customer: charge and margin beside the cost', async () => {
  const screen = await look('#/customer/acme_corp');
  const charge = sumDecimals(ACME.flatMap((event) => event.charge?.amount ?? []));
  await screen.page.getByRole('region', { name: 'Margin', exact: true }).waitFor();
  expect(await screen.values('Charge')).toEqual([charge]);
  const [margin] = await screen.values('Margin');
  expect(margin).toBe(formatDecimal(subtract(exact(charge), exact(costOf(ACME)))));
  await screen.close();
});

test('a customer: the budget burns down to what is left of it', async () => {
  const screen = await look('#/customer/acme_corp');
  const card = screen.page.getByRole('region', { name: 'Budget per-customer: customer acme_corp' });
  await card.getByText('Figures').click();
  const [spent, left] = await card
    .locator('tbody tr')
    .last()
    .locator('data')
    .evaluateAll((all) => all.map((each) => each.getAttribute('value') ?? ''));
  expect(spent).toBe(costOf(ACME));
  expect(left).toBe(formatDecimal(subtract(exact('20'), exact(costOf(ACME)))));
  await screen.close();
});

test('every model, by what it cost', async () => {
  const screen = await look('#/models');
  const rows = await screen.page
    .getByRole('region', { name: 'Models: table' })
    .locator('tbody tr')
    .evaluateAll((all) =>
      all.map((row): [string, string | undefined] => [
        row.querySelector('th')?.textContent ?? '',
        row.querySelector('td:last-child data')?.getAttribute('value') ?? undefined,
      ]),
    );
  const costs = costBy(NOVEMBER, ({ responseModel, requestModel }) => responseModel ?? requestModel);
  const priced = rows.filter(([, amount]) => amount !== undefined);
  expect(priced).toEqual(priced.map(([model]) => [model, costs.get(model)]));
  expect(new Set(rows.map(([model]) => model))).toEqual(new Set(costs.keys()));
  expect(rows.find(([model]) => model === 'acme/tuned-13b')?.[1]).toBeUndefined();
  await screen.close();
});

test('a model: the price in force, where and when it was read, what caching saved', async () => {
  const screen = await look('#/model/gpt-4o-2024-08-06');
  expect((await screen.values('Cost'))[0]).toBe(costOf(GPT_4O));
  const price = screen.page.getByRole('region', { name: 'Price in force', exact: true });
  const text = (await price.textContent()) ?? '';
  expect(text).toContain('openai/gpt-4o');
  expect(text).toMatch(/Read 2026-\d\d-\d\d/);
  // Input is 2.50 and cached input 1.25 per million: each cached token saved half of its price.
  const cached = GPT_4O.reduce((sum, { usage }) => sum + (usage.cacheReadTokens ?? 0), 0);
  const saved = sumDecimals([formatDecimal({ digits: BigInt(cached) * 125n, scale: 8 })]);
  await screen.page.getByRole('region', { name: 'Saved' }).waitFor();
  expect((await screen.values('Saved'))[0]).toBe(saved);
  await screen.close();
});

test('a model without a price says what to do', async () => {
  const screen = await look('#/models');
  await screen.page.getByRole('link', { name: 'acme/tuned-13b' }).click();
  const price = screen.page.getByRole('region', { name: 'Price in force', exact: true });
  await price.waitFor();
  expect(await price.textContent()).toContain('costspan reprice');
  await screen.close();
});

test('budgets: each as far as it is used, the exceeded one marked', async () => {
  const screen = await look('#/budgets');
  const rows = screen.page.getByRole('region', { name: 'Budgets: table' }).locator('tbody tr');
  const company = rows.filter({ hasText: 'company' });
  const values = await company
    .locator('data')
    .evaluateAll((all) => all.map((each) => each.getAttribute('value')));
  expect(values.slice(1, 3)).toEqual([costOf(NOVEMBER), '90']);
  expect(await rows.filter({ hasText: 'initech-trial' }).locator('.tag.bad').count()).toBe(1);
  await company.getByRole('link', { name: 'company' }).click();
  await screen.page.getByRole('heading', { level: 1, name: 'Budget company' }).waitFor();
  await screen.settled();
  expect(await screen.download('budget company')).toContain(costOf(NOVEMBER));
  await screen.close();
});

test('delivery: what waits, and what was refused for good', async () => {
  const screen = await look('#/delivery');
  const waiting = screen.page.getByRole('region', { name: 'Waiting in the ledger: table' });
  const [pending, dead] = await waiting
    .locator('tbody data')
    .evaluateAll((all) => all.map((each) => each.getAttribute('value')));
  // Nine rounds of 500 were taken, two of them refused.
  expect([pending, dead]).toEqual([String(EVENTS.length - 4_500), '2']);
  const refused = screen.page.getByRole('region', { name: 'Refused for good: table' });
  expect(await refused.locator('tbody tr').count()).toBe(2);
  expect(await refused.textContent()).toContain('customer: unknown key');
  await screen.close();
});
