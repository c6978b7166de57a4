import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { sumDecimals } from '../../../src/base/decimal.ts';
import {
  callsOf,
  costBy,
  costOf,
  featureOf,
  isEstimated,
  isUnattributed,
  isUnpriced,
  NOVEMBER,
  OCTOBER,
  SAME_DAYS,
} from './figures.ts';
import { served } from './served.ts';

const { look } = served('overview');

test('the first screen says what the month and the one before cost, to the last digit', async () => {
  const screen = await look();
  const [calls, month] = [callsOf(NOVEMBER), costOf(NOVEMBER)];
  expect((await screen.values('Spend this month')).slice(0, 2)).toEqual([month, calls]);
  expect(await screen.values('Spend in October 2026')).toEqual([costOf(OCTOBER), costOf(SAME_DAYS)]);
  await screen.close();
});

test('the change is the month so far beside the same days of the month before', async () => {
  const screen = await look();
  const [, , change] = await screen.values('Spend this month');
  expect(Number(change)).toBeCloseTo(Number(costOf(NOVEMBER)) / Number(costOf(SAME_DAYS)) - 1, 3);
  await screen.close();
});

test('the forecast lies in its range, and above what is spent', async () => {
  const screen = await look();
  const [expected = '', low = '', high = ''] = await screen.values('Forecast for November 2026');
  expect(Number(low)).toBeGreaterThanOrEqual(Number(costOf(NOVEMBER)));
  expect([low, expected, high].map(Number)).toEqual([low, expected, high].map(Number).sort((a, b) => a - b));
  await screen.close();
});

test('what is unattributed, unpriced and estimated is as large as the rest', async () => {
  const screen = await look();
  expect(await screen.values('Unattributed')).toEqual([costOf(NOVEMBER.filter(isUnattributed))]);
  expect(await screen.values('Unpriced')).toEqual([callsOf(NOVEMBER.filter(isUnpriced))]);
  expect(await screen.values('Estimated')).toEqual([costOf(NOVEMBER.filter(isEstimated))]);
  const sizes = await screen.page
    .locator('.figure')
    .evaluateAll((all) => all.map((each) => getComputedStyle(each).fontSize));
  expect(sizes).toHaveLength(6);
  expect(new Set(sizes).size).toBe(1);
  await screen.close();
});

test('the top customers and what nobody was named for add up to the month', async () => {
  const screen = await look();
  const costs = costBy(NOVEMBER, ({ customer }) => customer);
  const rows = screen.page.getByRole('region', { name: 'Top customers: table' }).locator('tbody tr');
  const shown = await rows.evaluateAll((all) =>
    all.map((row): [string, string] => [
      row.querySelector('th')?.textContent ?? '',
      row.querySelector('td:last-child data')?.getAttribute('value') ?? '',
    ]),
  );
  expect(sumDecimals(shown.map(([, amount]) => amount))).toBe(costOf(NOVEMBER));
  const named = shown.filter(([name]) => costs.has(name));
  expect(named).toHaveLength(8);
  expect(named).toEqual(named.map(([name]) => [name, costs.get(name)]));
  expect(shown.find(([name]) => name === 'Unattributed')?.[1]).toBe(costs.get(null));
  expect(await rows.locator('svg.spark').count()).toBe(shown.length);
  await screen.close();
});

test.each([
  ['Model', 'model', ({ responseModel, requestModel }) => responseModel ?? requestModel],
  ['Feature', 'context.feature', featureOf],
] as const satisfies readonly (readonly [string, string, Parameters<typeof costBy>[1]])[])(
  'one switch stacks the spend by %s, and stays in the address',
  async (name, by, valueOf) => {
    const screen = await look();
    await screen.page.getByRole('navigation', { name: 'Stacked by' }).getByRole('link', { name }).click();
    await screen.settled();
    expect(new URL(screen.page.url()).hash).toContain(`by=${by}`);
    await screen.page.reload();
    await screen.settled();
    const costs = costBy(NOVEMBER, valueOf);
    const legend = await screen.page
      .locator('.chart > .legend li')
      .evaluateAll((all) =>
        all.map((item): [string, string | undefined] => [
          item.querySelector('.name')?.textContent ?? '',
          item.querySelector('data')?.getAttribute('value') ?? undefined,
        ]),
      );
    const priced = legend.filter(([, amount]) => amount !== undefined);
    expect(priced).toEqual(priced.map(([value]) => [value, costs.get(value)]));
    expect(sumDecimals(priced.map(([, amount = '0']) => amount))).toBe(costOf(NOVEMBER));
    await screen.close();
  },
);

test('the figures below the chart are the spend of each day', async () => {
  const screen = await look();
  await screen.page.getByText('Figures per day').click();
  const table = screen.page.getByRole('region', { name: 'Spend per day: table' });
  const days = await table
    .locator('tbody tr td:nth-child(3) data')
    .evaluateAll((all) => all.map((each) => each.getAttribute('value')));
  const costs = costBy(NOVEMBER, ({ timestamp }) => timestamp.toISOString().slice(0, 10));
  expect(days).toEqual(
    Array.from(
      { length: 24 },
      (_, index) => costs.get(`2026-11-${String(index + 1).padStart(2, '0')}`) ?? '0',
    ),
  );
  await screen.close();
});

test('a number leads to the events it is the sum of', async () => {
  const screen = await look();
  await screen.page.getByRole('region', { name: 'Unattributed' }).locator('.figure a').click();
  await screen.settled();
  await expect
    .poll(
      () =>
        screen.page
          .locator('[data-part=sum] data')
          .evaluateAll((all) => all.map((each) => each.getAttribute('value'))),
      { timeout: 30_000 },
    )
    .toEqual([callsOf(NOVEMBER.filter(isUnattributed)), costOf(NOVEMBER.filter(isUnattributed))]);
  await screen.close();
});

test('another month is chosen, and stays in the address', async () => {
  const screen = await look();
  await screen.page.getByRole('combobox', { name: 'Month' }).selectOption('October 2026');
  await screen.page.getByRole('region', { name: 'Spend in September 2026' }).waitFor();
  expect(new URL(screen.page.url()).hash).toBe('#/?month=2026-10');
  expect((await screen.values('Spend in October 2026'))[0]).toBe(costOf(OCTOBER));
  await screen.close();
});

test('the tables download as CSV, with every digit', async () => {
  const screen = await look();
  const lines = parse<Record<string, string>>(await screen.download('customers'), { columns: true });
  const amount = Object.keys(lines[0] ?? {}).find((name) => /^(?:cost|amount)$/.test(name)) ?? '';
  expect(sumDecimals(lines.map((line) => line[amount] || '0'))).toBe(costOf(NOVEMBER));
  expect(await screen.download('spend per day by customer')).toContain('2026-11-24');
  await screen.close();
});

test('time zone, currency and rounding are said', async () => {
  const screen = await look();
  const foot = await screen.page.locator('footer').textContent();
  expect(foot).toContain('in UTC');
  expect(foot).toContain('half to even');
  expect(await screen.page.getByRole('columnheader', { name: 'Cost, USD' }).count()).toBeGreaterThan(0);
  await screen.close();
});
