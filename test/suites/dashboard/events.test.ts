import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { sumDecimals } from '../../../src/base/decimal.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { callsOf, costOf, EVENTS, isEstimated, isUnpriced } from './figures.ts';
import type { LookedAt } from './looked-at.ts';
import { lateEvent } from './seed.ts';
import { served } from './served.ts';

const { look, path } = served('events');
const LATEST = EVENTS.toSorted((a, b) => b.timestamp.getTime() - a.timestamp.getTime());

const rowsOf = ({ page }: LookedAt) =>
  page.getByRole('region', { name: 'Events: table' }).locator('tbody tr');
const sumsOf = ({ page }: LookedAt): Promise<(string | null)[]> =>
  page.locator('[data-part=sum] data').evaluateAll((all) => all.map((each) => each.getAttribute('value')));

test('filters are a form, an address, and the exact sum of what they find', async () => {
  const found = EVENTS.filter(
    ({ customer, context, status }) =>
      customer === 'globex' && context.feature === 'letter' && status === 'aborted',
  );
  const screen = await look('#/events');
  await screen.page.getByLabel('Customer').fill('globex');
  await screen.page.getByLabel('Feature').fill('letter');
  await screen.page.getByLabel('Status').selectOption('aborted');
  await screen.page.getByRole('button', { name: 'Apply' }).click();
  await expect.poll(() => sumsOf(screen), { timeout: 30_000 }).toEqual([callsOf(found), costOf(found)]);
  await screen.settled();
  expect(await rowsOf(screen).count()).toBe(found.length);
  const { hash } = new URL(screen.page.url());
  expect(hash).toBe('#/events?customer=globex&context.feature=letter&status=aborted');
  await screen.close();

  const again = await look(hash);
  await expect.poll(() => sumsOf(again), { timeout: 30_000 }).toEqual([callsOf(found), costOf(found)]);
  expect(await again.page.getByLabel('Feature').inputValue()).toBe('letter');
  await again.page.getByRole('link', { name: 'Clear' }).click();
  await expect.poll(() => sumsOf(again), { timeout: 30_000 }).toEqual([callsOf(EVENTS), costOf(EVENTS)]);
  await again.close();
});

test('a filter without a field of its own is shown, and taken away again', async () => {
  const found = EVENTS.filter(isEstimated);
  const screen = await look('#/events?is.usage_source=estimated');
  await expect.poll(() => sumsOf(screen), { timeout: 30_000 }).toEqual([callsOf(found), costOf(found)]);
  await screen.page.getByRole('link', { name: 'Remove the filter is.usage_source estimated' }).click();
  await expect.poll(() => sumsOf(screen), { timeout: 30_000 }).toEqual([callsOf(EVENTS), costOf(EVENTS)]);
  await screen.close();
});

test('pages follow each other without a gap', async () => {
  const screen = await look('#/events');
  const shown = (): Promise<(string | null)[]> =>
    rowsOf(screen)
      .locator('time')
      .evaluateAll((all) => all.map((each) => each.getAttribute('datetime')));
  const times = LATEST.map(({ timestamp }) => timestamp.toISOString());
  expect(await shown()).toEqual(times.slice(0, 50));
  await screen.page.getByRole('link', { name: 'Older' }).click();
  await expect.poll(shown, { timeout: 30_000 }).toEqual(times.slice(50, 100));
  await screen.page.goBack();
  await expect.poll(shown, { timeout: 30_000 }).toEqual(times.slice(0, 50));
  await screen.close();
});

test('a filter that nobody reads is refused in words', async () => {
  const screen = await look('');
  screen.isRefusalExpected = true;
  await screen.go('#/events?custmer=acme');
  expect(await screen.page.getByRole('alert').first().textContent()).toContain("'customer'");
  await screen.close();
});

test('an event explains its amount down to the price row and where that was read', async () => {
  const event = LATEST.find(
    ({ usage, provider }) => usage.cacheReadTokens !== undefined && provider === 'openai',
  )!;
  const screen = await look(`#/events?id=${event.id}`);
  await rowsOf(screen)
    .getByRole('link', { name: /Explain/ })
    .click();
  const drawer = screen.page.getByRole('dialog', { name: 'What this call cost' });
  await drawer.locator('table').waitFor();
  const text = (await drawer.textContent()) ?? '';
  expect(text).toContain(event.cost.amount);
  for (const { quantity, unitPrice, per, amount } of event.cost.lineItems) {
    expect(text).toContain(`${quantity} × ${unitPrice} ÷ ${per}`);
    expect(text).toContain(amount);
  }
  expect(text).toContain('to the last digit');
  expect(text).toContain(event.cost.price?.id);
  expect(text).toContain(event.cost.price?.list);
  expect(text).toMatch(/Read 2026-\d\d-\d\d.*openai\.com/);
  const lines = parse<Record<string, string>>(await screen.download('line items'), { columns: true });
  const amounts = lines.map((line) => line['Amount, USD'] ?? '');
  expect(sumDecimals(amounts)).toBe(event.cost.amount);
  await screen.close();
});

test('an unpriced event says what is missing', async () => {
  const event = LATEST.find(isUnpriced)!;
  const screen = await look(`#/events?event=${event.id}`);
  const drawer = screen.page.getByRole('dialog');
  await drawer.getByText('Unpriced', { exact: true }).waitFor();
  expect(await drawer.textContent()).toContain(event.cost.reason);
  await screen.close();
});

test('the events download as CSV, all of them', async () => {
  const found = EVENTS.filter(({ customer }) => customer === '=cmd');
  const screen = await look('#/events?customer=%3Dcmd');
  const lines = parse<Record<string, string>>(await screen.download('events'), { columns: true });
  expect(lines).toHaveLength(found.length);
  // A spreadsheet would run it: it stands behind an apostrophe.
  expect(lines[0]?.customer).toBe("'=cmd");
  await screen.close();
});

test('the live tail shows an event that another process writes meanwhile', async () => {
  const screen = await look('#/events');
  await screen.page.getByRole('button', { name: 'Live tail' }).click();
  await screen.page.getByRole('heading', { name: 'Events, as they come' }).waitFor();
  expect(new URL(screen.page.url()).hash).toContain('live=1');
  await screen.settled();
  const application = new SqliteLedger({ path: path() });
  const id = '019ab000-0000-7000-8000-00000000feed';
  await application.write([lateEvent(id)]);
  await application.flush();
  await screen.page.locator(`a[href*="${id}"]`).first().waitFor();
  await expect
    .poll(() => sumsOf(screen), { timeout: 30_000 })
    .toEqual([String(EVENTS.length + 1), costOf([...EVENTS, lateEvent(id)])]);
  await application.shutdown();
  await screen.close();
});
